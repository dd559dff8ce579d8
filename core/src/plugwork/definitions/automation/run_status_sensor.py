"""Sensors that react to runs which come to a status."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from plugwork.definitions.automation.automation_definition import owner_of
from plugwork.definitions.automation.function import UserFunction, place_of
from plugwork.definitions.automation.results import SensorResult
from plugwork.definitions.automation.run_status_context import RunStatusSensorContext
from plugwork.definitions.automation.selectors import Monitored
from plugwork.definitions.automation.sensor import SensorDefinition
from plugwork.definitions.automation.status import DefaultSensorStatus
from plugwork.definitions.names import copy_names
from plugwork.definitions.place import caller
from plugwork.errors import (
    FrameworkError,
    InvalidDefinitionError,
    InvariantViolationError,
    RunStatusSensorExecutionError,
)
from plugwork.model.cursor import Cursor
from plugwork.model.enums import EventType, RunStatus
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.evaluations import RunReaction
from plugwork.model.state import TRANSITIONS

if TYPE_CHECKING:
    from plugwork.definitions.automation.sensor_context import SensorEvaluationContext
    from plugwork.model import EventLogRecord, Run

#: Events that one evaluation reads, and runs that it reacts to at most.
PAGE = 25
REACTIONS = 5
#: Status -> the event that brings a run to it.
_EVENTS = {
    status: event for event, (status, _) in TRANSITIONS.items() if event != EventType.RUN_RESUMED
}
_Decorated = Callable[[Callable[..., Any]], "RunStatusSensorDefinition"]


class RunStatusSensorDefinition(SensorDefinition):
    """Calls a function for each run that comes to a status. See :func:`run_status_sensor`.

    :param run_status_sensor_fn: gets a :class:`RunStatusSensorContext`, and resources.
    :param request_job: what its run requests are for; or ``request_jobs``.
    :raises InvalidDefinitionError: when anything of it is wrong, with its place.
    """

    error_class = RunStatusSensorExecutionError

    def __init__(
        self,
        name: str,
        run_status: RunStatus,
        run_status_sensor_fn: Callable[..., Any],
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        monitored_jobs: Sequence[Any] | None = None,
        monitor_all_code_locations: bool | None = None,
        default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
        request_job: Any = None,
        request_jobs: Sequence[Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        required_resource_keys: Collection[str] | None = None,
    ) -> None:
        super().__init__(
            name,
            evaluation_fn=run_status_sensor_fn,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            job=request_job,
            jobs=request_jobs,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )
        if run_status not in _EVENTS:
            known = ", ".join(_EVENTS)
            raise InvalidDefinitionError(
                f"{self.owner}: run_status must be a RunStatus that an event brings, got "
                f"{run_status!r} (known: {known})"
            )
        self.run_status = RunStatus(run_status)
        self.monitored = Monitored(monitored_jobs, bool(monitor_all_code_locations), self.owner)

    def _evaluate(self, context: SensorEvaluationContext, resources: Any) -> dict[str, Any]:
        """React to runs that have come to the status since the cursor, in their order.

        The first evaluation only sets the cursor. What the function raises is told with its run,
        and the next run has its turn.
        """
        event_type = _EVENTS[self.run_status]
        instance = context.instance
        if context.cursor is None:
            newest = instance.fetch_run_status_changes(event_type, 1).records
            start = newest[0].storage_id if newest else 0
            reason = f"{self.name} starts here: it reacts to what comes from now on"
            return {"cursor": _cursor(start), "skip_message": reason}
        page = instance.fetch_run_status_changes(event_type, PAGE, context.cursor, ascending=True)
        reactions: list[RunReaction] = []
        results: list[SensorResult] = []
        cursor = context.cursor
        for record in page.records:
            run = instance.get_run_by_id(record.run_id)
            if run is not None and self.monitored.holds(run, context.code_location_origin):
                if len(reactions) == REACTIONS:
                    break
                result, reaction = self._react(context, resources, run, record)
                results.append(result)
                reactions.append(reaction)
            cursor = _cursor(record.storage_id)
        return self._joined(results, reactions, cursor)

    def _react(
        self, context: SensorEvaluationContext, resources: Any, run: Run, record: EventLogRecord
    ) -> tuple[SensorResult, RunReaction]:
        event = record.event_log_entry.get_event()
        seen = self._context(
            RunStatusSensorContext(self.name, run, event, context.instance, context)
        )
        try:
            with seen.sharing(resources):
                result = self._one_result(self._called([seen], resources))
            self._refuse_cursor(result)
            result.run_requests = [self._finished(one) for one in result.run_requests]
        except FrameworkError as error:
            info = SerializableErrorInfo.from_exception(error)
            return SensorResult(), RunReaction(run.run_id, self.run_status, info)
        return result, RunReaction(run.run_id, self.run_status)

    def _context(self, context: RunStatusSensorContext) -> RunStatusSensorContext:
        return context

    def _refuse_cursor(self, result: SensorResult) -> None:
        if result.cursor is not None:
            raise InvariantViolationError(
                f"{self.owner} set a cursor, and the cursor of a run status sensor is its own"
            )

    def _joined(
        self, results: Sequence[SensorResult], reactions: Sequence[RunReaction], cursor: str
    ) -> dict[str, Any]:
        nothing = f"no run has become {self.run_status} since the evaluation before"
        return {
            "run_requests": [one for result in results for one in result.run_requests],
            "run_reactions": reactions,
            "skip_message": None if reactions else nothing,
            "cursor": cursor,
            "dynamic_partitions_requests": [
                one for result in results for one in result.dynamic_partitions_requests
            ],
            "asset_events": [one for result in results for one in result.asset_events],
        }


class RunFailureSensorDefinition(RunStatusSensorDefinition):
    """Calls a function for each run that fails. See :func:`run_failure_sensor`."""

    def _context(self, context: RunStatusSensorContext) -> RunStatusSensorContext:
        return context.for_run_failure()


def _cursor(storage_id: int) -> str:
    return Cursor("storage_id", storage_id).to_text()


def run_status_sensor(
    run_status: RunStatus,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    monitored_jobs: Sequence[Any] | None = None,
    job_selection: Sequence[Any] | None = None,
    monitor_all_code_locations: bool | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    request_job: Any = None,
    request_jobs: Sequence[Any] | None = None,
    monitor_all_repositories: bool | None = None,
    tags: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> _Decorated:
    """Make a sensor of a function that is called for each run which comes to a status.

    The function may take the context, a :class:`RunStatusSensorContext`, and resources. It returns
    nothing, or what the function of a :func:`sensor` returns, without a cursor. A run for which it
    raises is not tried again.

    :param name: the function's name when not given.
    :param monitored_jobs: jobs of the sensor's own code location, and :class:`JobSelector`,
        :class:`RepositorySelector`, :class:`CodeLocationSelector` for others; all jobs of its own
        location when not given. ``job_selection`` is its old name.
    :param monitor_all_code_locations: all runs of the instance. ``monitor_all_repositories`` is
        its old name.
    :param request_job: what its run requests are for; or ``request_jobs``.
    :raises InvalidDefinitionError: when anything of it is wrong, with its place.
    """
    if job_selection is not None and monitored_jobs is not None:
        raise InvalidDefinitionError(
            f"run status sensor ({caller()}): job_selection is the old name of monitored_jobs; "
            "keep one"
        )

    def define(fn: Callable[..., Any]) -> RunStatusSensorDefinition:
        return _defined(
            RunStatusSensorDefinition,
            fn,
            run_status=run_status,
            name=name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            monitored_jobs=monitored_jobs if job_selection is None else job_selection,
            monitor_all_code_locations=monitor_all_code_locations or monitor_all_repositories,
            default_status=default_status,
            request_job=request_job,
            request_jobs=request_jobs,
            tags=tags,
            metadata=metadata,
        )

    return define


def _defined(
    kind: type[RunStatusSensorDefinition], fn: Any, name: str | None, **arguments: Any
) -> RunStatusSensorDefinition:
    owner = owner_of("run status sensor", None, place_of(fn))
    UserFunction(fn, owner)
    arguments["description"] = arguments["description"] or fn.__doc__
    definition = kind(name or fn.__name__, run_status_sensor_fn=fn, **arguments)
    copy_names(definition, fn)
    return definition


@overload
def run_failure_sensor(name: Callable[..., Any]) -> RunStatusSensorDefinition: ...


@overload
def run_failure_sensor(
    name: str | None = ...,
    minimum_interval_seconds: int | None = ...,
    description: str | None = ...,
    monitored_jobs: Sequence[Any] | None = ...,
    job_selection: Sequence[Any] | None = ...,
    monitor_all_code_locations: bool | None = ...,
    default_status: DefaultSensorStatus = ...,
    request_job: Any = ...,
    request_jobs: Sequence[Any] | None = ...,
    monitor_all_repositories: bool | None = ...,
    tags: Mapping[str, Any] | None = ...,
    metadata: Mapping[str, Any] | None = ...,
) -> _Decorated: ...


def run_failure_sensor(
    name: str | Callable[..., Any] | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    monitored_jobs: Sequence[Any] | None = None,
    job_selection: Sequence[Any] | None = None,
    monitor_all_code_locations: bool | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    request_job: Any = None,
    request_jobs: Sequence[Any] | None = None,
    monitor_all_repositories: bool | None = None,
    tags: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> RunStatusSensorDefinition | _Decorated:
    """Make a sensor of a function that is called for each run which fails.

    As :func:`run_status_sensor`; the context is a :class:`RunFailureSensorContext`.
    """

    def define(fn: Callable[..., Any]) -> RunStatusSensorDefinition:
        return _defined(
            RunFailureSensorDefinition,
            fn,
            run_status=RunStatus.FAILURE,
            name=None if callable(name) else name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            monitored_jobs=monitored_jobs if job_selection is None else job_selection,
            monitor_all_code_locations=monitor_all_code_locations or monitor_all_repositories,
            default_status=default_status,
            request_job=request_job,
            request_jobs=request_jobs,
            tags=tags,
            metadata=metadata,
        )

    return define(name) if callable(name) else define
