"""Runs in memory."""

from __future__ import annotations

from datetime import UTC, datetime
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
from plugwork.model import Cursor, RunRecord, RunsFilter, RunStatus, replace, serialize_value
from plugwork_memory.state import Log, State, StoredRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plugwork.model import Run

_BACKFILL_TAG = "plugwork/backfill"


class MemoryRunStorage(RunStorage):
    """The runs of a :class:`~plugwork_memory.storage.MemoryStorage`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add_run(self, run: Run) -> None:
        with self._state.lock:
            insert_run(self._state, run)

    def get_run_records(
        self,
        filters: RunsFilter | None = None,
        limit: int | None = None,
        order_by: str | None = None,
        ascending: bool = False,
        cursor: str | None = None,
    ) -> Sequence[RunRecord]:
        if order_by not in (None, "storage_id"):
            raise CheckError(f"runs are ordered by storage_id, not by {order_by!r}")
        if limit is not None and limit < 0:
            raise CheckError(f"limit is {limit}: give 0 or more, or None for all")
        with self._state.lock:
            place = None if cursor is None else self._find_place(cursor)
            found = islice(self._select(filters or RunsFilter(), ascending, place), limit)
            return [self._record(run_id, stored) for run_id, stored in found]

    def _record(self, run_id: str, stored: StoredRun) -> RunRecord:
        return stored.record(self._state.logs[run_id].summary())

    def _find_place(self, cursor: str) -> int:
        stored = self._state.runs.get(cursor)
        return stored.storage_id if stored else Cursor.from_text(cursor, "run").value

    def _select(
        self, filters: RunsFilter, ascending: bool = True, place: int | None = None
    ) -> Iterator[tuple[str, StoredRun]]:
        runs = self._state.runs
        if place is not None and all(run.storage_id != place for run in runs.values()):
            raise InvalidCursorError("the cursor's run is not stored; begin with the first page")
        for run_id, stored in runs.items() if ascending else reversed(runs.items()):
            behind = place is None or (
                stored.storage_id > place if ascending else stored.storage_id < place
            )
            if behind and _matches(run_id, stored, filters):
                yield run_id, stored

    def get_runs_count(self, filters: RunsFilter | None = None) -> int:
        with self._state.lock:
            return sum(1 for _ in self._select(filters or RunsFilter()))

    def find_run_ids(self, prefix: str, limit: int = 3) -> Sequence[str]:
        with self._state.lock:
            found = (run_id for run_id in reversed(self._state.runs) if run_id.startswith(prefix))
            return list(islice(found, limit))

    def add_run_tags(self, run_id: str, new_tags: Mapping[str, str]) -> None:
        for key, value in new_tags.items():
            if not isinstance(key, str) or not isinstance(value, str):
                raise CheckError(f"tags are text, got {key!r}: {value!r}")
        with self._state.lock:
            stored = self._state.runs.get(run_id)
            if stored is None:
                raise RunNotFoundError(invalid_run_id=run_id)
            stored.tags = {**stored.tags, **new_tags}
            stored.updated = self._state.now()

    def get_run_tags(
        self,
        tag_keys: Sequence[str],
        value_prefix: str | None = None,
        limit: int | None = None,
    ) -> Sequence[tuple[str, set[str]]]:
        wanted = set(tag_keys)
        with self._state.lock:
            pairs = {
                (key, value)
                for stored in self._state.runs.values()
                for key, value in stored.tags.items()
                if key in wanted and value.startswith(value_prefix or "")
            }
        return _group(islice(sorted(pairs), limit))

    def get_run_tag_keys(self) -> Sequence[str]:
        with self._state.lock:
            return sorted({key for stored in self._state.runs.values() for key in stored.tags})

    def add_snapshot(self, snapshot_id: str, kind: str, body: str) -> None:
        with self._state.lock:
            self._state.snapshots.setdefault(snapshot_id, (kind, body))

    def get_snapshot(self, snapshot_id: str) -> str | None:
        with self._state.lock:
            found = self._state.snapshots.get(snapshot_id)
        return found[1] if found else None


def insert_run(state: State, run: Run) -> Log:
    """Store a run and make its log; the caller holds the lock.

    :raises RunAlreadyExists: when it is stored already.
    :raises SnapshotDoesNotExist: when its job snapshot is not stored.
    """
    if run.run_id in state.runs:
        raise RunAlreadyExists(f"run {run.run_id} exists already")
    if run.job_snapshot_id is not None and run.job_snapshot_id not in state.snapshots:
        raise SnapshotDoesNotExist(f"no snapshot {run.job_snapshot_id!r} is stored")
    body = serialize_value(replace(run, tags={}, status=RunStatus.NOT_STARTED))
    now = state.now()
    state.last_run_id += 1
    state.runs[run.run_id] = StoredRun(
        storage_id=state.last_run_id,
        body=body,
        tags=dict(run.tags),
        status=run.status,
        job_name=run.job_name,
        job_snapshot_id=run.job_snapshot_id,
        created=now,
        updated=now,
    )
    return state.logs.setdefault(run.run_id, Log())


def _matches(run_id: str, stored: StoredRun, filters: RunsFilter) -> bool:
    return (
        (filters.run_ids is None or run_id in filters.run_ids)
        and (filters.job_name is None or stored.job_name == filters.job_name)
        and (not filters.statuses or stored.status in filters.statuses)
        and (filters.snapshot_id is None or stored.job_snapshot_id == filters.snapshot_id)
        and all(_has_tag(stored, key, value) for key, value in (filters.tags or {}).items())
        and not (filters.exclude_subruns and _BACKFILL_TAG in stored.tags)
        and _between(stored.updated_at, filters.updated_after, filters.updated_before)
        and _between(stored.created_at, filters.created_after, filters.created_before)
    )


def _has_tag(stored: StoredRun, key: str, value: str | Sequence[str]) -> bool:
    return stored.tags.get(key) in ((value,) if isinstance(value, str) else value)


def _between(time: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or time > _utc(after)) and (before is None or time < _utc(before))


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _group(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, set[str]]]:
    grouped: dict[str, set[str]] = {}
    for key, value in pairs:
        grouped.setdefault(key, set()).add(value)
    return list(grouped.items())
