"""Schedules: what asks for runs at times told by cron expressions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any

from plugwork.definitions.automation.automation_definition import (
    AutomationDefinition,
    checked_mapping,
    owner_of,
)
from plugwork.definitions.automation.cron import Cron
from plugwork.definitions.automation.function import UserFunction, place_of
from plugwork.definitions.automation.gathering import gathered, requests_or_skip, returned
from plugwork.definitions.automation.status import DefaultScheduleStatus, checked_status
from plugwork.definitions.automation.targets import Targets
from plugwork.definitions.names import check_tags, copy_names
from plugwork.definitions.place import caller
from plugwork.errors import (
    InvalidDefinitionError,
    ScheduleExecutionError,
)

if TYPE_CHECKING:
    from plugwork.config.run_config import RunConfig
    from plugwork.definitions.automation.schedule_context import ScheduleEvaluationContext
    from plugwork.model import RunRequest, ScheduleExecutionData

_EMPTY = "the schedule's function returned nothing; return a SkipReason to say why"


class ScheduleDefinition(AutomationDefinition):
    """Asks for runs of a job at the times of a cron schedule. See :func:`schedule`.

    Without functions, each tick asks for one run with ``run_config`` and ``tags``.

    :param name: ``<job>_schedule`` when not given.
    :param run_config: of each run. Or ``run_config_fn``: gets the context and returns it.
    :param tags: describe the schedule, and are those of the runs that it makes of run config; a
        :class:`RunRequest` has its own. Or ``tags_fn``: gets the context and returns them.
    :param should_execute: gets the context; False skips the tick.
    :param execution_fn: gets the context, and returns or yields what :func:`schedule` tells; in
        the place of ``run_config`` and ``run_config_fn``.
    :param environment_vars: kept with the schedule, for who evaluates it in a process of its own.
    :param execution_timezone: an IANA name; UTC when not given.
    :raises InvalidDefinitionError: when anything of it is wrong, with its place.
    """

    what = "schedule"
    error_class = ScheduleExecutionError

    def __init__(
        self,
        name: str | None = None,
        *,
        cron_schedule: str | Sequence[str] | None = None,
        job_name: str | None = None,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        run_config_fn: Callable[..., Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        tags_fn: Callable[..., Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        should_execute: Callable[..., Any] | None = None,
        environment_vars: Mapping[str, str] | None = None,
        execution_timezone: str | None = None,
        execution_fn: Callable[..., Any] | None = None,
        description: str | None = None,
        job: Any = None,
        default_status: DefaultScheduleStatus = DefaultScheduleStatus.STOPPED,
        required_resource_keys: Collection[str] | None = None,
        target: Any = None,
        owners: Sequence[str] | None = None,
    ) -> None:
        place = place_of(execution_fn)
        targets = Targets(
            owner_of("schedule", name, place),
            job_name=job_name,
            job=job,
            target=target,
        )
        if not targets.names:
            raise InvalidDefinitionError(
                f"{targets.owner} has no target: give a job, or job_name or target"
            )
        name = name or f"{targets.names[0]}_schedule"
        owner = targets.owner = owner_of("schedule", name, place)
        _refuse_two(
            owner, run_config=run_config, run_config_fn=run_config_fn, execution_fn=execution_fn
        )
        _refuse_two(owner, tags=tags, tags_fn=tags_fn)
        super().__init__(
            name,
            owner,
            targets,
            _function(execution_fn, owner),
            tags=tags,
            metadata=metadata,
            description=description,
            required_resource_keys=required_resource_keys,
            owners=owners,
        )
        self._cron = Cron(
            () if cron_schedule is None else cron_schedule, execution_timezone or "UTC", owner
        )
        self.cron_schedule: str | Sequence[str] = cron_schedule or ()
        self.execution_timezone = execution_timezone
        self.environment_vars = checked_mapping(environment_vars, "environment_vars", owner)
        self.default_status = checked_status(default_status, DefaultScheduleStatus, owner)
        self._run_config = _run_config(run_config, owner)
        self._run_config_fn = _function(run_config_fn, owner)
        self._tags_fn = _function(tags_fn, owner)
        self._should_execute = _function(should_execute, owner)

    @property
    def timezone(self) -> tzinfo:
        """The time zone of its times; UTC when none was given."""
        return self._cron.zone

    def execution_time_iterator(self, start_timestamp: float) -> Iterator[datetime]:
        """Yield the times of the schedule's ticks, for ever, each once and in order.

        When clocks are set forward, a time that does not exist is that of the change; when they
        are set back, a fixed time comes once, at its first occurrence, and what comes each hour or
        more often goes on.

        :param start_timestamp: seconds since the epoch; a tick at this very moment is yielded.
        :returns: aware datetimes in the schedule's time zone; for ever, unless no date fits.
        """
        return self._cron.ticks(start_timestamp)

    def evaluate_tick(self, context: ScheduleEvaluationContext) -> ScheduleExecutionData:
        """Evaluate one tick here: call the user's functions, and check what they return.

        Nothing is started and nothing is stored, but for the lines of ``context.log`` where the
        context has a ``log_key``.

        :raises ScheduleExecutionError: when user code raised.
        :raises InvariantViolationError: when what it returned breaks a rule.
        """
        with context.opened(self.owner, self.required_resource_keys, self.resource_defs) as opened:
            try:
                requests, skip = self._evaluate(context, opened)
            finally:
                log_key = context.keep_log()
        from plugwork.model.evaluations import ScheduleExecutionData

        return ScheduleExecutionData(requests, skip, log_key)

    def _evaluate(
        self, context: ScheduleEvaluationContext, resources: Any
    ) -> tuple[list[RunRequest], str | None]:
        call = partial(self._call, context, resources)
        if self._should_execute is not None and not call(returned, self._should_execute):
            return [], f"should_execute of {self.name} returned False"
        if self._function is not None:
            results = call(gathered, self._function)
        elif self._run_config_fn is not None:
            results = [call(returned, self._run_config_fn) or {}]
        else:
            results = [self._run_config]
        requests, skip = requests_or_skip([self._asked(one, call) for one in results], self.owner)
        if not requests:
            return [], skip.skip_message if skip is not None else _EMPTY
        return [self._finished(request) for request in requests], None

    def _call(
        self,
        context: ScheduleEvaluationContext,
        resources: Any,
        how: Callable[..., Any],
        function: UserFunction,
    ) -> Any:
        arguments = function.arguments([context], resources)
        return how(lambda: function.fn(**arguments), self.error_class, self.owner)

    def _asked(self, result: Any, call: Callable[..., Any]) -> Any:
        """Make a request of run config; leave everything else."""
        if isinstance(result, Mapping) or hasattr(result, "to_config_dict"):
            from plugwork.model.automation import RunRequest

            return RunRequest(run_config=result, tags=self._run_tags(call))
        return result

    def _run_tags(self, call: Callable[..., Any]) -> dict[str, str]:
        if self._tags_fn is None:
            return self.tags
        made = checked_mapping(call(returned, self._tags_fn), "what tags_fn returned", self.owner)
        return check_tags(made, self.owner)


def _function(fn: Callable[..., Any] | None, owner: str) -> UserFunction | None:
    return UserFunction(fn, owner) if fn is not None else None


def _run_config(value: Any, owner: str) -> Mapping[str, Any]:
    if value is not None and hasattr(value, "to_config_dict"):
        value = value.to_config_dict()
    return checked_mapping(value, "run_config", owner)


def _refuse_two(owner: str, **given: object) -> None:
    told = [name for name, value in given.items() if value]
    if len(told) > 1:
        raise InvalidDefinitionError(f"{owner}: {' and '.join(told)} exclude each other; keep one")


def schedule(
    cron_schedule: str | Sequence[str],
    *,
    job_name: str | None = None,
    name: str | None = None,
    tags: Mapping[str, Any] | None = None,
    tags_fn: Callable[..., Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    should_execute: Callable[..., Any] | None = None,
    environment_vars: Mapping[str, str] | None = None,
    execution_timezone: str | None = None,
    description: str | None = None,
    job: Any = None,
    default_status: DefaultScheduleStatus = DefaultScheduleStatus.STOPPED,
    required_resource_keys: Collection[str] | None = None,
    target: Any = None,
    owners: Sequence[str] | None = None,
) -> Callable[[Callable[..., Any]], ScheduleDefinition]:
    """Make a schedule of a function that says what to run at each tick.

    The function may take the context, a :class:`ScheduleEvaluationContext`, and resources, which
    are annotated as such. It returns, or yields, one :class:`RunRequest` or several, a
    :class:`SkipReason`, or run config as a dictionary. Nothing at all skips the tick.

    :param cron_schedule: five fields, or ``@hourly``, ``@daily``, ``@weekly``, ``@monthly``,
        ``@yearly``; or a list of them, whose ticks are joined.
    :param job: the target; or ``job_name``, the name of a job in the same collection; or
        ``target``, a job or a list of jobs: a run request names which.
    :param name: the function's name when not given.
    :param tags: of runs that are asked for by run config alone; a :class:`RunRequest` has its own.
        Or ``tags_fn``: gets the context and returns them.
    :param should_execute: gets the context; False skips the tick.
    :param execution_timezone: an IANA name; UTC when not given.
    :param required_resource_keys: resources that the function takes from ``context.resources``.
    :param owners: e-mail addresses, or ``team:NAME``.
    :raises InvalidDefinitionError: when anything of it is wrong, with its place.
    """
    if callable(cron_schedule):
        raise InvalidDefinitionError(
            f'@schedule stands with parentheses: @schedule("@daily", job=...) ({caller()})'
        )

    def define(fn: Callable[..., Any]) -> ScheduleDefinition:
        UserFunction(fn, f"@schedule ({caller()})")
        definition = ScheduleDefinition(
            name or fn.__name__,
            cron_schedule=cron_schedule,
            job_name=job_name,
            tags=tags,
            tags_fn=tags_fn,
            metadata=metadata,
            should_execute=should_execute,
            environment_vars=environment_vars,
            execution_timezone=execution_timezone,
            execution_fn=fn,
            description=description or fn.__doc__,
            job=job,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            target=target,
            owners=owners,
        )
        copy_names(definition, fn)
        return definition

    return define
