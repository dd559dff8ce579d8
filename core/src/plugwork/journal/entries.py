"""Entries of a run's log, each at the level that its source calls for."""

from __future__ import annotations

import logging

from plugwork.model import (
    EngineEventData,
    Event,
    EventLogEntry,
    EventType,
    Run,
    SerializableErrorInfo,
)
from plugwork.model.enums import FAILURE_EVENTS
from plugwork.model.record import Record

_PLANNED = frozenset(
    {EventType.ASSET_MATERIALIZATION_PLANNED, EventType.ASSET_CHECK_EVALUATION_PLANNED}
)


def event_entry(event: Event, run_id: str, timestamp: float) -> EventLogEntry:
    """Wrap an event that the run's own worker reports: DEBUG, or ERROR for a failure.

    :param timestamp: seconds since the epoch.
    """
    level = logging.ERROR if event.event_type in FAILURE_EVENTS else logging.DEBUG
    return _entry(event, run_id, timestamp, level)


def outside_entry(event: Event, run_id: str, timestamp: float) -> EventLogEntry:
    """Wrap an event that comes from outside the run's worker.

    INFO; ERROR for a run that is ended from outside and for an engine event with an error; DEBUG
    for what is only planned.
    """
    kind = event.event_type
    data = event.event_specific_data
    failed = isinstance(data, EngineEventData) and data.error is not None
    if kind in _PLANNED:
        level = logging.DEBUG
    elif failed or kind in FAILURE_EVENTS:
        level = logging.ERROR
    else:
        level = logging.INFO
    return _entry(event, run_id, timestamp, level)


def run_event_entry(
    run: Run, event_type: EventType, message: str, timestamp: float, data: Record | None = None
) -> EventLogEntry:
    """Report a run's change of status from outside its worker."""
    event = Event(event_type, run.job_name, data, message)
    return outside_entry(event, run.run_id, timestamp)


def engine_event_entry(
    run: Run,
    message: str,
    timestamp: float,
    data: EngineEventData | None = None,
    step_key: str | None = None,
) -> EventLogEntry:
    """Report something about a run from outside its worker."""
    payload = data or EngineEventData()
    event = Event(EventType.ENGINE_EVENT, run.job_name, payload, message, step_key)
    return outside_entry(event, run.run_id, timestamp)


def log_entry(
    run: Run,
    level: int | str,
    message: str,
    timestamp: float,
    *,
    step_key: str | None = None,
    attempt: int | None = None,
    error: SerializableErrorInfo | None = None,
) -> EventLogEntry:
    """Make a plain log line."""
    return EventLogEntry(
        error, level, message, run.run_id, timestamp, step_key, run.job_name, None, attempt
    )


def _entry(event: Event, run_id: str, timestamp: float, level: int) -> EventLogEntry:
    return EventLogEntry(
        error_info=None,
        level=level,
        user_message="",
        run_id=run_id,
        timestamp=timestamp,
        step_key=event.step_key,
        job_name=event.job_name,
        event=event,
        attempt=event.attempt,
    )
