"""Events of a run, from where they arise into its log."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from plugwork.model.enums import FAILURE_EVENTS, EventType
from plugwork.model.event import Event, EventLogEntry
from plugwork.model.payloads import EngineEventData

if TYPE_CHECKING:
    from plugwork.clock import Clock
    from plugwork.model.error_info import SerializableErrorInfo
    from plugwork.model.record import Record

_DEBUG = 10
_ERROR = 40


class Emitter:
    """Makes the events of one run and hands them to the run's writer. Thread-safe.

    :param write: takes an entry; that of the run's ``EventWriter``.
    :param flush: commits what was written.
    :param told: gets every event, when given.
    """

    __slots__ = ("_clock", "_told", "flush", "forward", "job_name", "run_id", "write")

    def __init__(
        self,
        run_id: str,
        job_name: str,
        write: Callable[[EventLogEntry], None],
        flush: Callable[[], None],
        clock: Clock,
        told: list[Event] | None = None,
    ) -> None:
        self.run_id = run_id
        self.job_name = job_name
        self.write = write
        self.flush = flush
        self._clock = clock
        self._told = told
        #: Gets the entry of each event, for the loggers of a job that has some.
        self.forward: Callable[[EventLogEntry], None] | None = None

    def emit(
        self,
        event_type: EventType,
        payload: Record | None = None,
        message: str | None = None,
        step_key: str | None = None,
        attempt: int | None = None,
    ) -> Event:
        """Write an event and return it; it is not committed yet."""
        event = Event(
            event_type,
            self.job_name,
            event_specific_data=payload,
            message=message,
            step_key=step_key,
            attempt=attempt,
            pid=os.getpid(),
        )
        return self.pass_on(event)

    def pass_on(self, event: Event) -> Event:
        """Write an event that was made elsewhere, as it is."""
        if self._told is not None:
            self._told.append(event)
        level = _ERROR if event.event_type in FAILURE_EVENTS else _DEBUG
        entry = EventLogEntry(
            None,
            level,
            "",
            self.run_id,
            self._clock.now(),
            event.step_key,
            self.job_name,
            event,
            event.attempt,
        )
        self.write(entry)
        if self.forward is not None:
            self.forward(entry)
        return event

    def engine(
        self,
        message: str,
        error: SerializableErrorInfo | None = None,
        step_key: str | None = None,
        metadata: dict[str, object] | None = None,
        event_type: EventType = EventType.ENGINE_EVENT,
        marker_start: str | None = None,
        marker_end: str | None = None,
    ) -> Event:
        """Write an event of the framework's own."""
        payload = EngineEventData(
            metadata=metadata or {},
            error=error,
            marker_start=marker_start,
            marker_end=marker_end,
        )
        return self.emit(event_type, payload, message, step_key)

    def line(
        self,
        level: int,
        text: str,
        step_key: str | None = None,
        attempt: int | None = None,
        error: SerializableErrorInfo | None = None,
    ) -> None:
        """Write a plain log line."""
        self.write(
            EventLogEntry(
                error,
                level,
                text,
                self.run_id,
                self._clock.now(),
                step_key,
                self.job_name,
                None,
                attempt,
            )
        )
