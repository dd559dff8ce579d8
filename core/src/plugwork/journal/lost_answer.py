"""A batch that was committed, and whose answer was lost: what the answer would have been."""

from __future__ import annotations

import attrs

from plugwork.abc import Storage
from plugwork.errors import StorageError
from plugwork.model import (
    Appended,
    Batch,
    EventLogEntry,
    EventLogRecord,
    RunStatus,
    encode_entry,
)

#: Entries that others may have added since: cancels and announcements from outside.
_MARGIN = 100


def restore_answer(
    storage: Storage, batch: Batch, appended: Appended, previous: RunStatus | None
) -> Appended:
    """Return what the lost answer said, read back from the log.

    :param appended: the answer to the second sending.
    :param previous: the run's status before the batch.
    :returns: the places of the entries with it; ``appended`` itself when they cannot be read.
    """
    count = len(batch.entries)
    try:
        page = storage.event_log_storage.get_records_for_run(
            batch.run_id, limit=count + _MARGIN, ascending=False
        )
    except StorageError:
        return appended
    records = list(page.records)[::-1]
    wanted = [_mark(encoded.entry) for encoded in batch.entries]
    for start in range(len(records) - count, -1, -1):
        found = records[start : start + count]
        if [_mark(record.event_log_entry) for record in found] == wanted:
            return _answer(found, appended, previous)
    return appended


def _mark(entry: EventLogEntry) -> tuple[object, ...]:
    # Not its type and message: a status event that was not allowed is stored as another one.
    return (round(entry.timestamp * 1_000_000), entry.step_key, entry.attempt, entry.user_message)


def _answer(
    found: list[EventLogRecord], appended: Appended, previous: RunStatus | None
) -> Appended:
    return attrs.evolve(
        appended,
        first_seq=found[0].seq,
        first_storage_id=found[0].storage_id,
        previous=previous,
        entries=tuple(encode_entry(record.event_log_entry) for record in found),
        duplicate=False,
    )
