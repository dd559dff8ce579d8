"""Logs in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.abc import EventLogStorage
from plugwork.errors import CheckError, DeserializationError, EventLogInvalidForRun
from plugwork.model import (
    LISTED_EVENTS,
    Cursor,
    EventLogConnection,
    EventLogRecord,
    EventType,
    Row,
    RunStats,
    from_row,
)
from plugwork_sql.marks import MARKS
from plugwork_sql.pools import SqlPools
from plugwork_sql.records import read_attempt, to_seconds
from plugwork_sql.text import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugwork.model import AssetKey, StepAttempt

#: More than a log can have.
NO_LIMIT = 2**62
#: A place behind every event, for pages that go back.
_END = 2**62
_TIMES = {
    EventType.RUN_ENQUEUED: "enqueued_time",
    EventType.RUN_STARTING: "launch_time",
    EventType.RUN_START: "start_time",
}
#: Later ones win: a run that succeeded ended then, whatever else was told.
_ENDS = (EventType.RUN_CANCELED, EventType.RUN_FAILURE, EventType.RUN_SUCCESS)
_OF_STATS = (*_TIMES, *_ENDS, EventType.STEP_EXPECTATION_RESULT)


def check_limit(limit: int | None) -> None:
    """Refuse a negative limit.

    :raises CheckError: for one.
    """
    if limit is not None and limit < 0:
        raise CheckError(f"limit is {limit}: give 0 or more, or None for all")


class SqlEventLogStorage(SqlPools, EventLogStorage):
    """The logs of runs and the slots of pools, over any SQL database."""

    def get_records_for_run(
        self,
        run_id: str,
        cursor: str | None = None,
        of_type: EventType | set[EventType] | None = None,
        limit: int | None = None,
        ascending: bool = True,
    ) -> EventLogConnection:
        check_limit(limit)
        place = None if cursor is None else Cursor.from_text(cursor, "seq").value
        start = place if place is not None else 0 if ascending else _END
        rows = self._read_rows(run_id, start, _texts(of_type), limit, ascending)
        records = [_record(run_id, row) for row in rows[:limit]]
        last = records[-1].seq if records else place or 0
        has_more = limit is not None and len(rows) > limit
        return EventLogConnection(records, Cursor("seq", last).to_text(), has_more)

    def _read_rows(
        self, run_id: str, start: int, kinds: list[str] | None, limit: int | None, ascending: bool
    ) -> list[Any]:
        """Return one row more than the limit, if there are more."""
        if kinds is not None and not kinds:
            return []
        name = "events_up" if ascending else "events_down"
        if kinds is not None:
            name += "_marked" if all(kind in MARKS for kind in kinds) else "_typed"
        sql = self._database.fill(self._database.sql[name], len(kinds or ()))
        more = NO_LIMIT if limit is None else limit + 1
        with self._database.read() as cursor:
            cursor.execute(sql, (to_column(run_id), start, *(kinds or ()), more))
            return cursor.fetchall()

    def get_records_of_type(
        self,
        of_type: EventType,
        asset_key: AssetKey | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        ascending: bool = False,
    ) -> EventLogConnection:
        check_limit(limit)
        if of_type not in LISTED_EVENTS:
            raise CheckError(f"events of type {of_type!r} are found in the log of their run alone")
        place = None if cursor is None else Cursor.from_text(cursor, "storage_id").value
        start = place if place is not None else 0 if ascending else _END
        name = "of_type_up" if ascending else "of_type_down"
        asset = () if asset_key is None else (asset_key.to_string(),)
        sql = self._database.sql[name + "_asset" * len(asset)]
        more = NO_LIMIT if limit is None else limit + 1
        with self._database.read() as rows:
            rows.execute(sql, (of_type.value, start, *asset, more))
            found = rows.fetchall()
        records = [_record(from_column(row[0]) or "", row[1:]) for row in found[:limit]]
        last = records[-1].storage_id if records else place or 0
        has_more = limit is not None and len(found) > limit
        return EventLogConnection(records, Cursor("storage_id", last).to_text(), has_more)

    def get_step_attempts(
        self, run_id: str, step_keys: Sequence[str] | None = None
    ) -> Sequence[StepAttempt]:
        sql = self._database.sql["attempts"]
        wanted: list[str] = []
        if step_keys is not None:
            if not step_keys:
                return []
            wanted = [to_column(key) for key in dict.fromkeys(step_keys)]
            sql = self._database.fill(self._database.sql["attempts_of"], len(wanted))
        with self._database.read() as cursor:
            cursor.execute(sql, (to_column(run_id), *wanted))
            return [read_attempt(row) for row in cursor.fetchall()]

    def get_stats_for_run(self, run_id: str) -> RunStats:
        sql = self._database.sql
        with self._database.read() as cursor:
            cursor.execute(sql["log_counts"], (to_column(run_id),))
            counts = cursor.fetchone()
            if counts is None:
                return RunStats(run_id)
            times = self._database.fill(sql["event_times"], len(_OF_STATS))
            cursor.execute(times, (counts[0], *(kind.value for kind in _OF_STATS)))
            found: list[tuple[str, int]] = cursor.fetchall()
        latest = dict(found)
        ends = [latest[kind] for kind in _ENDS if kind in latest]
        return RunStats(
            run_id,
            steps_succeeded=counts[1],
            steps_failed=counts[2],
            materializations=counts[3],
            expectations=sum(kind == EventType.STEP_EXPECTATION_RESULT for kind, _ in found),
            end_time=to_seconds(ends[-1]) if ends else None,
            **{name: to_seconds(latest.get(kind)) for kind, name in _TIMES.items()},
        )


def _texts(of_type: EventType | set[EventType] | None) -> list[str] | None:
    if of_type is None:
        return None
    kinds = {of_type} if isinstance(of_type, EventType) else of_type
    return sorted(kind.value for kind in kinds)


def _record(run_id: str, row: Sequence[Any]) -> EventLogRecord:
    storage_id, seq, time, kind, level, step_key, attempt, asset_key, partition, body = row
    try:
        entry = from_row(
            Row(
                run_id,
                time,
                kind,
                level,
                from_column(step_key),
                attempt,
                asset_key,
                from_column(partition),
                body,
            )
        )
    except DeserializationError as error:
        raise EventLogInvalidForRun(
            run_id, f"event {seq} of run {run_id} is damaged: {error}"
        ) from error
    return EventLogRecord(storage_id, entry, seq)
