"""The storage of ephemeral instances."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from plugwork.abc import Storage
from plugwork.clock import SYSTEM_CLOCK
from plugwork.errors import FencedError
from plugwork.model import (
    FAILURE_REASON_TAG,
    FINISHED_STATUSES,
    Appended,
    RunFailureReason,
    check_run_id,
    columns_of,
    derive,
    guard,
    merge_attempt,
)
from plugwork_memory import leases
from plugwork_memory.events import MemoryEventLogStorage
from plugwork_memory.pools import end_slots, free_slots
from plugwork_memory.runs import MemoryRunStorage, insert_run
from plugwork_memory.state import Log, State, StoredRun, to_micros

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugwork.clock import Clock
    from plugwork.model import (
        Batch,
        Derived,
        EncodedEntry,
        Holder,
        Lease,
        LeaseKind,
        Run,
    )
    from plugwork.plugin import ComponentContext


def open_storage(settings: object, context: ComponentContext) -> MemoryStorage:
    """Make the storage of one instance."""
    return MemoryStorage(context.clock)


class MemoryStorage(Storage):
    """Keeps everything in this process. Every instance has its own.

    Entries are kept as their stored form and read back from it, as from any other storage.
    """

    persistent = False

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._state = State(clock, str(uuid.uuid4()))
        self._runs = MemoryRunStorage(self._state)
        self._events = MemoryEventLogStorage(self._state)

    @property
    def run_storage(self) -> MemoryRunStorage:
        return self._runs

    @property
    def event_log_storage(self) -> MemoryEventLogStorage:
        return self._events

    def create_run(
        self,
        run: Run,
        entries: Sequence[EncodedEntry] = (),
        holder: Holder | None = None,
        ttl: float = 15.0,
        steps_planned: int | None = None,
    ) -> Lease | None:
        state = self._state
        with state.lock:
            log = insert_run(state, run)
            log.steps_planned = steps_planned
            if entries:
                _write(state, run.run_id, log, tuple(entries))
            if holder is None:
                return None
            return leases.acquire(state, "run", run.run_id, holder, ttl, seen=None)

    def append(self, batch: Batch) -> Appended:
        state = self._state
        with state.lock:
            log = state.logs.get(batch.run_id)
            if batch.fence is not None:
                if log is None or log.fence != batch.fence:
                    raise FencedError(batch.run_id, batch.fence)
                if batch.number <= log.last_batch:
                    run = state.runs.get(batch.run_id)
                    status = run.status if run else None
                    return Appended(0, 0, status, status, batch.entries, duplicate=True)
                log.last_batch = batch.number
            elif log is None:
                if batch.run_id:
                    check_run_id(batch.run_id)
                log = state.logs[batch.run_id] = Log()
            return _write(state, batch.run_id, log, batch.entries)

    def acquire_lease(
        self,
        kind: LeaseKind,
        key: str,
        holder: Holder,
        ttl: float,
        seen: Lease | None = None,
    ) -> Lease | None:
        with self._state.lock:
            return leases.acquire(self._state, kind, key, holder, ttl, seen)

    def renew_lease(self, lease: Lease) -> bool:
        with self._state.lock:
            return leases.renew(self._state, lease)

    def release_lease(self, lease: Lease) -> None:
        with self._state.lock:
            leases.release(self._state, lease)

    def get_leases(self, kind: LeaseKind | None = None) -> Sequence[Lease]:
        with self._state.lock:
            return [
                lease
                for _, lease in sorted(self._state.leases.items())
                if lease.holder is not None and kind in (None, lease.kind)
            ]

    def delete_run(self, run_id: str) -> None:
        state = self._state
        with state.lock:
            state.runs.pop(run_id, None)
            state.logs.pop(run_id, None)
            state.leases.pop(("run", run_id), None)
            end_slots(state, run_id)

    def get_storage_id(self) -> str:
        return self._state.storage_id

    def info(self) -> Mapping[str, Any]:
        with self._state.lock:
            return {
                "storage": "memory",
                "runs": len(self._state.runs),
                "events": sum(len(log.rows) for log in self._state.logs.values()),
            }

    def wipe(self) -> None:
        with self._state.lock:
            self._state.wipe()

    def dispose(self) -> None:
        """Do nothing: there is no connection to close."""


def _write(state: State, run_id: str, log: Log, entries: tuple[EncodedEntry, ...]) -> Appended:
    run = state.runs.get(run_id)
    before = after = run.status if run else None
    if before is not None:
        entries, after = guard(entries, before)
    first_id = state.last_event_id + 1
    first_seq = len(log.rows) + 1 if run_id else first_id
    derived = derive(entries, first_seq)
    log.rows += map(columns_of, entries)
    state.last_event_id += len(entries)
    log.ids += range(first_id, state.last_event_id + 1)
    for name, number in derived.counts.items():
        log.counts[name] = log.counts.get(name, 0) + number
    log.reason = derived.reason or log.reason
    log.failure = log.failure or derived.failure
    for key, attempt in derived.attempts.items():
        log.attempts[key] = merge_attempt(log.attempts.get(key), attempt)
        if state.slots and attempt.ended is not None:
            free_slots(state, run_id, *key)
    if run is not None and after is not None and derived.status_time is not None:
        run.status = after
        _apply_times(run, derived, derived.status_time)
        if after in FINISHED_STATUSES:
            state.leases.pop(("run", run_id), None)
            end_slots(state, run_id)
    return Appended(first_seq, first_id, before, after, entries)


def _apply_times(run: StoredRun, derived: Derived, status_time: float) -> None:
    run.updated = to_micros(status_time)
    if derived.start_time is not None:
        run.started = to_micros(derived.start_time)
    if derived.end_time is not None:
        run.ended = to_micros(derived.end_time)
    if derived.reason not in (None, RunFailureReason.UNKNOWN):
        run.tags = {**run.tags, FAILURE_REASON_TAG: str(derived.reason)}
