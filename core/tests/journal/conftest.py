"""A small storage with the real rules, a clock that stands still, and faults on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from plugwork.abc import EventLogStorage, RunStorage, Storage
from plugwork.clock import SYSTEM_CLOCK, Clock
from plugwork.errors import FencedError, StorageUnavailableError
from plugwork.journal.holder import current_holder
from plugwork.journal.writer import EventWriter
from plugwork.model import (
    FINISHED_STATUSES,
    Appended,
    Batch,
    Cursor,
    EncodedEntry,
    EventLogConnection,
    EventLogRecord,
    Holder,
    Lease,
    Run,
    RunRecord,
    RunsFilter,
    StepAttempt,
    derive,
    guard,
    merge_attempt,
    replace,
)

GLANCE = 0.002


class ManualClock:
    """Stands still until a test moves it.

    :param hurried: the main thread's own waiting moves it; other threads wait for the test.
    """

    def __init__(self, hurried: bool = False) -> None:
        self.hurried = hurried
        self.waited: list[float] = []
        #: Done while the main thread waits.
        self.during_wait: Callable[[], None] = lambda: None
        self._moved = threading.Condition()
        self._time = 1000.0

    def now(self) -> float:
        return 1_700_000_000.0 + self._time

    def monotonic(self) -> float:
        return self._time

    def advance(self, seconds: float) -> None:
        with self._moved:
            self._time += seconds
            self._moved.notify_all()

    def wait(self, event: threading.Event, timeout: float) -> bool:
        if self.hurried and threading.current_thread() is threading.main_thread():
            self.waited.append(timeout)
            self.during_wait()
            self.advance(timeout)
            return event.is_set()
        deadline = self._time + timeout
        with self._moved:
            while not event.is_set() and self._time < deadline:
                self._moved.wait(GLANCE)
        return event.is_set()


class Fake:
    """What the journal reads and writes, in memory: state machine, fences, leases, attempts."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.runs: dict[str, Run] = {}
        self.logs: dict[str, list[EncodedEntry]] = {}
        self.fences: dict[str, tuple[int, int]] = {}
        self.leases: dict[tuple[str, str], Lease] = {}
        self.attempts: dict[str, dict[tuple[str, int], StepAttempt]] = {}

    @property
    def run_storage(self) -> Fake:
        return self

    @property
    def event_log_storage(self) -> Fake:
        return self

    def get_storage_id(self) -> str:
        return f"fake-{id(self)}"

    def create_run(
        self,
        run: Run,
        entries: Sequence[EncodedEntry] = (),
        holder: Holder | None = None,
        ttl: float = 15.0,
        steps_planned: int | None = None,
    ) -> Lease | None:
        with self.lock:
            self.runs[run.run_id] = run
            self.append(Batch(run.run_id, tuple(entries)))
            return self.acquire_lease("run", run.run_id, holder, ttl) if holder else None

    def append(self, batch: Batch) -> Appended:
        run_id = batch.run_id
        with self.lock:
            fence, last = self.fences.setdefault(run_id, (0, 0))
            status = self.runs[run_id].status
            if batch.fence is not None:
                if batch.fence != fence:
                    raise FencedError(run_id, batch.fence)
                if batch.number <= last:
                    return Appended(0, 0, status, status, batch.entries, duplicate=True)
                self.fences[run_id] = fence, batch.number
            entries, after = guard(batch.entries, status)
            log = self.logs.setdefault(run_id, [])
            first = len(log) + 1
            log += entries
            known = self.attempts.setdefault(run_id, {})
            for key, attempt in derive(entries, first).attempts.items():
                known[key] = merge_attempt(known.get(key), attempt)
            self.runs[run_id] = replace(self.runs[run_id], status=after)
            if after in FINISHED_STATUSES:
                self.leases.pop(("run", run_id), None)
            return Appended(first, first, status, after, entries)

    def acquire_lease(
        self, kind: Any, key: str, holder: Holder, ttl: float, seen: Lease | None = None
    ) -> Lease | None:
        with self.lock:
            held = self.leases.get((kind, key))
            run = self.runs.get(key)
            if kind == "run" and (run is None or run.is_finished):
                return None
            if (held and (held.fence, held.beat)) != (seen and (seen.fence, seen.beat)):
                return None
            fence = self.fences.get(key, (0, 0))[0] + 1
            self.fences[key] = fence, 0
            lease = Lease(kind, key, holder, fence, 1, ttl, 0.0)
            self.leases[kind, key] = lease
            return lease

    def renew_lease(self, lease: Lease) -> bool:
        with self.lock:
            held = self.leases.get((lease.kind, lease.key))
            if held is None or held.fence != lease.fence:
                return False
            self.leases[lease.kind, lease.key] = attrs.evolve(held, beat=held.beat + 1)
            return True

    def release_lease(self, lease: Lease) -> None:
        with self.lock:
            held = self.leases.get((lease.kind, lease.key))
            if held is not None and held.fence == lease.fence:
                del self.leases[lease.kind, lease.key]

    def get_leases(self, kind: str | None = None) -> Sequence[Lease]:
        with self.lock:
            return [lease for lease in self.leases.values() if kind in (None, lease.kind)]

    def get_run_records(
        self,
        filters: RunsFilter | None = None,
        limit: int | None = None,
        order_by: str | None = None,
        ascending: bool = False,
        cursor: str | None = None,
    ) -> Sequence[RunRecord]:
        wanted = filters or RunsFilter()
        then = datetime(2024, 1, 1, tzinfo=UTC)
        with self.lock:
            return [
                RunRecord(number, run, then, then)
                for number, run in enumerate(self.runs.values(), 1)
                if (wanted.run_ids is None or run.run_id in wanted.run_ids)
                and (not wanted.statuses or run.status in wanted.statuses)
            ][:limit]

    def get_run_record(self, run_id: str) -> RunRecord | None:
        return next(iter(self.get_run_records(RunsFilter(run_ids=(run_id,)))), None)

    def has_run(self, run_id: str) -> bool:
        return run_id in self.runs

    def delete_run(self, run_id: str) -> None:
        with self.lock:
            self.runs.pop(run_id, None)
            self.logs.pop(run_id, None)
            self.leases.pop(("run", run_id), None)

    def get_open_runs(self, statuses: Sequence[Any]) -> Sequence[RunRecord]:
        return self.get_run_records(RunsFilter(statuses=tuple(statuses)))

    def get_records_for_run(
        self,
        run_id: str,
        cursor: str | None = None,
        of_type: Any = None,
        limit: int | None = None,
        ascending: bool = True,
    ) -> EventLogConnection:
        start = 0 if cursor is None else Cursor.from_text(cursor, "seq").value
        with self.lock:
            log = self.logs.get(run_id, [])
        found = [EventLogRecord(seq, one.entry, seq) for seq, one in enumerate(log, 1)]
        found = found[start:] if ascending else found[::-1]
        page = found[:limit]
        last = page[-1].seq if page else start
        return EventLogConnection(page, Cursor("seq", last).to_text(), len(page) < len(found))

    def get_step_attempts(
        self, run_id: str, step_keys: Sequence[str] | None = None
    ) -> Sequence[StepAttempt]:
        with self.lock:
            return list(self.attempts.get(run_id, {}).values())

    def dispose(self) -> None:
        pass


for interface in (Storage, RunStorage, EventLogStorage):
    interface.register(Fake)


class Faulty:
    """A storage whose calls fail on demand, before or after they did their work."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage
        self.faults: dict[str, list[tuple[Exception | None, bool]]] = {}
        self.batches: list[Batch] = []

    def fail(self, call: str, error: Exception, times: int = 1, lose_answer: bool = False) -> None:
        """Let the next calls of this name fail.

        :param lose_answer: the work is done, and only its answer is lost.
        """
        self.faults.setdefault(call, []).extend([(error, lose_answer)] * times)

    def cut(self, call: str, times: int = 1, lose_answer: bool = False) -> None:
        self.fail(call, StorageUnavailableError("the storage is away"), times, lose_answer)

    def succeed(self, call: str) -> None:
        """Let the call between two faults pass."""
        self.faults.setdefault(call, []).append((None, False))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._storage, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            if name == "append":
                self.batches.append(args[0])
            faults = self.faults.get(name)
            if not faults:
                return found(*args, **kwargs)
            error, lose_answer = faults.pop(0)
            if error is None:
                return found(*args, **kwargs)
            if lose_answer:
                found(*args, **kwargs)
            raise error

        return call


@pytest.fixture
def clock() -> ManualClock:
    """Time that only the test moves."""
    return ManualClock()


@pytest.fixture
def hurried() -> ManualClock:
    """Time that the main thread's own waiting moves."""
    return ManualClock(hurried=True)


def open_plain(kind: str, folder: Path, clock: Clock) -> Any:
    if kind == "memory":
        from plugwork_memory import MemoryStorage

        return MemoryStorage(clock)
    if kind == "sqlite":
        from plugwork_sqlite import SqliteStorage

        return SqliteStorage(folder, clock=clock)
    return Fake()


@pytest.fixture(
    params=[
        "fake",
        pytest.param("memory", marks=pytest.mark.needs_plugins),
        pytest.param("sqlite", marks=pytest.mark.needs_plugins),
    ]
)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A storage that a test may let fail."""
    plain = open_plain(request.param, tmp_path, SYSTEM_CLOCK)
    yield Faulty(plain)
    plain.dispose()


@pytest.fixture
def holder() -> Holder:
    return current_holder()


class Recorded(list[Appended]):
    """What a writer's listener was told."""

    def texts(self) -> list[str]:
        return [encoded.entry.message for told in self for encoded in told.entries]


@pytest.fixture
def told() -> Recorded:
    return Recorded()


@attrs.define
class Scene:
    """A run with its lease, and the means to look at it."""

    storage: Any
    clock: ManualClock
    run: Run
    lease: Lease

    def log(self) -> list[str]:
        page = self.storage.event_log_storage.get_records_for_run(self.run.run_id)
        assert [record.seq for record in page.records] == list(range(1, len(page.records) + 1))
        return [str(record.event_type or record.event_log_entry.message) for record in page.records]

    def status(self) -> str:
        return str(self.storage.run_storage.get_run_record(self.run.run_id).run.status)


@pytest.fixture
def start_run(storage: Any, holder: Holder) -> Callable[..., Scene]:
    """Make runs that are held."""

    def start(clock: ManualClock, by: Holder | None = None, ttl: float = 15.0) -> Scene:
        run = Run(job_name="daily")
        lease = storage.create_run(run, holder=by or holder, ttl=ttl)
        return Scene(storage, clock, run, lease)

    return start


@pytest.fixture
def open_writer(told: Recorded) -> Iterator[Callable[..., EventWriter]]:
    """Make writers that are closed after the test."""
    writers: list[EventWriter] = []

    def make(scene: Scene, on_commit: Callable[[Appended], None] | None = None) -> EventWriter:
        writer = EventWriter(
            scene.storage,
            scene.run.run_id,
            scene.lease,
            scene.clock,
            on_commit or told.append,
            status=scene.run.status,
        )
        writers.append(writer)
        return writer

    yield make
    for writer in writers:
        writer.timer.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], None]:
    """Wait for a fact, at most twenty seconds."""

    def wait(fact: Callable[[], Any]) -> None:
        deadline = SYSTEM_CLOCK.monotonic() + 20
        while not fact():
            assert SYSTEM_CLOCK.monotonic() < deadline, "it did not come true in time"
            threading.Event().wait(GLANCE)

    return wait
