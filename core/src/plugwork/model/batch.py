"""What a storage is asked to write in one transaction, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from plugwork.model.enums import EventType, RunStatus
from plugwork.model.envelope import EncodedEntry, encode_entry
from plugwork.model.event import Event, EventLogEntry
from plugwork.model.payloads import EngineEventData
from plugwork.model.state import next_status


@attrs.frozen
class Batch:
    """Entries of one run that are committed together or not at all."""

    run_id: str
    entries: tuple[EncodedEntry, ...]
    #: The writer's fence; None for an event reported from outside.
    fence: int | None = None
    #: From 1, growing within a fence: a batch sent twice is stored once. 0 without a fence.
    number: int = 0

    @classmethod
    def of(
        cls,
        run_id: str,
        entries: Iterable[EventLogEntry],
        fence: int | None = None,
        number: int = 0,
    ) -> Batch:
        """Encode entries into a batch."""
        return cls(run_id, tuple(encode_entry(entry) for entry in entries), fence, number)


@attrs.frozen
class Appended:
    """How a batch was stored."""

    #: Of the first entry; the others follow without gap. 0 when ``duplicate``.
    first_seq: int
    first_storage_id: int
    previous: RunStatus | None
    status: RunStatus | None
    #: As stored: a status event that was not allowed stands as an ENGINE_EVENT instead.
    entries: tuple[EncodedEntry, ...]
    #: The batch had been committed before, and its answer was lost.
    duplicate: bool = False


def guard(
    entries: Sequence[EncodedEntry], current: RunStatus
) -> tuple[tuple[EncodedEntry, ...], RunStatus]:
    """Apply the state machine to a batch.

    :returns: the entries to store, a forbidden status event replaced by an ENGINE_EVENT that
        says so, and the status after them.
    """
    kept: list[EncodedEntry] = []
    for encoded in entries:
        following = next_status(current, encoded.entry.event_type)
        if following is None:
            kept.append(encode_entry(_ignored(encoded.entry, current)))
            continue
        current = following
        kept.append(encoded)
    return tuple(kept), current


def _ignored(entry: EventLogEntry, current: RunStatus) -> EventLogEntry:
    event = Event(
        EventType.ENGINE_EVENT,
        job_name=entry.job_name or "",
        event_specific_data=EngineEventData(metadata={"ignored": str(entry.event_type)}),
        message=f"ignored {entry.event_type}: the run is {current}",
    )
    return attrs.evolve(entry, event=event, level=20)
