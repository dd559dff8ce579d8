"""A worker that was stopped for longer than its lease, and returns."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from faultkit.checks import check_instance
from faultkit.homes import TTL, Home

from plugwork import Instance
from plugwork.clock import SYSTEM_CLOCK
from plugwork.journal.reaper import Reaper
from plugwork.model import RunStatus
from plugwork_testkit.waiting import eventually


@contextmanager
def watched(home: Home) -> Iterator[Instance]:
    """Open the home as a long-lived process does: with a reaper."""
    with home.instance() as instance:
        health = instance.run_launcher.check_run_worker_health
        reaper = Reaper(instance.storage, SYSTEM_CLOCK, TTL, TTL / 5, health)
        reaper.start()
        try:
            yield instance
        finally:
            reaper.stop()


def types(instance: Instance, run_id: str) -> list[str]:
    page = instance.get_records_for_run(run_id)
    return [str(one.event_type) for one in page.records]


@pytest.mark.parametrize("step", ["goes on", "ends"])
def test_a_stopped_run_is_taken_over_and_its_late_events_are_refused(home: Home, step: str) -> None:
    command = home.start_run("held.py:held")
    home.await_sign("go-on.reached")
    eventually(lambda: "STEP_START" in command.told())
    command.send(signal.SIGSTOP)
    with watched(home) as instance:
        (run,) = instance.get_runs()
        eventually(lambda: instance.require_run(run.run_id).is_finished)
        before = types(instance, run.run_id)
        if step == "ends":
            home.give_sign("go-on")
        command.send(signal.SIGCONT)
        assert command.wait() == 1, command.errors()
        # Of what it would have written nothing is stored but that it stopped.
        assert types(instance, run.run_id) == [*before, "ENGINE_EVENT"]
        assert instance.require_run(run.run_id).status is RunStatus.FAILURE
    assert "was taken over by another process" in command.errors()
    assert "Traceback" not in command.errors()
    assert "Ctrl-C" not in command.errors(), "nobody pressed it"
    assert "no step ran" not in command.errors()
    assert not (home.signs / "after").exists()
    if step == "goes on":  # one that ends by itself may be interrupted within its finally-block
        assert (home.signs / "finally.0").exists()
    assert set(command.told()) <= set(before)
    assert check_instance(home.path, command.acknowledged()) == []
    assert home.processes() == []


def test_a_run_that_is_slow_but_alive_is_left_alone(home: Home) -> None:
    command = home.start_run("held.py:held")
    home.await_sign("go-on.reached")
    with watched(home) as instance:
        beats: set[int] = set()

        def renewed_for_three_ttls() -> bool:
            beats.update(lease.beat for lease in instance.storage.get_leases("run"))
            return max(beats, default=0) - min(beats, default=0) >= 9

        eventually(renewed_for_three_ttls, 60)
        home.give_sign("go-on")
        assert command.wait() == 0
    assert check_instance(home.path, command.acknowledged()) == []


def test_a_short_stop_harms_nothing(home: Home) -> None:
    command = home.start_run("held.py:held")
    home.await_sign("go-on.reached")
    with watched(home) as instance:
        command.send(signal.SIGSTOP)
        SYSTEM_CLOCK.wait(threading.Event(), TTL / 2)
        command.send(signal.SIGCONT)
        home.give_sign("go-on")
        assert command.wait() == 0, command.errors()
        (run,) = instance.get_runs()
        assert run.status is RunStatus.SUCCESS
