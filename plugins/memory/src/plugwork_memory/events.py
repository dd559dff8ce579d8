"""Logs in memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

import attrs

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
from plugwork_memory.pools import MemoryPools
from plugwork_memory.state import Log, as_stored, to_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugwork.model import AssetKey, StepAttempt

#: Places in a row.
_TIME: Final = 1
_TYPE: Final = 2
_ASSET: Final = 6
_TIMES = {
    EventType.RUN_ENQUEUED: "enqueued_time",
    EventType.RUN_STARTING: "launch_time",
    EventType.RUN_START: "start_time",
}
#: Later ones win: a run that succeeded ended then, whatever else was told.
_ENDS = (EventType.RUN_CANCELED, EventType.RUN_FAILURE, EventType.RUN_SUCCESS)


class MemoryEventLogStorage(MemoryPools, EventLogStorage):
    """The logs and pools of a :class:`~plugwork_memory.storage.MemoryStorage`."""

    def get_records_for_run(
        self,
        run_id: str,
        cursor: str | None = None,
        of_type: EventType | set[EventType] | None = None,
        limit: int | None = None,
        ascending: bool = True,
    ) -> EventLogConnection:
        if limit is not None and limit < 0:
            raise CheckError(f"limit is {limit}: give 0 or more, or None for all")
        place = None if cursor is None else Cursor.from_text(cursor, "seq").value
        with self._state.lock:
            log = self._state.logs.get(run_id) or Log()
            seqs = log.ids if run_id == "" else range(1, len(log.rows) + 1)
            found = _page(log, seqs, place, _texts(of_type), limit, ascending)
            records = [self._read(run_id, log, seqs, at) for at in found[:limit]]
        last = records[-1].seq if records else place or 0
        has_more = limit is not None and len(found) > limit
        return EventLogConnection(records, Cursor("seq", last).to_text(), has_more)

    def get_records_of_type(
        self,
        of_type: EventType,
        asset_key: AssetKey | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        ascending: bool = False,
    ) -> EventLogConnection:
        if limit is not None and limit < 0:
            raise CheckError(f"limit is {limit}: give 0 or more, or None for all")
        if of_type not in LISTED_EVENTS:
            raise CheckError(f"events of type {of_type!r} are found in the log of their run alone")
        place = None if cursor is None else Cursor.from_text(cursor, "storage_id").value
        asset = None if asset_key is None else asset_key.to_string()
        with self._state.lock:
            found = [
                (log.ids[at], run_id, log, at)
                for run_id, log in self._state.logs.items()
                for at in range(len(log.rows))
                if log.rows[at][_TYPE] == of_type.value
                and (asset is None or log.rows[at][_ASSET] == asset)
                and (place is None or (log.ids[at] > place if ascending else log.ids[at] < place))
            ]
            found.sort(key=lambda one: one[0], reverse=not ascending)
            records = [
                self._read(run_id, log, log.ids if run_id == "" else range(1, at + 2), at)
                for _, run_id, log, at in found[:limit]
            ]
        last = records[-1].storage_id if records else place or 0
        has_more = limit is not None and len(found) > limit
        return EventLogConnection(records, Cursor("storage_id", last).to_text(), has_more)

    def _read(self, run_id: str, log: Log, seqs: Sequence[int], at: int) -> EventLogRecord:
        try:
            return EventLogRecord(log.ids[at], from_row(Row(*log.rows[at])), seqs[at])
        except DeserializationError as error:
            raise EventLogInvalidForRun(run_id) from error

    def get_step_attempts(
        self, run_id: str, step_keys: Sequence[str] | None = None
    ) -> Sequence[StepAttempt]:
        with self._state.lock:
            log = self._state.logs.get(run_id)
            attempts = list(log.attempts.values()) if log else []
        wanted = None if step_keys is None else set(step_keys)
        return [
            attrs.evolve(one, started=as_stored(one.started), ended=as_stored(one.ended))
            for one in attempts
            if wanted is None or one.step_key in wanted
        ]

    def get_stats_for_run(self, run_id: str) -> RunStats:
        with self._state.lock:
            log = self._state.logs.get(run_id)
            if log is None:
                return RunStats(run_id)
            times = [(row[_TYPE], row[_TIME]) for row in log.rows]
        latest = {kind: time for kind, time in times if kind is not None}
        ends = [latest[kind] for kind in _ENDS if kind in latest]
        return RunStats(
            run_id,
            steps_succeeded=log.counts.get("steps_succeeded", 0),
            steps_failed=log.counts.get("steps_failed", 0),
            materializations=log.counts.get("materializations", 0),
            expectations=sum(kind == EventType.STEP_EXPECTATION_RESULT for kind, _ in times),
            end_time=to_seconds(ends[-1]) if ends else None,
            **{name: to_seconds(latest.get(kind)) for kind, name in _TIMES.items()},
        )


def _texts(of_type: EventType | set[EventType] | None) -> set[str] | None:
    if of_type is None:
        return None
    kinds = {of_type} if isinstance(of_type, EventType) else of_type
    return {kind.value for kind in kinds}


def _page(
    log: Log,
    seqs: Sequence[int],
    place: int | None,
    kinds: set[str] | None,
    limit: int | None,
    ascending: bool,
) -> list[int]:
    """Return positions of rows in the order asked for, one more than the limit if there are."""
    if ascending:
        order = range(0 if place is None else bisect_right(seqs, place), len(log.rows))
    else:
        stop = len(log.rows) if place is None else bisect_left(seqs, place)
        order = range(stop - 1, -1, -1)
    if kinds is None:
        return list(order if limit is None else order[: limit + 1])
    found: list[int] = []
    for at in order:
        if log.rows[at][_TYPE] in kinds:
            found.append(at)
            if limit is not None and len(found) > limit:
                break
    return found
