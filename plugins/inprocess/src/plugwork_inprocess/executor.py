"""Runs the steps of a run one after another, in the thread that drives it.

In a run that it shares with other executors, in one thread beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plugwork.abc import InitExecutorContext, RetryMode, StepExecutor, StepReport, StepWorkers

if TYPE_CHECKING:
    from plugwork.plugin import ExecutionStep, PlanOrchestrationContext, StepRunner
    from plugwork_inprocess.settings import InProcessSettings


class InProcessExecutor(StepExecutor):
    """Runs steps one at a time, in plan order among those that are ready.

    :param settings: how steps are scheduled.
    """

    settings: InProcessSettings

    def __init__(self, settings: InProcessSettings) -> None:
        self.settings = settings
        self._retries = settings.retry_mode

    @property
    def retries(self) -> RetryMode:
        return self._retries

    @contextmanager
    def open_workers(
        self,
        plan_context: PlanOrchestrationContext,
        report: Callable[[StepReport], None],
        step_keys: Sequence[str] | None = None,
    ) -> Iterator[StepWorkers]:
        shared = plan_context.is_shared
        with plan_context.open_steps(step_keys, side_by_side=shared) as steps:
            if not shared:
                yield DrivingThread(steps, report)
                return
            from plugwork_inprocess.threads import ThreadWorkers  # for few runs

            # The steps of other executors go on meanwhile, so these need a thread of their own.
            workers = ThreadWorkers(steps, report, self.settings)
            with workers.closed_at_end():
                yield workers


class DrivingThread(StepWorkers):
    """Runs a step when the driving thread has time for it: it is the worker."""

    def __init__(self, steps: StepRunner, report: Callable[[StepReport], None]) -> None:
        self.opening_events = steps.opening_events
        self._steps = steps
        self._report = report
        self._next: tuple[ExecutionStep, int] | None = None

    @property
    def capacity(self) -> int:
        return 1

    def submit(self, step: ExecutionStep, attempt: int) -> None:
        self._next = step, attempt

    def work(self) -> None:
        if self._next is not None:
            step, attempt = self._next
            self._next = None
            self._report(self._steps.run_attempt(step, attempt))

    def interrupt(self, reason: str) -> None:
        """Do nothing: the signal has interrupted the step, which runs in the same thread."""


def make_executor(settings: InProcessSettings, context: InitExecutorContext) -> InProcessExecutor:
    """Make the executor of a run."""
    return InProcessExecutor(settings)
