"""The collection of what one code location offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.config.walk import closest
from plugwork.definitions.executor import ExecutorDefinition
from plugwork.definitions.job import JobDefinition
from plugwork.errors import InvalidDefinitionError, JobNotFoundError

if TYPE_CHECKING:
    from plugwork.abc import Executor
    from plugwork.definitions.automation.automation_definition import AutomationDefinition
    from plugwork.definitions.automation.collection import Automations
    from plugwork.definitions.automation.schedule import ScheduleDefinition
    from plugwork.definitions.automation.sensor import SensorDefinition
    from plugwork.definitions.logger import LoggerDefinition

#: Parameters of kinds of definitions that this release does not have.
_ABSENT = ("assets", "asset_checks")


class Definitions:
    """What a module offers; one for each module, at its top level.

    :param schedules: their target jobs need not be among the jobs.
    :param sensors: their target jobs need not be among the jobs.
    :param jobs: their own resources, executor and loggers win over those given here.
    :param resources: for every job, schedule and sensor.
    :param executor: for every job that names none.
    :param loggers: for every job that has none.
    :param metadata: facts about the collection, shown with it.
    """

    def __init__(
        self,
        assets: Iterable[Any] | None = None,
        schedules: Iterable[Any] | None = None,
        sensors: Iterable[Any] | None = None,
        jobs: Iterable[JobDefinition] | None = None,
        resources: Mapping[str, Any] | None = None,
        executor: ExecutorDefinition | Executor | None = None,
        loggers: Mapping[str, LoggerDefinition] | None = None,
        asset_checks: Iterable[Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        given = (assets, asset_checks)
        for name, members in zip(_ABSENT, given, strict=True):
            if members is not None and list(members):
                raise InvalidDefinitionError(
                    f"Definitions({name}=...): this release of plugwork has no {name} yet; "
                    "remove them, and run their code as ops of a job"
                )
        self.jobs = list(jobs or ())
        for one in self.jobs:
            if not isinstance(one, JobDefinition):
                raise InvalidDefinitionError(
                    f"Definitions(jobs=...) holds {one!r}, which is no job; make one of a graph "
                    "with to_job()"
                )
        self.resources = dict(resources or {})
        self.executor = _executor(executor)
        self.loggers = dict(loggers or {})
        self.metadata = dict(metadata or {})
        self._automations = _automations(list(schedules or ()), list(sensors or ()))
        self._bound: dict[str, JobDefinition] = {}
        self._by_name: dict[str, JobDefinition] | None = None

    @property
    def schedules(self) -> Sequence[ScheduleDefinition]:
        return self._automations.schedules if self._automations else ()

    @property
    def sensors(self) -> Sequence[SensorDefinition]:
        """The sensors of every kind."""
        return self._automations.sensors if self._automations else ()

    @property
    def job_names(self) -> list[str]:
        """The names of the jobs, in the order in which they were given.

        :raises InvalidDefinitionError: when two jobs have one name.
        """
        return list(self._named())

    def get_job_def(self, name: str) -> JobDefinition:
        """Return a job with the resources, executor and loggers of the collection.

        :raises JobNotFoundError: when there is none of this name.
        :raises InvalidDefinitionError: when two jobs have one name.
        """
        named = self._named()
        if name not in named:
            raise JobNotFoundError(_no_such_job(name, list(named)))
        if name not in self._bound:
            self._bound[name] = named[name].with_defaults(
                self.resources, self.executor, self.loggers
            )
        return self._bound[name]

    def holds(self, job: JobDefinition) -> bool:
        """Tell whether this very job is in the collection, by itself or as a target."""
        return any(one is job for one in self._all_jobs())

    def resolve_all_job_defs(self) -> list[JobDefinition]:
        """Return all jobs, as :meth:`get_job_def` does."""
        return [self.get_job_def(name) for name in self._named()]

    def get_schedule_def(self, name: str) -> ScheduleDefinition:
        """Return a schedule, with the resources of the collection.

        :raises AutomationNotFoundError: when there is none of this name.
        :raises InvalidDefinitionError: when two have one name.
        """
        from plugwork.definitions.automation.schedule import ScheduleDefinition

        return self._automated.get(ScheduleDefinition, name, self.resources)

    def get_sensor_def(self, name: str) -> SensorDefinition:
        """Return a sensor of any kind, with the resources of the collection.

        :raises AutomationNotFoundError: when there is none of this name.
        :raises InvalidDefinitionError: when two have one name.
        """
        from plugwork.definitions.automation.sensor import SensorDefinition

        return self._automated.get(SensorDefinition, name, self.resources)

    def check_automation(self, definition: AutomationDefinition) -> None:
        """Check one of the schedules and sensors: its name, targets and resources.

        :raises InvalidDefinitionError: telling what is wrong, with its place.
        """
        self._automated.check(definition, self.job_names, self.resources)

    @property
    def _automated(self) -> Automations:
        from plugwork.definitions.automation.collection import Automations

        return self._automations or Automations([], [])

    @staticmethod
    def validate_loadable(defs: Definitions) -> None:
        """Check what is otherwise checked when a job is used.

        :raises InvalidDefinitionError: for two things of one name, for a missing resource, and
            for a target of a schedule or sensor that is not there.
        :raises InvariantViolationError: for resources that require each other in a circle.
        """
        for job in defs.resolve_all_job_defs():
            job.check_resources()
            _ = job.run_config_schema
        for each in (*defs.schedules, *defs.sensors):
            defs.check_automation(each)

    @staticmethod
    def merge(*def_sets: Definitions) -> Definitions:
        """Join collections.

        :raises InvalidDefinitionError: when two bring different things under one name.
        """
        executors = {id(one.executor): one.executor for one in def_sets if one.executor}
        if len(executors) > 1:
            raise InvalidDefinitionError("Definitions.merge: two collections bring an executor")
        return Definitions(
            schedules=[each for one in def_sets for each in one.schedules],
            sensors=[each for one in def_sets for each in one.sensors],
            jobs=[job for one in def_sets for job in one.jobs],
            resources=_merged("resource", [one.resources for one in def_sets]),
            executor=next(iter(executors.values()), None),
            loggers=_merged("logger", [one.loggers for one in def_sets]),
            metadata=_merged("metadata key", [one.metadata for one in def_sets]),
        )

    def _all_jobs(self) -> Iterator[JobDefinition]:
        yield from self.jobs
        if self._automations is not None:
            yield from self._automations.target_jobs()

    def _named(self) -> dict[str, JobDefinition]:
        if self._by_name is None:
            found: dict[str, JobDefinition] = {}
            for job in self._all_jobs():
                other = found.setdefault(job.name, job)
                if other is not job:
                    raise InvalidDefinitionError(
                        f"two jobs have the name {job.name!r} ({other.place} and {job.place})"
                    )
            self._by_name = found
        return self._by_name


def _automations(schedules: list[Any], sensors: list[Any]) -> Automations | None:
    if not schedules and not sensors:
        return None
    from plugwork.definitions.automation.collection import Automations

    return Automations(schedules, sensors)


def _executor(executor: ExecutorDefinition | Executor | None) -> ExecutorDefinition | None:
    if executor is None or isinstance(executor, ExecutorDefinition):
        return executor
    if hasattr(executor, "execute"):
        return ExecutorDefinition.hardcoded_executor(executor)
    raise InvalidDefinitionError(
        f"Definitions(executor=...) must be an executor definition, got {executor!r}"
    )


def _merged(what: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if merged.setdefault(key, value) is not value:
                raise InvalidDefinitionError(
                    f"Definitions.merge: two collections bring the {what} {key!r}"
                )
    return merged


def _no_such_job(name: str, known: list[str]) -> str:
    if not known:
        return f"there is no job {name!r}: the definitions have no jobs"
    close = closest(name, known)
    better = f"; did you mean {close!r}?" if close else ""
    return f"there is no job {name!r}{better} (jobs: {', '.join(sorted(known))})"
