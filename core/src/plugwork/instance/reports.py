"""Events of a run that somebody outside it reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork.errors import CheckError
from plugwork.instance.parts import InstancePart
from plugwork.model.batch import Batch
from plugwork.model.enums import EventType, RunFailureReason, RunStatus
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.event import Event, EventLogEntry
from plugwork.model.payloads import EngineEventData

if TYPE_CHECKING:
    from plugwork.model import Run

_INFO = 20
_ERROR = 40


class EventReports(InstancePart):
    """The part of an instance that reports events of runs it does not execute."""

    def handle_new_event(self, entry: EventLogEntry) -> RunStatus | None:
        """Store an entry from outside its run, and tell who listens.

        :returns: the run's status after it; None for an unknown run.
        """
        appended = self.storage.append(Batch.of(entry.run_id, [entry]))
        self.notices.committed(entry.run_id, appended)
        return appended.status

    def report_event(
        self, event: Event, run_id: str, level: int = _INFO, timestamp: float | None = None
    ) -> RunStatus | None:
        """Store an event from outside its run.

        :param timestamp: seconds since the epoch; now when not given.
        :returns: the run's status after it; None for an unknown run.
        """
        entry = EventLogEntry(
            error_info=None,
            level=level,
            user_message="",
            run_id=run_id,
            timestamp=self.clock.now() if timestamp is None else timestamp,
            step_key=event.step_key,
            job_name=event.job_name,
            event=event,
            attempt=event.attempt,
        )
        return self.handle_new_event(entry)

    def report_engine_event(
        self,
        message: str,
        run: Run | None = None,
        data: EngineEventData | None = None,
        cls: type | None = None,
        step_key: str | None = None,
        job_name: str | None = None,
        run_id: str | None = None,
    ) -> Event:
        """Store a message of the framework in a run's log.

        :param cls: whose name stands before the message.
        :raises CheckError: without a run, and without both job name and run id.
        """
        if run is not None:
            job_name, run_id = run.job_name, run.run_id
        if job_name is None or run_id is None:
            raise CheckError("report_engine_event needs a run, or a job_name and a run_id")
        data = data or EngineEventData()
        event = Event(
            EventType.ENGINE_EVENT,
            job_name,
            event_specific_data=data,
            message=f"[{cls.__name__}] {message}" if cls else message,
            step_key=step_key,
        )
        self.report_event(event, run_id, _ERROR if data.error else _INFO)
        return event

    def report_run_enqueued(self, run: Run) -> RunStatus | None:
        return self._report(run, EventType.RUN_ENQUEUED, None)

    def report_run_starting(self, run: Run) -> RunStatus | None:
        return self._report(run, EventType.RUN_STARTING, None)

    def report_run_canceling(self, run: Run, message: str | None = None) -> RunStatus | None:
        """Tell that somebody asked the run to stop."""
        return self._report(run, EventType.RUN_CANCELING, message or "asked to stop")

    def report_run_canceled(self, run: Run, message: str | None = None) -> RunStatus | None:
        """End a run that is not this process's, as canceled: it is taken over first."""
        text = message or "marked as canceled from outside its execution"
        return self._end(run, RunStatus.CANCELED, text, None, None)

    def report_run_failed(
        self,
        run: Run,
        message: str | None = None,
        reason: RunFailureReason | None = None,
        error: SerializableErrorInfo | None = None,
    ) -> RunStatus | None:
        """End a run that is not this process's, as failed: it is taken over first."""
        text = message or "marked as failed from outside its execution"
        return self._end(run, RunStatus.FAILURE, text, reason, error)

    def _end(
        self,
        run: Run,
        status: RunStatus,
        message: str,
        reason: RunFailureReason | None,
        error: SerializableErrorInfo | None,
    ) -> RunStatus | None:
        from plugwork.journal.ending import end_run  # only who ends foreign runs needs it
        from plugwork.journal.holder import current_holder

        appended = end_run(
            self.storage, run.run_id, self.clock, status, message, reason, current_holder(), error
        )
        if appended is None:
            return None
        self.notices.committed(run.run_id, appended)
        return appended.status

    def _report(self, run: Run, kind: EventType, message: str | None) -> RunStatus | None:
        return self.report_event(Event(kind, run.job_name, message=message), run.run_id)
