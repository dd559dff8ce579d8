"""A run from RUN_START to its one terminal event, in the process that owns it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from plugwork.boundary import capture_interrupts
from plugwork.errors import (
    ExecutionInterruptedError,
    FencedError,
    InvariantViolationError,
)
from plugwork.execution.progress import Progress
from plugwork.model.enums import EventType, RunFailureReason, RunStatus
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.run_payloads import RunCanceledData, RunFailureData

if TYPE_CHECKING:
    from plugwork.abc import Executor
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.execution.ownership import Ownership
    from plugwork.model import Event


class RunEnvelope:
    """Drives the executor of one run and tells how the run ended.

    Iterate :meth:`events` once. The terminal event is committed before it is yielded. When the run
    was taken over by another process, nothing more is written, and ``FencedError`` is raised.

    :param owned: the run's writer and lease.
    """

    def __init__(
        self, context: PlanOrchestrationContext, owned: Ownership, executor: Executor
    ) -> None:
        self._context = context
        self._owned = owned
        self._executor = executor
        self._emitter = context.emitter
        self._progress = Progress(context.plan)
        #: What ended the run early; None when the executor came to its end.
        self.error: BaseException | None = None

    def events(self) -> Iterator[Event]:
        """Run, and yield every event of the run and its steps in order."""
        context = self._context
        context.executor = self._executor
        with capture_interrupts():
            yield self._emitter.emit(
                EventType.RUN_START, None, f'Started run of job "{context.job.name}".'
            )
            self._emitter.flush()
            try:
                if self._owned.status is RunStatus.CANCELING:
                    raise ExecutionInterruptedError("asked to stop before the run started")
                executing = self._executor.execute(context, context.plan)
                for event in executing:
                    self._progress.note(event)
                    yield event
                self._progress.check_complete()
            except GeneratorExit:
                # What still runs ends before the run does.
                if isinstance(executing, Generator):
                    executing.close()
                self._end(InvariantViolationError("the caller stopped reading the run's events"))
                raise
            except FencedError:
                raise
            except BaseException as error:  # noqa: BLE001 - told by the terminal event
                self.error = error
            yield self._end(self.error)

    def _end(self, error: BaseException | None) -> Event:
        self._emitter.flush()
        if error is not None:
            event = self._failed(error, self._owned.is_asked_to_stop())
        elif self._progress.failed:
            event = self._steps_failed(self._owned.is_asked_to_stop())
        else:
            event = self._emitter.emit(
                EventType.RUN_SUCCESS, None, f'Finished run of job "{self._context.job.name}".'
            )
        self._emitter.flush()
        return event

    def _failed(self, error: BaseException, canceling: bool) -> Event:
        interrupted = isinstance(error, ExecutionInterruptedError | KeyboardInterrupt)
        info = SerializableErrorInfo.from_exception(error)
        if canceling:
            data = RunCanceledData(None if interrupted else info)
            return self._emitter.emit(EventType.RUN_CANCELED, data, "Canceled the run.")
        if interrupted:
            return self._failure(
                f"The run was interrupted: {error}",
                RunFailureReason.UNEXPECTED_TERMINATION,
                info,
            )
        reason = RunFailureReason.RUN_EXCEPTION
        return self._failure(f"The run failed: {info.summary()}", reason, info)

    def _steps_failed(self, canceling: bool) -> Event:
        if canceling:
            return self._emitter.emit(
                EventType.RUN_CANCELED, RunCanceledData(), "Canceled the run."
            )
        return self._failure(
            f"Steps failed: {self._progress.failed}.",
            RunFailureReason.STEP_FAILURE,
            self._progress.first_error,
            self._progress.failed[0],
        )

    def _failure(
        self,
        message: str,
        reason: RunFailureReason,
        error: SerializableErrorInfo | None,
        first_failed_step: str | None = None,
    ) -> Event:
        data = RunFailureData(error, reason, first_failed_step)
        return self._emitter.emit(EventType.RUN_FAILURE, data, message)


def report_init_failure(context: PlanOrchestrationContext, error: Exception) -> Event:
    """End a run whose executor could not be made: the run has no RUN_START."""
    info = SerializableErrorInfo.from_exception(error)
    data = RunFailureData(info, RunFailureReason.JOB_INITIALIZATION_FAILURE)
    event = context.emitter.emit(
        EventType.RUN_FAILURE, data, f"The run could not be started: {info.summary()}"
    )
    context.emitter.flush()
    return event
