"""A run whose worker is gone ends once, with its cause; a run whose worker lives is left alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from plugwork.abc import WorkerHealth, WorkerStatus
from plugwork.errors import CheckError, FencedError, StorageFullError
from plugwork.journal.entries import event_entry, run_event_entry
from plugwork.journal.reaper import Reaper, end_run, reap_provably_dead
from plugwork.model import (
    Appended,
    Batch,
    Event,
    EventType,
    Holder,
    Run,
    RunFailureReason,
    RunStatus,
    StepFailureData,
    StepStatus,
    StepSuccessData,
)

if TYPE_CHECKING:
    from conftest import ManualClock, Recorded, Scene

    Start = Callable[..., Scene]
    Eventually = Callable[[Callable[[], Any]], None]

AWAY = Holder("far/1", "another boot", "pid:[1]", 77, "5")


@pytest.fixture
def dead(holder: Holder) -> Holder:
    """A process of this machine that is no more: its pid was given to this one."""
    return attrs.evolve(holder, start_time="1")


def report(scene: Scene, *kinds: EventType, step: str | None = None, attempt: int = 1) -> None:
    """Write events as the run's worker."""
    events = [
        Event(
            kind,
            "daily",
            StepSuccessData(1.0) if kind is EventType.STEP_SUCCESS else None,
            step_key=step,
            attempt=attempt if step else None,
        )
        for kind in kinds
    ]
    entries = [event_entry(event, scene.run.run_id, scene.clock.now()) for event in events]
    number = len(scene.storage.batches) + 1
    scene.storage.append(Batch.of(scene.run.run_id, entries, scene.lease.fence, number))


def cancel(scene: Scene) -> None:
    entry = run_event_entry(scene.run, EventType.RUN_CANCELING, "stop", scene.clock.now())
    scene.storage.append(Batch.of(scene.run.run_id, [entry]))


def last(scene: Scene) -> Any:
    page = scene.storage.event_log_storage.get_records_for_run(scene.run.run_id)
    return page.records[-1].event_log_entry


def make_reaper(scene: Scene, **more: Any) -> Reaper:
    return Reaper(scene.storage, scene.clock, 15.0, 5.0, **more)


def look_for(reaper: Reaper, scene: Scene, seconds: float) -> list[str]:
    """Let time pass with regular passes; return what the last one ended."""
    ended: list[str] = []
    while seconds > 0 and not ended:
        scene.clock.advance(min(5.0, seconds))
        seconds -= 5.0
        ended = reaper.look()
    return ended


def test_one_pass_ends_a_run_whose_holder_vanished_from_this_machine(
    start_run: Start, clock: ManualClock, dead: Holder, told: Recorded
) -> None:
    scene = start_run(clock, by=dead)
    report(scene, EventType.RUN_START)
    assert reap_provably_dead(scene.storage, clock, told.append) == [scene.run.run_id]
    assert scene.log() == ["RUN_START", "RUN_FAILURE"]
    entry = last(scene)
    data = entry.event.event_specific_data
    assert data.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION
    assert data.error.cls_name == "WorkerLostError"
    assert f"pid {dead.pid} on {dead.host.partition('/')[0]}" in entry.message
    assert entry.message in told.texts()
    assert scene.storage.get_leases("run") == []
    assert reap_provably_dead(scene.storage, clock) == []


def test_one_pass_leaves_whoever_may_live(start_run: Start, clock: ManualClock) -> None:
    scenes = [start_run(clock), start_run(clock, by=AWAY)]
    clock.advance(3600)
    assert reap_provably_dead(scenes[0].storage, clock) == []
    assert [scene.status() for scene in scenes] == ["NOT_STARTED", "NOT_STARTED"]


def test_open_attempts_are_closed_before_the_run(
    start_run: Start, clock: ManualClock, dead: Holder
) -> None:
    scene = start_run(clock, by=dead)
    report(scene, EventType.RUN_START)
    report(scene, EventType.STEP_START, EventType.STEP_SUCCESS, step="done")
    report(scene, EventType.STEP_START, step="first")
    report(scene, EventType.STEP_RESTARTED, step="third", attempt=3)
    reap_provably_dead(scene.storage, clock)
    assert scene.log()[-3:] == ["STEP_FAILURE", "STEP_FAILURE", "RUN_FAILURE"]
    attempts = scene.storage.event_log_storage.get_step_attempts(scene.run.run_id)
    assert {(one.step_key, one.attempt): one.status for one in attempts} == {
        ("done", 1): StepStatus.SUCCESS,
        ("first", 1): StepStatus.FAILURE,
        ("third", 3): StepStatus.FAILURE,
    }
    page = scene.storage.event_log_storage.get_records_for_run(scene.run.run_id)
    closing = page.records[-2].event_log_entry
    data = closing.event.event_specific_data
    assert isinstance(data, StepFailureData)
    assert data.error is not None
    assert data.error.cls_name == "WorkerLostError"
    assert (closing.step_key, closing.attempt, closing.level) == ("third", 3, 40)


@pytest.mark.parametrize(
    ("kinds", "canceling", "end"),
    [
        ([], False, "FAILURE"),
        ([EventType.RUN_STARTING], False, "FAILURE"),
        ([EventType.RUN_START], False, "FAILURE"),
        ([EventType.RUN_START], True, "CANCELED"),
        ([EventType.RUN_STARTING], True, "CANCELED"),
    ],
    ids=["not-started", "starting", "started", "canceling", "canceling-unstarted"],
)
def test_every_open_status_ends_when_its_holder_is_dead(
    start_run: Start,
    clock: ManualClock,
    dead: Holder,
    kinds: list[EventType],
    canceling: bool,
    end: str,
) -> None:
    scene = start_run(clock, by=dead)
    if kinds:
        report(scene, *kinds)
    if canceling:
        cancel(scene)
    assert make_reaper(scene).look() == [scene.run.run_id]
    assert scene.status() == end


def test_a_queued_run_goes_back_to_whoever_dequeues_next(
    start_run: Start, clock: ManualClock, dead: Holder
) -> None:
    scene = start_run(clock, by=dead)
    report(scene, EventType.RUN_ENQUEUED)
    assert make_reaper(scene).look() == []
    assert scene.status() == "QUEUED"
    assert scene.storage.get_leases("run") == []


def test_a_holder_elsewhere_is_lost_after_a_ttl_without_a_new_beat(
    start_run: Start, clock: ManualClock
) -> None:
    scene = start_run(clock, by=AWAY)
    report(scene, EventType.RUN_START)
    reaper = make_reaper(scene)
    reaper.look()
    assert look_for(reaper, scene, 10.0) == []
    assert scene.storage.renew_lease(scene.lease)
    assert look_for(reaper, scene, 15.0) == []
    assert look_for(reaper, scene, 5.0) == [scene.run.run_id]
    assert "(pid 77 on far) gave no sign of life for 15 s" in last(scene).message


def test_a_beat_within_each_ttl_keeps_a_run_for_ever(start_run: Start, clock: ManualClock) -> None:
    scene = start_run(clock, by=AWAY)
    reaper = make_reaper(scene)
    for _ in range(100):
        assert look_for(reaper, scene, 10.0) == []
        assert scene.storage.renew_lease(scene.lease)


@pytest.mark.parametrize(
    ("status", "seconds"),
    [
        (WorkerStatus.NOT_FOUND, 15),
        (WorkerStatus.FAILED, 15),
        (WorkerStatus.SUCCESS, 15),
        (WorkerStatus.UNKNOWN, 15),
        (WorkerStatus.RUNNING, 30),
    ],
)
def test_the_launcher_is_asked_once_more_and_a_seen_worker_gets_one_more_ttl(
    start_run: Start, clock: ManualClock, status: WorkerStatus, seconds: int
) -> None:
    scene = start_run(clock, by=AWAY)
    report(scene, EventType.RUN_START)
    asked: list[str] = []

    def health(run: Run) -> WorkerHealth:
        asked.append(run.run_id)
        return WorkerHealth(status, "as the launcher says")

    reaper = make_reaper(scene, health=health)
    reaper.look()
    assert look_for(reaper, scene, seconds - 5) == []
    assert look_for(reaper, scene, 5.0) == [scene.run.run_id]
    assert asked == [scene.run.run_id] * (seconds // 15)
    message = last(scene).message
    assert f"{seconds} s" in message
    assert "as the launcher says" in message


def test_a_process_that_exists_here_but_hangs_is_taken_over_after_two_ttls(
    start_run: Start, clock: ManualClock
) -> None:
    scene = start_run(clock)
    report(scene, EventType.RUN_START)
    reaper = make_reaper(scene)
    reaper.look()
    assert look_for(reaper, scene, 25.0) == []
    assert look_for(reaper, scene, 5.0) == [scene.run.run_id]
    with pytest.raises(FencedError):
        report(scene, EventType.RUN_SUCCESS)
    assert scene.status() == "FAILURE"


def test_a_launcher_that_cannot_answer_counts_as_not_knowing(
    start_run: Start, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    scene = start_run(clock, by=AWAY)

    def health(run: Run) -> WorkerHealth:
        raise RuntimeError("no answer")

    reaper = make_reaper(scene, health=health)
    reaper.look()
    assert look_for(reaper, scene, 15.0) == [scene.run.run_id]
    assert "no answer" in caplog.text


def test_an_outage_grants_everyone_a_full_ttl(start_run: Start, clock: ManualClock) -> None:
    scene = start_run(clock, by=AWAY)
    reaper = make_reaper(scene)
    reaper.look()
    assert look_for(reaper, scene, 10.0) == []
    scene.storage.cut("get_leases")
    clock.advance(5.0)
    with pytest.raises(Exception, match="away"):
        reaper.look()
    assert look_for(reaper, scene, 15.0) == []
    assert look_for(reaper, scene, 5.0) == [scene.run.run_id]


def test_a_reaper_that_was_held_up_grants_everyone_a_full_ttl(
    start_run: Start, clock: ManualClock
) -> None:
    scene = start_run(clock, by=AWAY)
    reaper = make_reaper(scene)
    reaper.look()
    clock.advance(300)
    assert reaper.look() == []
    assert look_for(reaper, scene, 10.0) == []
    assert look_for(reaper, scene, 5.0) == [scene.run.run_id]


def test_an_outage_of_writing_alone_grants_everyone_a_full_ttl(
    start_run: Start, clock: ManualClock
) -> None:
    scene = start_run(clock, by=AWAY)
    reaper = make_reaper(scene)
    reaper.look()
    scene.storage.cut("renew_lease", times=5)
    assert look_for(reaper, scene, 50.0) == []
    assert scene.storage.faults["renew_lease"] == []
    assert look_for(reaper, scene, 10.0) == []
    assert look_for(reaper, scene, 5.0) == [scene.run.run_id]


def test_a_write_that_had_to_wait_grants_everyone_a_full_ttl(
    start_run: Start, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = start_run(clock, by=AWAY)
    reaper = make_reaper(scene)
    reaper.look()
    renew = scene.storage.renew_lease
    waits = [60.0]

    def wait_and_renew(lease: Any) -> bool:
        clock.advance(waits.pop() if waits else 0.0)
        return bool(renew(lease))

    monkeypatch.setattr(scene.storage, "renew_lease", wait_and_renew, raising=False)
    assert look_for(reaper, scene, 10.0) == []
    assert waits == []
    assert look_for(reaper, scene, 10.0) == []
    assert look_for(reaper, scene, 5.0) == [scene.run.run_id]


def test_a_takeover_that_failed_is_tried_again_after_another_ttl(
    start_run: Start, clock: ManualClock
) -> None:
    scene = start_run(clock, by=AWAY)
    reaper = make_reaper(scene)
    reaper.look()
    scene.storage.fail("acquire_lease", StorageFullError("no space left"))
    assert look_for(reaper, scene, 25.0) == []
    assert scene.storage.faults["acquire_lease"] == []
    assert look_for(reaper, scene, 5.0) == [scene.run.run_id]


def test_an_active_run_that_nobody_holds_is_ended_after_the_ttl(
    start_run: Start, clock: ManualClock
) -> None:
    scene, waiting = start_run(clock), start_run(clock)
    report(scene, EventType.RUN_START)
    scene.storage.release_lease(scene.lease)
    waiting.storage.release_lease(waiting.lease)
    reaper = make_reaper(scene)
    reaper.look()
    assert look_for(reaper, scene, 10.0) == []
    assert look_for(reaper, scene, 5.0) == [scene.run.run_id]
    assert "no process holds it" in last(scene).message
    assert waiting.status() == "NOT_STARTED"


def test_a_lease_left_over_by_a_finished_run_is_given_back(
    start_run: Start, clock: ManualClock, holder: Holder
) -> None:
    scene = start_run(clock)
    report(scene, EventType.RUN_START, EventType.RUN_SUCCESS)
    leases = scene.storage.get_leases
    released: list[Any] = []
    scene.storage.get_leases = lambda kind: [*leases(kind), scene.lease]
    scene.storage.release_lease = released.append
    assert make_reaper(scene).look() == []
    assert released == [scene.lease]
    assert scene.status() == "SUCCESS"


def test_of_many_reapers_one_ends_the_run(
    start_run: Start, clock: ManualClock, dead: Holder
) -> None:
    scenes = [start_run(clock, by=dead) for _ in range(10)]
    for scene in scenes:
        report(scene, EventType.RUN_START)
        report(scene, EventType.STEP_START, step="a")
    ready = threading.Barrier(4)

    def reap(_: int) -> list[str]:
        ready.wait(10)
        return make_reaper(scenes[0]).look()

    with ThreadPoolExecutor(4) as pool:
        ended = [run_id for found in pool.map(reap, range(4), timeout=30) for run_id in found]
    assert sorted(ended) == sorted(scene.run.run_id for scene in scenes)
    for scene in scenes:
        assert scene.log() == ["RUN_START", "STEP_START", "STEP_FAILURE", "RUN_FAILURE"]


def test_a_run_that_cannot_be_ended_now_is_ended_by_a_later_pass(
    start_run: Start, clock: ManualClock, dead: Holder, caplog: pytest.LogCaptureFixture
) -> None:
    scenes = [start_run(clock, by=dead) for _ in range(2)]
    storage = scenes[0].storage
    storage.fail("append", StorageFullError("no space left"))
    reaper = make_reaper(scenes[0])
    assert len(reaper.look()) == 1
    assert "cannot be ended now" in caplog.text
    (left,) = [scene for scene in scenes if scene.status() == "NOT_STARTED"]
    clock.advance(5.0)
    assert reaper.look() == [left.run.run_id]
    assert left.log() == ["RUN_FAILURE"]
    assert "is gone without a word" in last(left).message


def test_the_thread_goes_on_after_an_outage(
    start_run: Start, clock: ManualClock, dead: Holder, eventually: Eventually
) -> None:
    scene = start_run(clock, by=dead)
    scene.storage.cut("get_leases")
    scene.storage.fail("get_leases", RuntimeError("a driver's own"))
    reaper = make_reaper(scene)
    reaper.start()

    def ended() -> bool:
        clock.advance(5.0)
        return scene.status() == "FAILURE"

    eventually(ended)
    reaper.stop()
    reaper.stop()


def test_a_listener_that_fails_does_not_stop_the_pass(
    start_run: Start, clock: ManualClock, dead: Holder, caplog: pytest.LogCaptureFixture
) -> None:
    scenes = [start_run(clock, by=dead) for _ in range(2)]

    def listen(appended: Appended) -> None:
        raise RuntimeError("a listener of yours")

    assert len(make_reaper(scenes[0], on_commit=listen).look()) == 2
    assert "a listener of yours" in caplog.text


def test_a_forced_cancel_takes_a_living_run_over(
    start_run: Start, clock: ManualClock, holder: Holder
) -> None:
    scene = start_run(clock)
    report(scene, EventType.RUN_START)
    report(scene, EventType.STEP_START, step="a")
    appended = end_run(
        scene.storage, scene.run.run_id, clock, RunStatus.CANCELED, "forced", None, holder
    )
    assert appended is not None
    assert appended.status is RunStatus.CANCELED
    assert scene.log() == ["RUN_START", "STEP_START", "STEP_FAILURE", "RUN_CANCELED"]
    with pytest.raises(FencedError):
        report(scene, EventType.STEP_SUCCESS, step="a")
    assert not scene.storage.renew_lease(scene.lease)


def test_a_forced_cancel_beats_a_worker_that_renews_in_between(
    start_run: Start, clock: ManualClock, holder: Holder
) -> None:
    scene = start_run(clock)
    leases, renewals = scene.storage.get_leases, [True, True]

    def read_then_renew(kind: Any) -> Any:
        found = leases(kind)
        if renewals:
            renewals.pop()
            scene.storage.renew_lease(scene.lease)
        return found

    scene.storage.get_leases = read_then_renew
    assert end_run(scene.storage, scene.run.run_id, clock, RunStatus.CANCELED, "f", None, holder)
    assert scene.status() == "CANCELED"


def test_ending_a_finished_or_unknown_run_does_nothing(
    start_run: Start, clock: ManualClock, holder: Holder
) -> None:
    scene = start_run(clock)
    report(scene, EventType.RUN_START, EventType.RUN_SUCCESS)
    for run_id in (scene.run.run_id, Run(job_name="x").run_id):
        assert not end_run(scene.storage, run_id, clock, RunStatus.FAILURE, "no", None, holder)
    assert scene.status() == "SUCCESS"


def test_a_run_is_ended_as_failed_or_canceled_only(
    start_run: Start, clock: ManualClock, holder: Holder
) -> None:
    scene = start_run(clock)
    with pytest.raises(CheckError, match="FAILURE or CANCELED"):
        end_run(scene.storage, scene.run.run_id, clock, RunStatus.SUCCESS, "no", None, holder)
