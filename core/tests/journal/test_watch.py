"""Watching a run gives every record once, in order, and ends with the run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from plugwork.errors import RunNotFoundError
from plugwork.journal import watch as watch_module
from plugwork.journal.entries import engine_event_entry, event_entry, log_entry
from plugwork.journal.wake import announce
from plugwork.journal.watch import watch_records
from plugwork.model import Batch, Event, EventLogEntry, EventLogRecord, EventType, Run

if TYPE_CHECKING:
    from conftest import ManualClock, Scene

    Start = Callable[..., Scene]
    Eventually = Callable[[Callable[[], Any]], None]


def event(scene: Scene, kind: EventType) -> EventLogEntry:
    return event_entry(Event(kind, "daily"), scene.run.run_id, scene.clock.now())


def line(scene: Scene, text: str) -> EventLogEntry:
    return log_entry(scene.run, 20, text, scene.clock.now())


def report(scene: Scene, *entries: EventLogEntry, wake: bool = True) -> None:
    scene.storage.append(Batch.of(scene.run.run_id, entries))
    if wake:
        announce(scene.storage.get_storage_id(), scene.run.run_id)


def names(records: list[EventLogRecord]) -> list[str]:
    assert [one.seq for one in records] == list(
        range(records[0].seq, records[0].seq + len(records))
    )
    return [str(one.event_type or one.event_log_entry.message) for one in records]


class Watching:
    """A watch that goes on in a thread."""

    def __init__(self, pool: ThreadPoolExecutor, records: Iterator[EventLogRecord]) -> None:
        self.seen: list[EventLogRecord] = []
        self._done: Future[None] = pool.submit(self._follow, records)

    def _follow(self, records: Iterator[EventLogRecord]) -> None:
        for record in records:
            self.seen.append(record)

    @property
    def over(self) -> bool:
        return self._done.done()

    def result(self) -> list[EventLogRecord]:
        self._done.result(timeout=20)
        return self.seen


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_a_finished_run_is_told_at_once(start_run: Start, clock: ManualClock) -> None:
    scene = start_run(clock)
    report(scene, event(scene, EventType.RUN_START), event(scene, EventType.RUN_SUCCESS))
    report(scene, engine_event_entry(scene.run, "exited", clock.now()))
    records = list(watch_records(scene.storage, scene.run.run_id, settle=3600, poll=3600))
    assert names(records) == ["RUN_START", "RUN_SUCCESS", "ENGINE_EVENT"]


def test_history_comes_first_then_what_is_committed_then_the_end(
    start_run: Start, clock: ManualClock, pool: ThreadPoolExecutor, eventually: Eventually
) -> None:
    scene = start_run(clock)
    report(scene, event(scene, EventType.RUN_START))
    watching = Watching(pool, watch_records(scene.storage, scene.run.run_id, poll=3600))
    eventually(lambda: len(watching.seen) == 1)
    report(scene, line(scene, "a"))
    eventually(lambda: len(watching.seen) == 2)
    assert not watching.over
    report(scene, event(scene, EventType.RUN_SUCCESS))
    report(scene, engine_event_entry(scene.run, "exited", clock.now()))
    assert names(watching.result()) == ["RUN_START", "a", "RUN_SUCCESS", "ENGINE_EVENT"]


def test_without_waking_the_slow_poll_finds_it(
    start_run: Start, clock: ManualClock, pool: ThreadPoolExecutor, eventually: Eventually
) -> None:
    scene = start_run(clock)
    watching = Watching(
        pool, watch_records(scene.storage, scene.run.run_id, poll=0.02, settle=0.02)
    )
    report(scene, event(scene, EventType.RUN_START), wake=False)
    eventually(lambda: len(watching.seen) == 1)
    report(scene, event(scene, EventType.RUN_FAILURE), wake=False)
    assert names(watching.result()) == ["RUN_START", "RUN_FAILURE"]


def test_a_cursor_goes_on_where_another_watch_stopped(start_run: Start, clock: ManualClock) -> None:
    scene = start_run(clock)
    report(scene, event(scene, EventType.RUN_START), line(scene, "a"))
    page = scene.storage.event_log_storage.get_records_for_run(scene.run.run_id)
    report(scene, event(scene, EventType.RUN_SUCCESS))
    records = list(watch_records(scene.storage, scene.run.run_id, page.cursor))
    assert names(records) == ["RUN_SUCCESS"]
    page = scene.storage.event_log_storage.get_records_for_run(scene.run.run_id)
    after = watch_records(scene.storage, scene.run.run_id, page.cursor, poll=3600, settle=3600)
    assert list(after) == []


def test_a_long_history_is_read_in_pages(
    start_run: Start, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_PAGE", 7)
    scene = start_run(clock)
    texts = [str(number) for number in range(50)]
    report(scene, *(line(scene, text) for text in texts))
    report(scene, event(scene, EventType.RUN_CANCELED))
    records = list(watch_records(scene.storage, scene.run.run_id))
    assert names(records) == [*texts, "RUN_CANCELED"]


def test_whoever_watches_can_stop(
    start_run: Start, clock: ManualClock, pool: ThreadPoolExecutor
) -> None:
    scene = start_run(clock)
    stop = threading.Event()
    watching = Watching(pool, watch_records(scene.storage, scene.run.run_id, stop=stop, poll=0.02))
    stop.set()
    assert watching.result() == []


def test_a_deleted_run_ends_the_watch(
    start_run: Start, clock: ManualClock, pool: ThreadPoolExecutor, eventually: Eventually
) -> None:
    scene = start_run(clock)
    report(scene, event(scene, EventType.RUN_START))
    watching = Watching(pool, watch_records(scene.storage, scene.run.run_id, poll=0.02))
    eventually(lambda: len(watching.seen) == 1)
    scene.storage.delete_run(scene.run.run_id)
    assert names(watching.result()) == ["RUN_START"]


def test_an_unknown_run_is_an_error(start_run: Start, clock: ManualClock) -> None:
    scene = start_run(clock)
    with pytest.raises(RunNotFoundError):
        next(watch_records(scene.storage, Run(job_name="x").run_id))
