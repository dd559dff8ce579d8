"""Drives a run whose steps are handed to workers: the one loop of every such executor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plugwork.boundary import pop_captured_interrupt
from plugwork.errors import ExecutionInterruptedError
from plugwork.execution.inbox import Inbox

if TYPE_CHECKING:
    from plugwork.abc import StepExecutor, StepReport, StepWorkers
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.model import Event
    from plugwork.plan import ActiveExecution

#: Seconds between looks at a storage that is away, and at workers that were told to stop.
_PAUSE = 0.5
#: Seconds that a wait lasts when nothing but a report is awaited.
_LONG = 60.0


def run_steps(context: PlanOrchestrationContext, executor: StepExecutor) -> Iterator[Event]:
    """Run all steps of a plan on one executor, and yield their events."""
    clock, place = context.clock, executor.place
    started = clock.monotonic()
    yield context.emitter.engine(
        f"Executing steps {place} (pid: {os.getpid()}): executor {context.executor_name}, "
        f"{context.executor_reason}.",
        metadata={"pid": os.getpid()},
    )
    inbox = Inbox(clock)
    with executor.open_workers(context, inbox.put) as workers:
        yield from workers.opening_events
        with _scheduler(context, executor, workers, inbox) as active:
            yield from Driver(context, active, workers, inbox).events()
    took = clock.monotonic() - started
    yield context.emitter.engine(f"Finished steps {place} in {took:.2f} s.")


def _scheduler(
    context: PlanOrchestrationContext, executor: StepExecutor, workers: StepWorkers, inbox: Inbox
) -> ActiveExecution:
    settings = executor.settings
    if settings is None:
        return context.active_execution(wake=inbox.wake, lane=workers.lane)
    return context.active_execution(
        tag_limits=settings.tag_limits,
        require_upstream_success=settings.require_upstream_success,
        wake=inbox.wake,
        lane=workers.lane,
    )


class Driver:
    """Hands out steps that are ready, and follows what becomes of them. Used by one thread.

    :param active: open.
    :param inbox: where the workers report.
    """

    def __init__(
        self,
        context: PlanOrchestrationContext,
        active: ActiveExecution,
        workers: StepWorkers,
        inbox: Inbox,
    ) -> None:
        self._context = context
        self._active = active
        self._workers = workers
        self._inbox = inbox
        #: Attempts that were handed out and have not ended.
        self._running = 0

    def events(self) -> Iterator[Event]:
        """Drive every step to its end, and yield the events of all.

        :raises ExecutionInterruptedError: when a signal stopped the run, after the last event of
            the steps that ran.
        """
        try:
            while not self._active.is_complete:
                yield from self._turn()
        except GeneratorExit:
            raise
        except BaseException as error:
            yield from self._stop(error)
            raise

    def _turn(self) -> Iterator[Event]:
        """Hand out, listen, and wait if there was nothing to do."""
        self._context.raise_if_interrupted()
        is_busy = self._hand_out()
        self._workers.work()
        while (report := self._inbox.take()) is not None:
            is_busy = True
            yield from self._note(report)
        decided = self._context.announce_plan_events(self._active)
        yield from decided
        # What is skipped may let others run: of a list, what is left.
        is_busy = is_busy or bool(decided)
        if not is_busy and not self._active.is_complete:
            self._inbox.wait(self._pause())

    def _hand_out(self) -> bool:
        room = self._workers.capacity - self._running
        if room <= 0 or not self._context.may_start_step():
            return False
        steps = self._active.get_steps_to_execute(limit=room)
        for step in steps:
            self._running += 1
            self._workers.submit(step, self._active.previous_attempts(step.key) + 1)
        return bool(steps)

    def _note(self, report: StepReport) -> Iterator[Event]:
        """Follow what became of an attempt.

        :raises BaseException: what the report says that the run ends with.
        """
        for event in report.events:
            self._active.handle_event(event)
            yield event
        if report.has_ended:
            self._running -= 1
        if report.error is not None:
            raise report.error
        if report.has_ended:
            self._active.verify_complete(self._context, report.step_key)

    def _pause(self) -> float:
        """Return the seconds until there may be something to do that no report tells of."""
        if not self._context.may_start_step():
            return _PAUSE
        has_room = self._running < self._workers.capacity
        due = self._active.seconds_til_ready() if has_room else None
        return _LONG if due is None else due

    def _stop(self, error: BaseException) -> Iterator[Event]:
        """Let the steps that run come to their end, and mostly make them.

        The error of a step, which a caller asked for, leaves the others alone. A second signal
        makes the steps stop once more.
        """
        if isinstance(error, ExecutionInterruptedError):
            self._active.mark_interrupted()
        if self._running and not (self._context.raise_on_error and isinstance(error, Exception)):
            self._workers.interrupt(str(error))
        while self._running:
            self._workers.work()
            while (report := self._inbox.take()) is not None:
                report.error = None
                yield from self._note(report)
            if (number := pop_captured_interrupt()) is not None:
                self._workers.interrupt(f"interrupted by {number.name}")
            if self._running:
                self._inbox.wait(_PAUSE)
