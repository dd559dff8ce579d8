"""What the steps of one process share, and how each is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.abc import StepReport
from plugwork.abc.step_launcher import StepLauncher
from plugwork.definitions.signature import FunctionKind
from plugwork.execution.step.attempt import Attempt

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from concurrent.futures import Executor

    from plugwork.execution.capture import Capture
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.execution.log import LogManager
    from plugwork.execution.step.compute import Phases
    from plugwork.interruptible import Interruptible
    from plugwork.model import Event, StepOutputHandle
    from plugwork.plan import ExecutionStep

#: (step key, output name, mapping key) -> value; filled when somebody asked for the values.
Captured = dict[tuple[str, str, "str | None"], Any]
ASYNC_KINDS = frozenset({FunctionKind.ASYNC, FunctionKind.ASYNC_GENERATOR})


class StepRunner:
    """Runs attempts of steps in this process. Made by ``plan_context.open_steps()``.

    :param resources: those that are open, by key.
    :param opening_events: what was told while it was made ready.
    """

    def __init__(
        self,
        context: PlanOrchestrationContext,
        resources: Mapping[str, Any],
        resource_config: Mapping[str, Any],
        capture: Capture,
        opening_events: Sequence[Event],
    ) -> None:
        self.context = context
        self.resources = resources
        self.resource_config = resource_config
        self.capture = capture
        self.opening_events = opening_events
        # Read for every step, so held here.
        self.job = context.job
        self.run = context.run
        self.plan = context.plan
        self.instance = context.instance
        self.emitter = context.emitter
        self.clock = context.clock
        self.random = context.random
        self.retry_mode = context.retry_mode
        self.raise_on_error = context.raise_on_error
        self.captured = context.captured
        #: Where coroutines run, in another thread; None makes a loop for each attempt.
        self.loop: AbstractEventLoop | None = None
        #: Told of outputs as soon as they exist, where other steps may start then.
        self.report: Callable[[StepReport], None] | None = None
        #: Attempt -> how many of its events were reported.
        self._reported: dict[Attempt, int] = {}
        self._hooks = context.instance.hooks
        self._launchers: dict[str, StepLauncher] = {}
        if context.launches_steps:
            launchers = {key: v for key, v in resources.items() if isinstance(v, StepLauncher)}
            self._launchers = launchers

    def run_step(self, step: ExecutionStep, attempt: int = 1) -> Iterator[Event]:
        """Run one attempt of a step to its end, and yield its events.

        The attempt is committed before the first event is yielded, so that the caller's scheduler
        acts on what is stored.

        :param attempt: from 1.
        :raises ExecutionInterruptedError: after the events, when the attempt was interrupted.
        """
        report = self.run_attempt(step, attempt)
        yield from report.events
        if report.error is not None:
            raise report.error

    def run_attempt(self, step: ExecutionStep, attempt: int = 1) -> StepReport:
        """Run one attempt of a step to its end, in this thread, and return what came of it.

        Nothing is raised: what the run ends with, a lost lease too, stands in the report.

        :param attempt: from 1.
        """
        running = self._attempt(step, attempt) if self._launchers else Attempt(self, step, attempt)
        try:
            self._hooks.execute_step(step, running, running.perform)
        except BaseException as error:  # noqa: BLE001 - raised by the thread that drives the run
            running.interrupt = error
        return self._report_of(running)

    def _attempt(self, step: ExecutionStep, attempt: int) -> Attempt:
        """Return the attempt, which a launcher runs if the op requires one."""
        from plugwork.execution.launched import LaunchedAttempt, launchers_of

        required = launchers_of(step, self._launchers)
        return (
            LaunchedAttempt(self, step, attempt, required)
            if required
            else Attempt(self, step, attempt)
        )

    def is_awaited(self, step: ExecutionStep) -> bool:
        """Tell whether :meth:`await_attempt` can run a step: its op is async, no plugin around."""
        around = self._hooks.surrounds_steps or self._launchers
        return step.op_def.signature.kind in ASYNC_KINDS and not around

    async def await_attempt(
        self, step: ExecutionStep, attempt: int, own: Interruptible, threads: Executor
    ) -> StepReport:
        """Run one attempt of an async op on the loop of the caller; else as :meth:`run_attempt`.

        :param own: interrupts the attempt.
        :param threads: run what may block: loading inputs, storing outputs, committing.
        """
        from plugwork.execution.step.awaiting import await_phases

        running = Attempt(self, step, attempt)
        try:
            await await_phases(running.phases(), own, threads)
        except BaseException as error:  # noqa: BLE001 - as above
            running.interrupt = error
        return self._report_of(running)

    def report_outputs(self, running: Attempt) -> None:
        """Report what an attempt has told so far; it is committed before."""
        if self.report is not None:
            self.emitter.flush()
            told = running.events[self._reported.get(running, 0) :]
            self._reported[running] = len(running.events)
            self.report(StepReport(running.step.key, told, has_ended=False))

    def _report_of(self, ended: Attempt) -> StepReport:
        told = ended.events[self._reported.pop(ended, 0) :] if self._reported else ended.events
        return StepReport(ended.step.key, told, error=ended.interrupt)

    def run_phases(self, phases: Phases) -> None:
        """Run the pieces of an attempt in this thread, and what they await on :attr:`loop`."""
        awaited = next(phases, None)
        if awaited is not None:
            from plugwork.execution.step.awaiting import (
                run_async,  # asyncio is heavy; few ops need it
            )

            run_async(phases, awaited, self.loop)

    def has_output(self, handle: StepOutputHandle) -> bool:
        """Whether an output has a value: its step was not skipped, and gave it."""
        absent = self.context.absent
        return (handle.step_key, None) not in absent and (
            handle.step_key,
            handle.output_name,
        ) not in absent

    def producing_run_id(self, handle: StepOutputHandle) -> str:
        return self.context.producing_run_id(handle)

    def log(self, step_key: str | None = None, attempt: int | None = None) -> LogManager:
        from plugwork.execution.log import run_log  # logging is imported when something is logged

        return run_log(self.emitter, step_key, attempt, self.context.job_loggers)
