"""A lease is kept while its holder can renew it, and known to be lost when it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from plugwork.journal.entries import event_entry
from plugwork.journal.keeper import LeaseKeeper
from plugwork.journal.writer import EventWriter
from plugwork.model import Event, EventType

if TYPE_CHECKING:
    from conftest import ManualClock, Scene

    Start = Callable[..., Scene]
    Open = Callable[..., EventWriter]
    Eventually = Callable[[Callable[[], Any]], None]
    Keep = Callable[..., LeaseKeeper]


@pytest.fixture
def keep() -> Iterator[Keep]:
    """Make keepers with a heartbeat of 5 s that are stopped after the test."""
    keepers: list[LeaseKeeper] = []

    def make(scene: Scene, **more: Any) -> LeaseKeeper:
        keepers.append(LeaseKeeper(scene.storage, scene.lease, scene.clock, 5.0, **more))
        keepers[-1].start()
        return keepers[-1]

    yield make
    for keeper in keepers:
        keeper.stop()


def beat(scene: Scene) -> int:
    (lease,) = scene.storage.get_leases("run")
    assert isinstance(lease.beat, int)
    return lease.beat


def test_every_heartbeat_renews(
    start_run: Start, keep: Keep, clock: ManualClock, eventually: Eventually
) -> None:
    scene = start_run(clock)
    keeper = keep(scene)
    for number in (2, 3, 4):
        clock.advance(5.0)
        eventually(lambda number=number: beat(scene) == number)
    clock.advance(4.9)
    assert beat(scene) == 4
    assert keeper.may_start_step()
    assert not keeper.lost


def test_without_a_renewal_for_the_ttl_no_step_starts(
    start_run: Start, keep: Keep, clock: ManualClock, eventually: Eventually
) -> None:
    scene = start_run(clock)
    lost: list[str] = []
    keeper = keep(scene, on_lost=lambda: lost.append("lost"))
    scene.storage.cut("renew_lease", times=10_000)
    clock.advance(14.9)
    assert keeper.may_start_step()
    clock.advance(0.1)
    assert not keeper.may_start_step()
    assert not keeper.lost
    scene.storage.faults.clear()

    def back() -> bool:
        clock.advance(1.0)
        return keeper.may_start_step()

    eventually(back)
    assert lost == []


def test_a_takeover_is_told_once(
    start_run: Start, keep: Keep, clock: ManualClock, eventually: Eventually
) -> None:
    scene = start_run(clock)
    lost: list[str] = []
    keeper = keep(scene, on_lost=lambda: lost.append("lost"))
    assert scene.storage.acquire_lease("run", scene.run.run_id, scene.lease.holder, 15, scene.lease)
    clock.advance(5.0)
    eventually(lambda: lost)
    assert keeper.lost
    assert not keeper.may_start_step()
    clock.advance(60.0)
    assert lost == ["lost"]


def test_an_unexpected_error_does_not_end_the_keeping(
    start_run: Start,
    keep: Keep,
    clock: ManualClock,
    eventually: Eventually,
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = start_run(clock)
    keep(scene)
    scene.storage.fail("renew_lease", RuntimeError("a driver's own"))
    clock.advance(5.0)
    eventually(lambda: "a driver's own" in caplog.text)

    def renewed() -> bool:
        clock.advance(1.0)
        return beat(scene) > 1

    eventually(renewed)


def test_writer_and_keeper_share_one_thread(
    start_run: Start,
    keep: Keep,
    open_writer: Open,
    clock: ManualClock,
    eventually: Eventually,
) -> None:
    scene = start_run(clock)
    before = threading.active_count()
    writer = open_writer(scene)
    keep(scene, writer=writer)
    writer.write(event_entry(Event(EventType.RUN_START, "daily"), scene.run.run_id, clock.now()))
    clock.advance(5.0)
    eventually(lambda: beat(scene) == 2 and scene.log() == ["RUN_START"])
    assert threading.active_count() == before + 1


def test_a_lease_that_ended_with_the_run_was_not_lost(
    start_run: Start,
    keep: Keep,
    open_writer: Open,
    clock: ManualClock,
    eventually: Eventually,
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    keeper = keep(scene, writer=writer)
    for kind in (EventType.RUN_START, EventType.RUN_SUCCESS):
        writer.write(event_entry(Event(kind, "daily"), scene.run.run_id, clock.now()))
    writer.flush()
    asked = threading.Event()
    finished = writer.finished

    def ask() -> bool:
        asked.set()
        return finished()

    writer.finished = ask  # type: ignore[method-assign]  # only notes that it was asked
    clock.advance(5.0)
    eventually(asked.is_set)
    assert not keeper.lost


def test_a_refused_write_loses_the_lease_at_once(
    start_run: Start, keep: Keep, open_writer: Open, clock: ManualClock, eventually: Eventually
) -> None:
    scene = start_run(clock)
    writer = open_writer(scene)
    keeper = keep(scene, writer=writer)
    scene.storage.acquire_lease("run", scene.run.run_id, scene.lease.holder, 15, scene.lease)
    writer.write(event_entry(Event(EventType.RUN_START, "daily"), scene.run.run_id, clock.now()))
    clock.advance(0.25)
    eventually(lambda: keeper.lost)
    assert not keeper.may_start_step()


def test_after_stopping_nothing_is_renewed(
    start_run: Start, keep: Keep, clock: ManualClock
) -> None:
    scene = start_run(clock)
    keeper = keep(scene)
    keeper.stop()
    keeper.stop()
    clock.advance(60.0)
    assert beat(scene) == 1
