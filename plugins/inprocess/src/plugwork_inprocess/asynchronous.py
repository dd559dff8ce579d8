"""Runs the async steps of a run on one event loop, and the others in threads beside it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plugwork.abc import InitExecutorContext, RetryMode, StepExecutor, StepReport, StepWorkers
from plugwork.plugin import Interruptible
from plugwork_inprocess.threads import ThreadWorkers

if TYPE_CHECKING:
    from plugwork.plugin import ExecutionStep, PlanOrchestrationContext, StepRunner
    from plugwork_inprocess.settings import AsyncSettings

#: Threads that load and store the values of async steps.
_PIECE_THREADS = 8


class AsyncExecutor(StepExecutor):
    """Runs many steps at once: async ops as tasks of one event loop, other ops in threads.

    :param settings: how steps are scheduled, and how many run at once.
    """

    place = "on an event loop"

    settings: AsyncSettings

    def __init__(self, settings: AsyncSettings) -> None:
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
        with (
            plan_context.open_steps(step_keys, side_by_side=True) as steps,
            _loop_in_thread() as steps.loop,
        ):
            workers = LoopWorkers(steps, report, self.settings)
            with workers.closed_at_end():
                yield workers


class LoopWorkers(ThreadWorkers):
    """A task for each async step; what they load and store, and other steps, are in threads."""

    def __init__(
        self, steps: StepRunner, report: Callable[[StepReport], None], settings: AsyncSettings
    ) -> None:
        super().__init__(steps, report, settings)
        self._piece_threads = ThreadPoolExecutor(_PIECE_THREADS, "plugwork-values")
        self._awaited: set[Future[None]] = set()

    def submit(self, step: ExecutionStep, attempt: int) -> None:
        if not self._steps.is_awaited(step) or self._steps.loop is None:
            super().submit(step, attempt)
            return
        own = self._running[step.key] = Interruptible()
        # Runs in a copy of this thread's context, as every callback of a loop does.
        task = asyncio.run_coroutine_threadsafe(self._await(step, attempt, own), self._steps.loop)
        self._awaited.add(task)
        task.add_done_callback(self._awaited.discard)

    def close(self) -> None:
        for task in list(self._awaited):
            task.result()
        self._piece_threads.shutdown()
        super().close()

    async def _await(self, step: ExecutionStep, attempt: int, own: Interruptible) -> None:
        try:
            report = await self._steps.await_attempt(step, attempt, own, self._piece_threads)
        except BaseException as error:  # noqa: BLE001 - the driving thread waits for a report
            report = StepReport(step.key, (), error=error)
        self._ended(report)


@contextmanager
def _loop_in_thread() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread of its own."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=loop.run_forever, name="plugwork-loop", daemon=True)
        thread.start()
        try:
            yield loop
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


def make_executor(settings: AsyncSettings, context: InitExecutorContext) -> AsyncExecutor:
    """Make the executor of a run."""
    return AsyncExecutor(settings)
