"""Sensors: what asks for runs when it finds that something has happened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.definitions.automation.automation_definition import AutomationDefinition, owner_of
from plugwork.definitions.automation.function import UserFunction, place_of
from plugwork.definitions.automation.gathering import gathered
from plugwork.definitions.automation.results import SensorResult, SkipReason
from plugwork.definitions.automation.status import DefaultSensorStatus, checked_status
from plugwork.definitions.automation.targets import Targets
from plugwork.definitions.names import copy_names
from plugwork.definitions.place import caller
from plugwork.errors import (
    EvaluationError,
    InvalidDefinitionError,
    InvariantViolationError,
    SensorExecutionError,
)

if TYPE_CHECKING:
    from plugwork.definitions.automation.sensor_context import SensorEvaluationContext
    from plugwork.model import SensorExecutionData

DEFAULT_INTERVAL = 30
_EMPTY = "the sensor's function returned nothing; return a SkipReason to say why"


class SensorDefinition(AutomationDefinition):
    """Asks for runs when its function says so. See :func:`sensor`.

    :param evaluation_fn: gets the context, and returns or yields what :func:`sensor` tells.
    :param name: the function's name when not given.
    :raises InvalidDefinitionError: when anything of it is wrong, with its place.
    """

    what = "sensor"
    error_class: type[EvaluationError] = SensorExecutionError
    #: What the function's parameters may be.
    _takes: tuple[str, ...] = ("context",)

    def __init__(
        self,
        name: str | None = None,
        *,
        evaluation_fn: Callable[..., Any] | None = None,
        job_name: str | None = None,
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        job: Any = None,
        jobs: Sequence[Any] | None = None,
        default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
        asset_selection: Any = None,
        required_resource_keys: Collection[str] | None = None,
        tags: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        target: Any = None,
        owners: Sequence[str] | None = None,
    ) -> None:
        place = place_of(evaluation_fn)
        name = name or getattr(evaluation_fn, "__name__", None)
        owner = owner_of(self.what, name, place)
        if evaluation_fn is None or name is None:
            missing = "evaluation_fn" if evaluation_fn is None else "name"
            raise InvalidDefinitionError(f"{owner} needs {missing}")
        targets = Targets(
            owner,
            job_name=job_name,
            job=job,
            jobs=jobs,
            target=target,
            asset_selection=asset_selection,
        )
        super().__init__(
            name,
            owner,
            targets,
            UserFunction(evaluation_fn, owner, self._takes),
            tags=tags,
            metadata=metadata,
            description=description,
            required_resource_keys=required_resource_keys,
            owners=owners,
        )
        self.minimum_interval_seconds = _interval(minimum_interval_seconds, owner)
        self.default_status = checked_status(default_status, DefaultSensorStatus, owner)

    def evaluate_tick(self, context: SensorEvaluationContext) -> SensorExecutionData:
        """Evaluate the sensor here: call the user's function, and check what it returns.

        Nothing is started and nothing is stored, but for the lines of ``context.log`` where the
        context has a ``log_key``.

        :returns: with the cursor for the next evaluation: the context's, where none was set.
        :raises SensorExecutionError: when user code raised.
        :raises InvariantViolationError: when what it returned breaks a rule.
        """
        with context.opened(self.owner, self.required_resource_keys, self.resource_defs) as opened:
            try:
                found = self._evaluate(context, opened)
            finally:
                log_key = context.keep_log()
        from plugwork.model.evaluations import SensorExecutionData

        found["log_key"] = log_key
        return SensorExecutionData(**found)

    def _evaluate(self, context: SensorEvaluationContext, resources: Any) -> dict[str, Any]:
        """Return the fields of :class:`SensorExecutionData`."""
        return self._told(context, self._called([context], resources))

    def _called(self, given: Sequence[Any], resources: Any) -> list[Any]:
        """Return what the user's function gives."""
        function = self._user_function
        arguments = function.arguments(given, resources)
        return gathered(lambda: function.fn(**arguments), self.error_class, self.owner)

    @property
    def _user_function(self) -> UserFunction:
        if self._function is None:
            raise InvariantViolationError(f"{self.owner} has no function")
        return self._function

    def _told(self, context: SensorEvaluationContext, results: list[Any]) -> dict[str, Any]:
        result = self._one_result(results)
        if result.cursor is not None and context.cursor_updated:
            raise InvariantViolationError(
                f"{self.owner} called context.update_cursor() and set SensorResult.cursor; do one "
                "of the two"
            )
        skip = result.skip_reason or (None if result.run_requests else SkipReason(_EMPTY))
        return {
            "run_requests": [self._finished(one) for one in result.run_requests],
            "skip_message": skip.skip_message if skip is not None else None,
            "cursor": result.cursor if result.cursor is not None else context.cursor,
            "dynamic_partitions_requests": result.dynamic_partitions_requests,
            "asset_events": result.asset_events,
        }

    def _one_result(self, results: list[Any]) -> SensorResult:
        """Return all that was told, in one.

        :raises InvariantViolationError: for what does not go together, or is nothing known.
        """
        from plugwork.model.automation import RunRequest

        requests = [one for one in results if isinstance(one, RunRequest)]
        skips = [one for one in results if isinstance(one, SkipReason)]
        others = [one for one in results if not isinstance(one, (RunRequest, SkipReason))]
        for one in others:
            if not isinstance(one, SensorResult):
                raise InvariantViolationError(
                    f"{self.owner} returned {one!r}; it returns or yields RunRequest, SkipReason, "
                    "or one SensorResult"
                )
        if others and len(results) > 1:
            raise InvariantViolationError(
                f"{self.owner} gave a SensorResult and something else; a SensorResult is the only "
                "thing that an evaluation gives"
            )
        if skips and len(results) > 1:
            raise InvariantViolationError(
                f"{self.owner} gave a SkipReason and something else; it gives run requests, or one "
                "SkipReason"
            )
        return others[0] if others else SensorResult(requests, skips[0] if skips else None)


def _interval(seconds: Any, owner: str) -> int:
    if seconds is None:
        return DEFAULT_INTERVAL
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0:
        raise InvalidDefinitionError(
            f"{owner}: minimum_interval_seconds must be a whole number from 0 on, got {seconds!r}"
        )
    return seconds


def sensor(
    job_name: str | None = None,
    *,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    job: Any = None,
    jobs: Sequence[Any] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    asset_selection: Any = None,
    required_resource_keys: Collection[str] | None = None,
    tags: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    target: Any = None,
    owners: Sequence[str] | None = None,
) -> Callable[[Callable[..., Any]], SensorDefinition]:
    """Make a sensor of a function that says what to run, if anything.

    The function may take the context, a :class:`SensorEvaluationContext`, and resources, which
    are annotated as such. It returns, or yields, one :class:`RunRequest` or several, a
    :class:`SkipReason`, or one :class:`SensorResult`. Nothing at all skips.

    :param job_name: the target, a job in the same collection; or ``job``, ``jobs`` or ``target``:
        a job, or a list of jobs, of which a run request names one. A sensor that asks for no runs
        needs no target.
    :param name: the function's name when not given.
    :param minimum_interval_seconds: between two evaluations; 30 when not given.
    :param tags: describe the sensor; the runs that it asks for get those of their requests.
    :param required_resource_keys: resources that the function takes from ``context.resources``.
    :param owners: e-mail addresses, or ``team:NAME``.
    :raises InvalidDefinitionError: when anything of it is wrong, with its place.
    """
    if callable(job_name):
        raise InvalidDefinitionError(f"@sensor stands with parentheses: @sensor() ({caller()})")

    def define(fn: Callable[..., Any]) -> SensorDefinition:
        UserFunction(fn, f"@sensor ({caller()})")
        definition = SensorDefinition(
            name or fn.__name__,
            evaluation_fn=fn,
            job_name=job_name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description or fn.__doc__,
            job=job,
            jobs=jobs,
            default_status=default_status,
            asset_selection=asset_selection,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
            target=target,
            owners=owners,
        )
        copy_names(definition, fn)
        return definition

    return define
