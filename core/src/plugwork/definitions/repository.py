"""Repositories: collections with a name, made by a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from plugwork.definitions.automation.schedule import ScheduleDefinition
from plugwork.definitions.automation.sensor import SensorDefinition
from plugwork.definitions.definitions import Definitions
from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.job import JobDefinition
from plugwork.definitions.names import check_name, copy_names
from plugwork.definitions.place import telling_where
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.definitions.executor import ExecutorDefinition
    from plugwork.definitions.logger import LoggerDefinition

#: What the function of a repository returns: definitions, or by kind and name what makes them.
Members = Iterable[Any] | Mapping[str, Mapping[str, Any]]
_KINDS = ("jobs", "schedules", "sensors")


class RepositoryDefinition(Definitions):
    """Jobs, schedules and sensors under one name; see :func:`repository`.

    :param definitions: jobs, graphs, schedules and sensors, in any order.
    :param default_executor_def: for every job that names none.
    :param default_logger_defs: for every job that has none.
    :raises InvalidDefinitionError: for a member of another kind.
    """

    def __init__(
        self,
        name: str,
        *,
        definitions: Iterable[Any],
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        default_executor_def: ExecutorDefinition | None = None,
        default_logger_defs: Mapping[str, LoggerDefinition] | None = None,
    ) -> None:
        self.name = check_name(name, "repository")
        self.description = description
        members = list(definitions)
        for one in members:
            if not isinstance(
                one, (JobDefinition, GraphDefinition, ScheduleDefinition, SensorDefinition)
            ):
                raise InvalidDefinitionError(
                    f"repository {name!r} holds {one!r}, which is no job, schedule or sensor"
                )
        super().__init__(
            jobs=[
                _job(one) for one in members if isinstance(one, (JobDefinition, GraphDefinition))
            ],
            schedules=[one for one in members if isinstance(one, ScheduleDefinition)],
            sensors=[one for one in members if isinstance(one, SensorDefinition)],
            executor=default_executor_def,
            loggers=default_logger_defs,
            metadata=metadata,
        )

    def get_all_jobs(self) -> Sequence[JobDefinition]:
        """Return all jobs, with the executor and loggers of the repository."""
        return self.resolve_all_job_defs()

    def has_job(self, name: str) -> bool:
        return name in self.job_names

    def get_job(self, name: str) -> JobDefinition:
        """Return a job, as :meth:`get_job_def` does."""
        return self.get_job_def(name)

    @property
    def schedule_defs(self) -> Sequence[ScheduleDefinition]:
        return self.schedules

    def has_schedule_def(self, name: str) -> bool:
        return any(one.name == name for one in self.schedules)

    @property
    def sensor_defs(self) -> Sequence[SensorDefinition]:
        return self.sensors

    def has_sensor_def(self, name: str) -> bool:
        return any(one.name == name for one in self.sensors)

    def __repr__(self) -> str:
        return f"<RepositoryDefinition {self.name}>"


def _job(one: JobDefinition | GraphDefinition) -> JobDefinition:
    return one.to_job() if isinstance(one, GraphDefinition) else one


Function = Callable[[], Members]


@overload
def repository(definitions_fn: Function) -> RepositoryDefinition: ...


@overload
def repository(
    definitions_fn: None = None,
    *,
    name: str | None = ...,
    description: str | None = ...,
    metadata: Mapping[str, Any] | None = ...,
    default_executor_def: ExecutorDefinition | None = ...,
    default_logger_defs: Mapping[str, LoggerDefinition] | None = ...,
) -> Callable[[Function], RepositoryDefinition]: ...


def repository(
    definitions_fn: Function | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    default_executor_def: ExecutorDefinition | None = None,
    default_logger_defs: Mapping[str, LoggerDefinition] | None = None,
) -> RepositoryDefinition | Callable[[Function], RepositoryDefinition]:
    """Make a repository of a function that returns its definitions; it runs once, now.

    The function returns a list, or ``{"jobs": {name: job}, "schedules": ..., "sensors": ...}``,
    where a function may stand for what it makes. In new code, write :class:`Definitions`.

    :param name: that of the function when not given.
    """

    def define(fn: Function) -> RepositoryDefinition:
        if not callable(fn):
            raise InvalidDefinitionError(
                f"@repository makes a repository of a function, got {fn!r}"
            )
        chosen = name or fn.__name__
        owner = f"repository {chosen!r}"
        with telling_where(owner, fn):
            made = RepositoryDefinition(
                chosen,
                definitions=_members(fn(), owner),
                description=description or fn.__doc__,
                metadata=metadata,
                default_executor_def=default_executor_def,
                default_logger_defs=default_logger_defs,
            )
        copy_names(made, fn)
        return made

    return define(definitions_fn) if definitions_fn is not None else define


def _members(returned: Any, owner: str) -> list[Any]:
    if isinstance(returned, Mapping):
        for kind, named in returned.items():
            if kind not in _KINDS or not isinstance(named, Mapping):
                raise InvalidDefinitionError(
                    f"{owner} returns a dictionary with {kind!r}; it holds dictionaries by name "
                    f"under {', '.join(_KINDS)}"
                )
        return [
            _made(one, name, owner) for named in returned.values() for name, one in named.items()
        ]
    if isinstance(returned, Iterable) and not isinstance(returned, str):
        return list(returned)
    raise InvalidDefinitionError(f"{owner} must return a list of definitions, got {returned!r}")


def _made(one: Any, name: str, owner: str) -> Any:
    definitions = (JobDefinition, GraphDefinition, ScheduleDefinition, SensorDefinition)
    made = one() if callable(one) and not isinstance(one, definitions) else one
    if getattr(made, "name", name) != name:
        raise InvalidDefinitionError(
            f"{owner} returns {made.name!r} under the name {name!r}; give both one name"
        )
    return made
