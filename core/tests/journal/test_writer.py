"""The one writer of a run: what is acknowledged is stored once, in order, whatever fails."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from plugwork.boundary import capture_interrupts, pop_captured_interrupt
from plugwork.errors import (
    FencedError,
    InvariantViolationError,
    StorageFullError,
    StorageUnavailableError,
)
from plugwork.journal import writer as writer_module
from plugwork.journal.entries import event_entry, log_entry
from plugwork.journal.writer import EventWriter
from plugwork.model import Appended, Batch, Event, EventLogEntry, EventType, RunStatus

if TYPE_CHECKING:
    from conftest import ManualClock, Recorded, Scene

    Start = Callable[..., Scene]
    Open = Callable[..., EventWriter]
    Eventually = Callable[[Callable[[], Any]], None]


def line(scene: Scene, text: str, after: float = 0.0) -> EventLogEntry:
    return log_entry(scene.run, 20, text, scene.clock.now() + after)


def event(scene: Scene, kind: EventType) -> EventLogEntry:
    return event_entry(Event(kind, scene.run.job_name), scene.run.run_id, scene.clock.now())


def cancel_from_outside(scene: Scene) -> None:
    canceling = event(scene, EventType.RUN_CANCELING)
    scene.storage.append(Batch.of(scene.run.run_id, [canceling]))


def test_flush_commits_everything_in_one_batch(
    start_run: Start, open_writer: Open, clock: ManualClock, told: Recorded
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    for text in ("a", "b", "c"):
        writer.write(line(scene, text))
    assert scene.log() == []
    writer.flush()
    assert scene.log() == ["a", "b", "c"]
    assert [(one.first_seq, len(one.entries)) for one in told] == [(1, 3)]


def test_the_status_is_that_of_the_last_answer(
    start_run: Start, open_writer: Open, clock: ManualClock
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    assert writer.status is RunStatus.NOT_STARTED
    writer.write(event(scene, EventType.RUN_START))
    assert writer.status is RunStatus.NOT_STARTED
    writer.flush()
    assert writer.status is RunStatus.STARTED
    cancel_from_outside(scene)
    writer.write(line(scene, "goes on"))
    writer.flush()
    assert writer.status is RunStatus.CANCELING


def test_flushing_nothing_sends_nothing(
    start_run: Start, open_writer: Open, clock: ManualClock, told: Recorded
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    writer.flush()
    assert (scene.storage.batches, list(told)) == ([], [])


def test_times_never_decrease(start_run: Start, open_writer: Open, clock: ManualClock) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    for after in (0.0, 5.0, 2.0, 5.5):
        writer.write(line(scene, str(after), after))
    writer.flush()
    page = scene.storage.event_log_storage.get_records_for_run(scene.run.run_id)
    assert [one.timestamp - clock.now() for one in page.records] == pytest.approx([0, 5, 5, 5.5])
    assert [one.event_log_entry.message for one in page.records] == ["0.0", "5.0", "2.0", "5.5"]


def test_a_quarter_of_a_second_later_the_writer_commits_by_itself(
    start_run: Start, open_writer: Open, clock: ManualClock, eventually: Eventually
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    writer.write(line(scene, "a"))
    clock.advance(0.2)
    assert scene.log() == []
    clock.advance(0.05)
    eventually(lambda: scene.log() == ["a"])
    # Quiet for a tick, the thread rests; the next entry wakes it again.
    clock.advance(0.25)
    eventually(lambda: not writer._ticking)
    writer.write(line(scene, "b"))
    clock.advance(0.25)
    eventually(lambda: scene.log() == ["a", "b"])


def test_a_full_batch_is_committed_at_once(
    start_run: Start, open_writer: Open, clock: ManualClock
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    for number in range(501):
        writer.write(line(scene, str(number)))
    assert len(scene.log()) == 500
    writer.flush()
    assert [len(batch.entries) for batch in scene.storage.batches] == [500, 1]
    assert [batch.number for batch in scene.storage.batches] == [1, 2]


def test_a_mebibyte_is_committed_at_once(
    start_run: Start, open_writer: Open, clock: ManualClock
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    for _ in range(3):
        writer.write(line(scene, "x" * 400_000))
    assert len(scene.log()) >= 2
    writer.flush()
    assert len(scene.log()) == 3
    sizes = [sum(one.size for one in batch.entries) for batch in scene.storage.batches]
    assert max(sizes) <= 1 << 20


def test_an_unanswered_batch_is_sent_again_unchanged(
    start_run: Start, open_writer: Open, hurried: ManualClock, told: Recorded
) -> None:
    scene = start_run(hurried)
    writer = open_writer(scene)
    writer.write(line(scene, "a"))
    scene.storage.cut("append", times=3)
    writer.flush()
    assert scene.log() == ["a"]
    first, *again = scene.storage.batches
    assert again == [first] * 3
    assert hurried.waited == [0.05, 0.1, 0.2]
    assert told.texts() == ["a"]


def test_a_batch_whose_answer_was_lost_is_stored_and_told_once(
    start_run: Start, open_writer: Open, hurried: ManualClock, told: Recorded
) -> None:
    scene = start_run(hurried)
    writer = open_writer(scene)
    writer.write(line(scene, "before"))
    writer.flush()
    writer.write(event(scene, EventType.RUN_START))
    writer.write(line(scene, "a"))
    scene.storage.cut("append", lose_answer=True)
    hurried.during_wait = lambda: cancel_from_outside(scene)
    writer.flush()
    assert scene.log() == ["before", "RUN_START", "a", "RUN_CANCELING"]
    _, again = told
    assert [encoded.entry.message for encoded in again.entries][1:] == ["a"]
    assert (again.first_seq, again.duplicate) == (2, False)
    assert (again.previous, again.status) == (RunStatus.NOT_STARTED, RunStatus.CANCELING)
    assert writer.status is RunStatus.CANCELING


def test_a_lost_answer_that_cannot_be_read_back_is_told_as_a_duplicate(
    start_run: Start, open_writer: Open, hurried: ManualClock, told: Recorded
) -> None:
    scene = start_run(hurried)
    writer = open_writer(scene)
    writer.write(line(scene, "a"))
    scene.storage.cut("append", lose_answer=True)
    logs = scene.storage.event_log_storage
    scene.storage.event_log_storage = type(scene.storage)(logs)
    scene.storage.event_log_storage.cut("get_records_for_run")
    writer.flush()
    assert [one.duplicate for one in told] == [True]
    assert scene.log() == ["a"]


@pytest.mark.parametrize("lose_answer", [False, True], ids=["refused", "unanswered"])
def test_whichever_send_fails_the_log_is_the_same(
    start_run: Start,
    open_writer: Open,
    hurried: ManualClock,
    told: Recorded,
    lose_answer: bool,
) -> None:
    for number in range(5):
        scene = start_run(hurried)
        writer = open_writer(scene)
        told.clear()
        for _ in range(number):
            scene.storage.succeed("append")
        scene.storage.cut("append", lose_answer=lose_answer)
        writer.write(event(scene, EventType.RUN_START))
        writer.flush()
        for text in ("a", "b"):
            writer.write(line(scene, text))
            writer.flush()
        writer.write(event(scene, EventType.RUN_SUCCESS))
        writer.close()
        scene.storage.faults.clear()
        assert scene.log() == ["RUN_START", "a", "b", "RUN_SUCCESS"]
        assert [one.first_seq for one in told] == [1, 2, 3, 4]
        assert [str(one.status) for one in told][::3] == ["STARTED", "SUCCESS"]


def test_an_outage_keeps_every_entry_in_memory_and_in_order(
    start_run: Start, open_writer: Open, hurried: ManualClock
) -> None:
    scene = start_run(hurried)
    writer = open_writer(scene)
    scene.storage.cut("append", times=20)
    texts = [str(number) for number in range(1200)]
    for text in texts:
        writer.write(line(scene, text))
    assert len(scene.storage.batches) == 1, "only the first full batch was tried"
    writer.flush()
    assert scene.log() == texts


def test_the_thread_delivers_what_an_outage_left(
    start_run: Start, open_writer: Open, clock: ManualClock, eventually: Eventually
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    scene.storage.cut("append", times=2)
    writer.write(line(scene, "a"))
    clock.advance(0.25)
    eventually(lambda: len(scene.storage.batches) == 1)

    def delivered() -> bool:
        clock.advance(1.0)
        return scene.log() == ["a"]

    eventually(delivered)


def test_writing_blocks_when_the_buffer_is_full(
    start_run: Start,
    open_writer: Open,
    hurried: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer_module, "BUFFER_BYTES", 10_000)
    monkeypatch.setattr(writer_module, "BATCH_BYTES", 2_000)
    scene = start_run(hurried)
    writer = open_writer(scene)
    scene.storage.cut("append", times=6)
    for _ in range(9):
        writer.write(line(scene, "x" * 1000))
    assert hurried.waited == []
    assert len(scene.storage.batches) == 1
    writer.write(line(scene, "x" * 1000))
    assert len(hurried.waited) == 5
    assert len(scene.log()) == 10


def test_a_full_disk_is_waited_for_then_told(
    start_run: Start, open_writer: Open, hurried: ManualClock
) -> None:
    scene = start_run(hurried, ttl=4.0)
    writer = open_writer(scene)
    writer.write(line(scene, "a"))
    scene.storage.fail("append", StorageFullError("no space left: /data/plugwork.db"), times=1000)
    with pytest.raises(StorageFullError, match=r"/data/plugwork\.db"):
        writer.flush()
    assert 4.0 <= sum(hurried.waited) <= 5.0
    hurried.waited.clear()
    with pytest.raises(StorageFullError):
        writer.flush()
    assert hurried.waited == [], "the time was used up; it only looks whether there is space"
    scene.storage.faults.clear()
    writer.write(line(scene, "b"))
    writer.flush()
    assert scene.log() == ["a", "b"]


def test_a_full_disk_that_is_freed_in_time_goes_unnoticed(
    start_run: Start, open_writer: Open, hurried: ManualClock
) -> None:
    scene = start_run(hurried)
    writer = open_writer(scene)
    writer.write(line(scene, "a"))
    scene.storage.fail("append", StorageFullError("no space left"), times=5)
    writer.flush()
    assert scene.log() == ["a"]


def test_a_noted_signal_bounds_the_waiting_for_a_storage(
    start_run: Start, open_writer: Open, hurried: ManualClock
) -> None:
    scene = start_run(hurried, ttl=4.0)
    writer = open_writer(scene)
    writer.write(line(scene, "a"))
    scene.storage.cut("append", times=1000)
    with capture_interrupts():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(StorageUnavailableError):
            writer.flush()
        assert pop_captured_interrupt() is signal.SIGTERM
    assert 4.0 <= sum(hurried.waited) <= 5.0


def test_a_writer_that_was_taken_over_says_so_and_drops_the_rest(
    start_run: Start, open_writer: Open, clock: ManualClock, told: Recorded
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    writer.write(line(scene, "a"))
    writer.flush()
    assert scene.storage.acquire_lease("run", scene.run.run_id, scene.lease.holder, 15, scene.lease)
    writer.write(line(scene, "late"))
    assert not writer.fenced
    with pytest.raises(FencedError):
        writer.flush()
    assert writer.fenced
    writer.write(line(scene, "later"))
    with pytest.raises(FencedError):
        writer.flush()
    writer.close()
    assert scene.log() == ["a"]
    assert told.texts() == ["a"]


def test_a_takeover_that_the_thread_finds_is_remembered(
    start_run: Start,
    open_writer: Open,
    clock: ManualClock,
    eventually: Eventually,
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    scene.storage.acquire_lease("run", scene.run.run_id, scene.lease.holder, 15, scene.lease)
    writer.write(line(scene, "late"))
    clock.advance(0.25)
    eventually(lambda: writer.fenced)
    with pytest.raises(FencedError):
        writer.flush()
    assert "was taken over by another process" in caplog.text


def test_what_was_committed_before_a_takeover_is_told(
    start_run: Start, open_writer: Open, hurried: ManualClock, told: Recorded
) -> None:
    scene = start_run(hurried)
    writer = open_writer(scene)
    scene.storage.cut("append")
    texts = [str(number) for number in range(600)]
    for text in texts:
        writer.write(line(scene, text))
    scene.storage.succeed("append")
    scene.storage.fail("append", FencedError(scene.run.run_id, 1))
    with pytest.raises(FencedError):
        writer.flush()
    assert told.texts() == scene.log() == texts[:500]


def test_listeners_hear_batches_in_commit_order_and_one_that_fails_is_logged(
    start_run: Start, open_writer: Open, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    scene = start_run(clock)
    heard: list[int] = []

    def listen(appended: Appended) -> None:
        heard.append(appended.first_seq)
        if len(heard) == 1:
            raise ValueError("a listener of yours")

    writer = open_writer(scene, listen)
    for number in range(3):
        writer.write(line(scene, str(number)))
        writer.flush()
    assert heard == [1, 2, 3]
    assert "a listener of yours" in caplog.text


def test_a_listener_may_write_and_flush(
    start_run: Start, open_writer: Open, clock: ManualClock
) -> None:
    scene = start_run(clock)
    heard: list[str] = []

    def listen(appended: Appended) -> None:
        text = appended.entries[0].entry.message
        if text == "a":
            writer.write(line(scene, "from the listener"))
            writer.flush()
        heard.append(text)

    writer = open_writer(scene, listen)
    writer.write(line(scene, "a"))
    writer.flush()
    assert scene.log() == ["a", "from the listener"]
    assert heard == ["a", "from the listener"]


def test_threads_write_at_once_and_nothing_is_lost(
    start_run: Start, open_writer: Open, clock: ManualClock, told: Recorded
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)

    def work(thread: int) -> None:
        for number in range(300):
            writer.write(line(scene, f"{thread}/{number}"))
            if number % 7 == 0:
                writer.flush()
                assert any(text == f"{thread}/{number}" for text in told.texts()[-4000:])
        writer.flush()

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(work, thread) for thread in range(4)]:
            future.result(timeout=60)
    texts = scene.log()
    assert len(texts) == len(set(texts)) == 1200
    for thread in range(4):
        mine = [text for text in texts if text.startswith(f"{thread}/")]
        assert mine == [f"{thread}/{number}" for number in range(300)]
    assert [one.first_seq for one in told] == sorted(one.first_seq for one in told)
    assert told.texts() == texts


def test_closing_flushes_and_ends_the_thread(
    start_run: Start, open_writer: Open, clock: ManualClock
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    before = threading.active_count()
    writer.write(line(scene, "a"))
    assert threading.active_count() == before + 1
    writer.close()
    writer.close()
    assert threading.active_count() == before
    assert scene.log() == ["a"]
    with pytest.raises(InvariantViolationError, match="is closed"):
        writer.write(line(scene, "b"))


def test_a_writer_knows_when_it_ended_its_run(
    start_run: Start, open_writer: Open, clock: ManualClock
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    writer.write(event(scene, EventType.RUN_START))
    writer.flush()
    assert not writer.finished()
    writer.write(event(scene, EventType.RUN_SUCCESS))
    writer.flush()
    assert writer.finished()
    assert scene.status() == "SUCCESS"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only on systems that fork")
def test_a_forked_child_is_told_that_it_cannot_write(
    start_run: Start, open_writer: Open, clock: ManualClock
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    reader, sender = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            writer.write(line(scene, "from a child"))
        except InvariantViolationError as error:
            os.write(sender, str(error).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert f"are written by process {os.getpid()}" in os.read(reader, 1000).decode()
    os.close(reader)
    os.close(sender)


def test_a_finalizer_that_logs_does_not_block_its_own_thread(
    start_run: Start, open_writer: Open, clock: ManualClock
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    with writer._lock:
        writer.write(line(scene, "from a finalizer"))
    with writer._sending:
        for number in range(600):
            writer.write(line(scene, str(number)))
    writer.flush()
    assert len(scene.log()) == 601
