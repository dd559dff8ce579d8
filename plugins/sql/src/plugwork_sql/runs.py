"""Runs in SQL."""

from __future__ import annotations

import zlib
from itertools import islice
from typing import TYPE_CHECKING

from plugwork.abc import RunStorage
from plugwork.errors import (
    CheckError,
    InvalidCursorError,
    RunAlreadyExists,
    RunNotFoundError,
    SnapshotDoesNotExist,
)
from plugwork.model import Cursor, RunsFilter
from plugwork_sql import run_query, tags
from plugwork_sql.events import check_limit
from plugwork_sql.records import read_run, run_row, to_micros
from plugwork_sql.text import to_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugwork.clock import Clock
    from plugwork.model import Run, RunRecord
    from plugwork_sql import database as db

#: A run id has hex digits and hyphens only; this sorts behind them.
_BEHIND = "g"


class SqlRunStorage(RunStorage):
    """Runs, their tags and snapshots, over any SQL database."""

    def __init__(self, database: db.SqlDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add_run(self, run: Run) -> None:
        with self._database.write() as cursor:
            insert_run(self._database, cursor, run, to_micros(self._clock.now()))

    def get_run_records(
        self,
        filters: RunsFilter | None = None,
        limit: int | None = None,
        order_by: str | None = None,
        ascending: bool = False,
        cursor: str | None = None,
    ) -> Sequence[RunRecord]:
        check_limit(limit)
        if order_by not in (None, "storage_id"):
            raise CheckError(f"runs are ordered by storage_id, not by {order_by!r}")
        with self._database.read() as reader:
            place = None if cursor is None else self._find_place(reader, cursor)
            query = run_query.plan(self._database, reader, filters or RunsFilter())
            rows = query.page(reader, limit, ascending, place)
        return [read_run(row) for row in rows]

    def _find_place(self, reader: db.Cursor, cursor: str) -> int:
        reader.execute(self._database.sql["run_find"], (to_column(cursor),))
        row = reader.fetchone()
        if row is None:
            number = Cursor.from_text(cursor, "run").value
            reader.execute(self._database.sql["run_place"], (number,))
            row = reader.fetchone()
        if row is None:
            raise InvalidCursorError("the cursor's run is not stored; begin with the first page")
        place: int = row[0]
        return place

    def get_runs_count(self, filters: RunsFilter | None = None) -> int:
        with self._database.read() as reader:
            return run_query.plan(self._database, reader, filters or RunsFilter()).count(reader)

    def find_run_ids(self, prefix: str, limit: int = 3) -> Sequence[str]:
        bounds = (to_column(prefix), to_column(prefix) + _BEHIND)
        with self._database.read() as reader:
            reader.execute(self._database.sql["runs_by_prefix"], (*bounds, limit))
            return [run_id for (run_id,) in reader.fetchall()]

    def add_run_tags(self, run_id: str, new_tags: Mapping[str, str]) -> None:
        tags.check_tags(new_tags)
        now = to_micros(self._clock.now())
        with self._database.write() as cursor:
            if not tags.merge_tags(self._database, cursor, run_id, new_tags, now):
                raise RunNotFoundError(invalid_run_id=run_id)

    def get_run_tags(
        self,
        tag_keys: Sequence[str],
        value_prefix: str | None = None,
        limit: int | None = None,
    ) -> Sequence[tuple[str, set[str]]]:
        with self._database.read() as reader:
            pairs = tags.read_pairs(self._database, reader, tag_keys, value_prefix)
        grouped: dict[str, set[str]] = {}
        for key, value in islice(pairs, limit):
            grouped.setdefault(key, set()).add(value)
        return list(grouped.items())

    def get_run_tag_keys(self) -> Sequence[str]:
        with self._database.read() as reader:
            return tags.read_keys(self._database, reader)

    def add_snapshot(self, snapshot_id: str, kind: str, body: str) -> None:
        packed = zlib.compress(body.encode("utf-8", "surrogatepass"))
        row = (to_column(snapshot_id), kind, packed)
        with self._database.write() as cursor:
            cursor.execute(self._database.sql["snapshot_add"], row)

    def get_snapshot(self, snapshot_id: str) -> str | None:
        with self._database.read() as reader:
            reader.execute(self._database.sql["snapshot_body"], (to_column(snapshot_id),))
            row = reader.fetchone()
        return zlib.decompress(row[0]).decode("utf-8", "surrogatepass") if row else None

    def has_snapshot(self, snapshot_id: str) -> bool:
        with self._database.read() as reader:
            reader.execute(self._database.sql["snapshot_has"], (to_column(snapshot_id),))
            return reader.fetchone() is not None


def insert_run(database: db.SqlDatabase, cursor: db.Cursor, run: Run, now: int) -> int:
    """Store a run and its tags inside a transaction, and make its log if it has none.

    :param now: in microseconds.
    :returns: the id of its log.
    :raises RunAlreadyExists: when it is stored already.
    :raises SnapshotDoesNotExist: when its job snapshot is not stored.
    """
    sql = database.sql
    cursor.execute(sql["run_find"], (run.run_id,))
    if cursor.fetchone() is not None:
        raise RunAlreadyExists(f"run {run.run_id} exists already")
    if run.job_snapshot_id is not None:
        cursor.execute(sql["snapshot_has"], (to_column(run.job_snapshot_id),))
        if cursor.fetchone() is None:
            raise SnapshotDoesNotExist(f"no snapshot {run.job_snapshot_id!r} is stored")
    cursor.execute(sql["log_find"], (run.run_id,))
    log = cursor.fetchone()
    if log is None:
        cursor.execute(sql["log_add"], (run.run_id, 0))
        log = cursor.fetchone()
    log_id: int = log[0]
    cursor.execute(sql["run_add"], run_row(run, log_id, now))
    tags.add_tags(database, cursor, cursor.fetchone()[0], run.tags)
    return log_id
