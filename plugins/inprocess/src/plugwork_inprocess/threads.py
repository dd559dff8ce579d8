"""Runs the steps of a run side by side, in threads of one process."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plugwork.abc import InitExecutorContext, RetryMode, StepExecutor, StepReport, StepWorkers
from plugwork.plugin import Interruptible

if TYPE_CHECKING:
    from plugwork.plugin import ExecutionStep, PlanOrchestrationContext, StepRunner
    from plugwork_inprocess.settings import AsyncSettings, InProcessSettings, ThreadsSettings


class ThreadsExecutor(StepExecutor):
    """Runs several steps at once, each in a thread, with resources that all of them share.

    :param settings: how steps are scheduled, and how many run at once.
    """

    place = "in threads"

    settings: ThreadsSettings

    def __init__(self, settings: ThreadsSettings) -> None:
        self.settings = settings

    @property
    def retries(self) -> RetryMode:
        return self.settings.retry_mode

    @contextmanager
    def open_workers(
        self,
        plan_context: PlanOrchestrationContext,
        report: Callable[[StepReport], None],
        step_keys: Sequence[str] | None = None,
    ) -> Iterator[StepWorkers]:
        with plan_context.open_steps(step_keys, side_by_side=True) as steps:
            workers = ThreadWorkers(steps, report, self.settings)
            with workers.closed_at_end():
                yield workers


class ThreadWorkers(StepWorkers):
    """A thread for each step that runs; threads are used again."""

    def __init__(
        self,
        steps: StepRunner,
        report: Callable[[StepReport], None],
        settings: InProcessSettings | ThreadsSettings | AsyncSettings,
    ) -> None:
        self.opening_events = steps.opening_events
        if not settings.require_upstream_success:
            steps.report = report
        self._steps = steps
        self._report = report
        self._capacity = settings.capacity
        self._threads = ThreadPoolExecutor(self._capacity, thread_name_prefix="plugwork-step")
        self._running: dict[str, Interruptible] = {}

    @property
    def capacity(self) -> int:
        return self._capacity

    def submit(self, step: ExecutionStep, attempt: int) -> None:
        own = self._running[step.key] = Interruptible()
        context = contextvars.copy_context()
        self._threads.submit(context.run, self._run, step, attempt, own)

    def interrupt(self, reason: str) -> None:
        for own in list(self._running.values()):
            own.interrupt(reason)

    @contextmanager
    def closed_at_end(self) -> Iterator[None]:
        """Wait for what runs, and make it stop: nobody listens any more."""
        try:
            yield
        finally:
            self.interrupt("the run has ended")
            self.close()

    def close(self) -> None:
        self._threads.shutdown()

    def _run(self, step: ExecutionStep, attempt: int, own: Interruptible) -> None:
        threading.current_thread().name = step.key
        try:
            with own.here():
                report = self._steps.run_attempt(step, attempt)
        except BaseException as error:  # noqa: BLE001 - the driving thread waits for a report
            report = StepReport(step.key, (), error=error)
        self._ended(report)

    def _ended(self, report: StepReport) -> None:
        del self._running[report.step_key]
        self._report(report)


def make_executor(settings: ThreadsSettings, context: InitExecutorContext) -> ThreadsExecutor:
    """Make the executor of a run."""
    return ThreadsExecutor(settings)
