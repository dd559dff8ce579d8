"""The writer's transaction: a batch, and all that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.errors import FencedError
from plugwork.model import (
    FAILURE_REASON_TAG,
    FINISHED_STATUSES,
    Appended,
    RunFailureReason,
    RunStatus,
    check_run_id,
    columns_of,
    derive,
    guard,
)
from plugwork_sql.marks import MARKS
from plugwork_sql.pools import end_slots, free_ended
from plugwork_sql.records import attempt_row, failure_row, to_micros
from plugwork_sql.tags import merge_tags
from plugwork_sql.text import to_column

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from plugwork.model import Batch, Derived, EncodedEntry
    from plugwork_sql.database import Cursor, SqlDatabase


def append(database: SqlDatabase, batch: Batch, holding: Container[str] = ()) -> Appended:
    """Write a batch in one transaction; see :meth:`plugwork.abc.Storage.append`.

    :param holding: runs whose steps may have slots of pools.
    """
    with database.write() as cursor:
        sql, run_id, count = database.sql, to_column(batch.run_id), len(batch.entries)
        if batch.fence is None:
            log_id, last_seq, status = open_log(database, cursor, run_id, count)
        else:
            number = batch.number
            cursor.execute(
                sql["append_fenced"], (count, number, run_id, batch.fence, number, run_id)
            )
            row = cursor.fetchone()
            if row is None:
                return _refused(database, cursor, batch, batch.fence)
            log_id, last_seq, status = row
        log = (log_id, last_seq, status)
        return write(database, cursor, run_id, log, batch.entries, run_id in holding)


def open_log(
    database: SqlDatabase, cursor: Cursor, run_id: str, count: int
) -> tuple[int, int, str | None]:
    """Make room for entries without a fence; makes the log when there is none.

    :returns: the log's id, its last seq when the entries are in, and the run's status.
    """
    cursor.execute(database.sql["append_open"], (count, run_id, run_id))
    row: tuple[int, int, str | None] | None = cursor.fetchone()
    if row is not None:
        return row
    if run_id:
        check_run_id(run_id)
    cursor.execute(database.sql["log_add"], (run_id, count))
    return cursor.fetchone()[0], count, None


def _refused(database: SqlDatabase, cursor: Cursor, batch: Batch, fence: int) -> Appended:
    """Answer a batch that the first statement did not let in."""
    run_id = to_column(batch.run_id)
    cursor.execute(database.sql["log_state"], (run_id, run_id))
    row = cursor.fetchone()
    if row is None or row[0] != fence:
        raise FencedError(batch.run_id, fence)
    status = None if row[2] is None else RunStatus(row[2])
    return Appended(0, 0, status, status, batch.entries, duplicate=True)


def write(
    database: SqlDatabase,
    cursor: Cursor,
    run_id: str,
    log: tuple[int, int, str | None],
    entries: tuple[EncodedEntry, ...],
    holds_slots: bool = False,
) -> Appended:
    """Write entries for which the log has made room, and what follows from them.

    :param log: as :func:`open_log` returns it.
    :param holds_slots: whether attempts that end may have slots to free.
    """
    log_id, last_seq, status = log
    before = after = None if status is None else RunStatus(status)
    if before is not None:
        entries, after = guard(entries, before)
    first_id = next_event_id(database, cursor)
    first_seq = last_seq - len(entries) + 1
    if not run_id:
        # Entries of no run are numbered by their storage ids.
        first_seq = first_id
        cursor.execute(database.sql["log_move_to"], (first_id + len(entries) - 1, log_id))
    derived = derive(entries, first_seq)
    cursor.executemany(database.sql["event_add"], _rows(entries, log_id, first_id, first_seq))
    _apply(database, cursor, log_id, first_seq, derived)
    if holds_slots:
        free_ended(database, cursor, run_id, derived.attempts.values())
    if before is not None and after is not None:
        _move(database, cursor, run_id, before, after, derived)
    return Appended(first_seq, first_id, before, after, entries)


def next_event_id(database: SqlDatabase, cursor: Cursor) -> int:
    """Return the storage id of the next event: one that no event had, deleted ones included."""
    cursor.execute(database.sql["event_last"])
    last, deleted = cursor.fetchone()
    return max(last or 0, deleted or 0) + 1


def _rows(
    entries: tuple[EncodedEntry, ...], log_id: int, first_id: int, first_seq: int
) -> Iterator[tuple[Any, ...]]:
    last_key = step_column = None
    for at, encoded in enumerate(entries):
        _, time, kind, level, step_key, attempt, asset_key, partition, body = columns_of(encoded)
        # The entries of a batch are mostly of one step.
        if step_key is not last_key:
            last_key, step_column = step_key, to_column(step_key)
        yield (
            first_id + at,
            log_id,
            first_seq + at,
            time,
            kind,
            MARKS.get(kind),
            level,
            step_column,
            attempt,
            asset_key,
            to_column(partition),
            body,
        )


def _apply(
    database: SqlDatabase, cursor: Cursor, log_id: int, first_seq: int, derived: Derived
) -> None:
    """Write what belongs to the log: counts and attempts."""
    counts = derived.counts
    if counts:
        cursor.execute(
            database.sql["log_count"],
            (
                counts.get("steps_succeeded", 0),
                counts.get("steps_failed", 0),
                counts.get("steps_skipped", 0),
                counts.get("steps_retried", 0),
                counts.get("materializations", 0),
                log_id,
            ),
        )
    if derived.attempts:
        cursor.executemany(
            database.sql["attempt_put"],
            [
                attempt_row(log_id, position, attempt)
                for position, attempt in enumerate(derived.attempts.values(), first_seq)
            ],
        )


def _move(
    database: SqlDatabase,
    cursor: Cursor,
    run_id: str,
    before: RunStatus,
    after: RunStatus,
    derived: Derived,
) -> None:
    """Write what belongs to the run: its failure, its status, its times."""
    if derived.failure is not None:
        cursor.execute(database.sql["run_fail"], (*failure_row(derived.failure), run_id))
    if derived.status_time is None:
        return
    updated = to_micros(derived.status_time)
    if derived.reason not in (None, RunFailureReason.UNKNOWN):
        merge_tags(database, cursor, run_id, {FAILURE_REASON_TAG: str(derived.reason)}, updated)
    reason = None if derived.reason is None else derived.reason.value
    times = (updated, to_micros(derived.start_time), to_micros(derived.end_time))
    cursor.execute(database.sql["run_move"], (after.value, *times, reason, run_id, before.value))
    if after in FINISHED_STATUSES:
        cursor.execute(database.sql["lease_end"], (run_id,))
        end_slots(database, cursor, run_id)
