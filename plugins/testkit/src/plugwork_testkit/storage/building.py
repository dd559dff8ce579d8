"""Runs and entries for tests, with everything but the point of the test filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plugwork.abc import Storage
from plugwork.model import (
    Appended,
    Batch,
    EncodedEntry,
    EngineEventData,
    Event,
    EventLogEntry,
    EventType,
    HandledOutputData,
    Holder,
    Lease,
    LoadedInputData,
    Run,
    StepFailureData,
    StepInputData,
    StepOutputData,
    StepOutputHandle,
    StepRetryData,
    StepSuccessData,
    TypeCheckData,
    encode_entry,
)
from plugwork.model.record import Record

#: 2024-01-01 00:00 UTC.
TIME = 1_704_067_200.0
HOLDER = Holder("here", "boot", "namespace", 1, "100")
OTHER_HOLDER = Holder("there", "boot", "namespace", 2, "200")

_PAYLOADS: dict[EventType, Record] = {
    EventType.ENGINE_EVENT: EngineEventData(),
    EventType.LOADED_INPUT: LoadedInputData("x", "io_manager"),
    EventType.STEP_INPUT: StepInputData("x", TypeCheckData()),
    EventType.STEP_OUTPUT: StepOutputData(StepOutputHandle("step"), TypeCheckData()),
    EventType.HANDLED_OUTPUT: HandledOutputData("result", "io_manager"),
    EventType.STEP_SUCCESS: StepSuccessData(1.5),
    EventType.STEP_FAILURE: StepFailureData(),
    EventType.STEP_UP_FOR_RETRY: StepRetryData(),
}
STEP = (
    EventType.STEP_START,
    EventType.LOADED_INPUT,
    EventType.STEP_INPUT,
    EventType.STEP_OUTPUT,
    EventType.HANDLED_OUTPUT,
    EventType.STEP_SUCCESS,
)


def log_line(run_id: str, message: str = "a line", time: float = TIME) -> EventLogEntry:
    """Return a plain line of a log."""
    return EventLogEntry(None, "INFO", message, run_id, time)


def an_event(
    run_id: str,
    kind: EventType,
    data: Record | None = None,
    *,
    step: str | None = None,
    attempt: int | None = None,
    time: float = TIME,
    message: str | None = None,
) -> EventLogEntry:
    """Return an entry with an event, its payload filled in."""
    event = Event(
        kind, "a_job", data or _PAYLOADS.get(kind), message, step_key=step, attempt=attempt
    )
    return EventLogEntry(
        None,
        "DEBUG",
        "",
        run_id,
        time,
        step_key=step,
        job_name="a_job",
        event=event,
        attempt=attempt,
    )


def of_step(
    run_id: str, step: str, *kinds: EventType, attempt: int = 1, time: float = TIME
) -> list[EventLogEntry]:
    """Return the events of one attempt, a second apart; without kinds, of one that succeeds."""
    return [
        an_event(run_id, kind, step=step, attempt=attempt, time=time + at)
        for at, kind in enumerate(kinds or STEP)
    ]


def encoded(*entries: EventLogEntry) -> tuple[EncodedEntry, ...]:
    return tuple(encode_entry(entry) for entry in entries)


def report(storage: Storage, run_id: str, *kinds: EventType, time: float = TIME) -> Appended:
    """Append events of a run from outside, without a fence."""
    return storage.append(Batch.of(run_id, [an_event(run_id, kind, time=time) for kind in kinds]))


class Worker:
    """Writes a run as its worker does: with its fence, batch by batch.

    :param lease: of the run; None makes a new run and takes it.
    """

    def __init__(self, storage: Storage, lease: Lease | None = None, **fields: Any) -> None:
        self.storage = storage
        self.number = 0
        if lease is None:
            lease = storage.create_run(Run("a_job", **fields), holder=HOLDER)
        assert lease is not None
        self.lease = lease
        self.run_id = lease.key

    def batch(self, entries: Sequence[EventLogEntry]) -> Batch:
        """Return the next batch, not yet sent."""
        self.number += 1
        return Batch.of(self.run_id, entries, self.lease.fence, self.number)

    def write(self, *entries: EventLogEntry) -> Appended:
        return self.storage.append(self.batch(entries))

    def tell(self, *kinds: EventType, time: float = TIME) -> Appended:
        """Write events of the run itself."""
        return self.write(*(an_event(self.run_id, kind, time=time) for kind in kinds))

    def step(self, step: str, *kinds: EventType, attempt: int = 1, time: float = TIME) -> Appended:
        return self.write(*of_step(self.run_id, step, *kinds, attempt=attempt, time=time))


def seqs(storage: Storage, run_id: str) -> list[int]:
    """Return the numbers of a log, in its order."""
    return [record.seq for record in storage.event_log_storage.get_records_for_run(run_id).records]


def types(storage: Storage, run_id: str) -> list[EventType | None]:
    """Return the types of a log, in its order."""
    page = storage.event_log_storage.get_records_for_run(run_id)
    return [record.event_type for record in page.records]
