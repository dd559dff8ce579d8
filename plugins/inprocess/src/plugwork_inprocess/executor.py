"""Runs the steps of a run one after another, in the process of the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plugwork.abc import Executor, InitExecutorContext, RetryMode

if TYPE_CHECKING:
    from plugwork.model import Event
    from plugwork.plugin import ActiveExecution, ExecutionPlan, PlanOrchestrationContext, StepRunner
    from plugwork_inprocess.settings import InProcessSettings

#: Seconds between looks at a storage that is away, or at a slot that is taken.
_PAUSE = 0.5


class InProcessExecutor(Executor):
    """Runs steps one at a time, in plan order among those that are ready.

    :param retries: what becomes of steps that ask for another attempt.
    """

    def __init__(self, retries: RetryMode = RetryMode.ENABLED) -> None:
        self._retries = retries

    @property
    def retries(self) -> RetryMode:
        return self._retries

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[Event]:
        clock = plan_context.clock
        started = clock.monotonic()
        yield plan_context.emitter.engine(
            f"Executing steps in process (pid: {os.getpid()}): executor "
            f"{plan_context.executor_name}, {plan_context.executor_reason}.",
            metadata={"pid": os.getpid()},
        )
        with plan_context.open_steps() as steps:
            yield from steps.opening_events
            with plan_context.active_execution() as active:
                while not active.is_complete:
                    yield from self._turn(plan_context, active, steps)
        took = clock.monotonic() - started
        yield plan_context.emitter.engine(f"Finished steps in process in {took:.2f} s.")

    def _turn(
        self, context: PlanOrchestrationContext, active: ActiveExecution, steps: StepRunner
    ) -> Iterator[Event]:
        """Run the next step, or wait until there is one."""
        context.raise_if_interrupted()
        ready = active.get_steps_to_execute(limit=1) if context.may_start_step() else []
        for step in ready:
            for event in steps.run_step(step, active.previous_attempts(step.key) + 1):
                active.handle_event(event)
                yield event
            active.verify_complete(step.key)
        yield from context.announce_plan_events(active)
        if not ready and not active.is_complete:
            context.wait(min(active.seconds_til_ready() or _PAUSE, _PAUSE))


def make_executor(settings: InProcessSettings, context: InitExecutorContext) -> InProcessExecutor:
    """Make the executor of a run."""
    return InProcessExecutor(settings.retry_mode)
