"""Leases and fences. Every function is called inside a transaction that writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.model import (
    FINISHED_STATUSES,
    Holder,
    Lease,
    RunStatus,
    deserialize_value,
    serialize_value,
)
from plugwork_sql.pools import end_slots
from plugwork_sql.text import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugwork.model import LeaseKind
    from plugwork_sql.database import Cursor, SqlDatabase


def acquire(
    database: SqlDatabase,
    cursor: Cursor,
    wanted: tuple[LeaseKind, str],
    holder: Holder,
    ttl: float,
    seen: Lease | None,
    now: int,
) -> Lease | None:
    """Take a lease; see :meth:`plugwork.abc.Storage.acquire_lease`.

    :param now: in microseconds.
    """
    kind, key = wanted
    column = to_column(key)
    cursor.execute(database.sql["lease_find"], (kind, column))
    row = cursor.fetchone()
    if not _may_take(row, seen):
        return None
    fence = (row[1] if row else 0) + 1
    if kind == "run":
        last = _raise_run_fence(database, cursor, column)
        if last is None:
            return None
        fence = last
    values = (kind, column, serialize_value(holder), fence, 1, ttl, now)
    cursor.execute(database.sql["lease_put"], values)
    return Lease(kind, key, holder, fence, 1, ttl, now / 1_000_000)


def _may_take(row: Sequence[Any] | None, seen: Lease | None) -> bool:
    if seen is None:
        return row is None or row[0] is None
    return row is not None and (row[1], row[2]) == (seen.fence, seen.beat)


def _raise_run_fence(database: SqlDatabase, cursor: Cursor, run_id: str) -> int | None:
    """Shut the writer of a run out; returns the new fence, or None when the run has ended."""
    cursor.execute(database.sql["run_find"], (run_id,))
    run = cursor.fetchone()
    if run is None or RunStatus(run[2]) in FINISHED_STATUSES:
        return None
    cursor.execute(database.sql["log_find"], (run_id,))
    fence: int = cursor.fetchone()[2] + 1
    cursor.execute(database.sql["log_fence"], (fence, run_id))
    if fence > 1:  # its former holder may have taken slots
        end_slots(database, cursor, run_id)
    return fence


def read_lease(row: Sequence[Any]) -> Lease:
    """Return the lease of a row."""
    kind, key, holder, fence, beat, ttl, renewed_at = row
    held = None if holder is None else deserialize_value(holder, Holder)
    return Lease(kind, from_column(key), held, fence, beat, ttl, renewed_at / 1_000_000)
