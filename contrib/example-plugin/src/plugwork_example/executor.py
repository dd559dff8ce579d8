"""Runs steps one after another, and not too many a second: for services that count calls."""

from __future__ import annotations

from collections.abc import Generator

import attrs

from plugwork.abc import Executor, InitExecutorContext, RetryMode
from plugwork.model import Event
from plugwork.plugin import ActiveExecution, ExecutionPlan, PlanOrchestrationContext, StepRunner

#: Seconds between looks for work while there is none: a retry is not due, a storage is away.
_PAUSE = 0.1


@attrs.frozen(kw_only=True)
class PacedSettings:
    """The block ``executor: {paced: ...}``."""

    steps_per_second: float = attrs.field(
        default=10.0,
        validator=attrs.validators.gt(0),
        metadata={"help": "How many steps start in a second, at most; retries count, too."},
    )


class PacedExecutor(Executor):
    def __init__(self, steps_per_second: float) -> None:
        self._interval = 1 / steps_per_second

    @property
    def retries(self) -> RetryMode:
        return RetryMode.ENABLED

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Generator[Event, None, None]:
        clock, reason = plan_context.clock, plan_context.executor_reason
        yield plan_context.emitter.engine(f"At most a step every {self._interval:g} s: {reason}.")
        with plan_context.open_steps() as steps, plan_context.active_execution() as active:
            yield from steps.opening_events
            while not active.is_complete:
                due = clock.monotonic() + self._interval
                ran = yield from self._run_next(plan_context, active, steps)
                if not active.is_complete:
                    plan_context.wait(due - clock.monotonic() if ran else _PAUSE)

    def _run_next(
        self, context: PlanOrchestrationContext, active: ActiveExecution, steps: StepRunner
    ) -> Generator[Event, None, bool]:
        """Run a step if one is ready; return whether one was."""
        context.raise_if_interrupted()
        ready = active.get_steps_to_execute(limit=1) if context.may_start_step() else []
        for step in ready:
            for event in steps.run_step(step, active.previous_attempts(step.key) + 1):
                active.handle_event(event)
                yield event
            active.verify_complete(context, step.key)
        yield from context.announce_plan_events(active)
        return bool(ready)


def make_executor(settings: PacedSettings, context: InitExecutorContext) -> PacedExecutor:
    return PacedExecutor(settings.steps_per_second)
