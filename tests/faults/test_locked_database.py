"""A program that is not ours locks the database; and a database that is taken away."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from faultkit.checks import check_instance
from faultkit.homes import PIPELINES, TTL, Home

from plugwork.clock import SYSTEM_CLOCK
from plugwork.model import RunStatus
from plugwork_testkit.waiting import eventually

#: The seconds for which SQLite waits for a lock.
BUSY = {"PLUGWORK_FAULT_BUSY": "0.1"}
WORK = str(PIPELINES / "work.py")
LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold the database's write lock in another process."""
    file = home.path / "plugwork.db"
    program = [sys.executable, "-c", LOCKER, str(file)]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as locker:
        assert locker.stdout is not None
        assert locker.stdout.readline() == "locked\n"
        yield
        locker.communicate("\n")


def test_a_run_rides_out_a_lock_that_outlasts_the_busy_timeout(home: Home) -> None:
    command = home.start_run("held.py:held", "--tag", "a=b", driver="spoiled", **BUSY)
    home.await_sign("go-on.reached")
    eventually(lambda: "STEP_START" in command.told())
    told = len(command.told())
    with locked(home):
        home.give_sign("go-on")
        home.await_sign("finally.0")
        refused = home.run("run", "--progress", "none", WORK, driver="spoiled", **BUSY)
        assert len(command.told()) == told
        assert command.process.poll() is None
        assert not (home.signs / "after").exists()
    assert command.wait() == 0, command.errors()
    assert refused.wait() == 4
    assert "plugwork.db is locked" in refused.errors()
    assert "Traceback" not in refused.errors()
    with home.instance() as instance:
        (run,) = instance.get_runs()
        assert run.status is RunStatus.SUCCESS
        lines = [entry.user_message for entry in instance.all_logs(run.run_id)]
    assert "logged before the fault" in lines
    assert check_instance(home.path, command.acknowledged()) == []


@pytest.mark.parametrize("busy", ["0.1", "30"])
def test_a_lock_that_outlasts_every_lease_ends_no_living_run(home: Home, busy: str) -> None:
    command = home.start_run("held.py:held", driver="spoiled", PLUGWORK_FAULT_BUSY=busy)
    home.await_sign("go-on.reached")
    with home.instance() as instance:
        instance.start_reaper()
        with locked(home):
            SYSTEM_CLOCK.wait(threading.Event(), 4 * TTL)
        home.give_sign("go-on")
        assert command.wait() == 0, command.errors()
    assert check_instance(home.path, command.acknowledged()) == []


def test_readers_do_not_wait_for_a_lock(home: Home) -> None:
    assert home.start_run("work.py:work").wait() == 0
    with locked(home):
        shown = home.run("runs", "show", "@last")
    assert shown.wait() == 0, shown.errors()
    assert "success" in shown.output()


@pytest.mark.parametrize("harm", ["deleted", "emptied", "cut", "garbled"])
def test_a_database_that_was_harmed_is_named_and_nothing_is_made_in_its_place(
    home: Home, harm: str
) -> None:
    assert home.start_run("work.py:work").wait() == 0
    file = home.path / "plugwork.db"
    if harm == "deleted":
        file.unlink()
    elif harm == "garbled":
        file.write_bytes(os.urandom(file.stat().st_size))
    else:
        os.truncate(file, 0 if harm == "emptied" else 5000)
    before = file.read_bytes() if file.exists() else None
    for words in (("runs", "list"), ("runs", "show", "@last"), ("run", WORK)):
        command = home.run(*words)
        assert command.wait() == 4, (words, command.output(), command.errors())
        assert str(file) in command.errors()
        assert len(command.errors().splitlines()) <= 5
        assert "Traceback" not in command.errors()
    assert (file.read_bytes() if file.exists() else None) == before


def test_a_database_that_is_taken_away_during_a_run_ends_it_with_a_message(home: Home) -> None:
    command = home.start_run("held.py:held")
    home.await_sign("go-on.reached")
    file = home.path / "plugwork.db"
    moved = file.rename(file.with_name("elsewhere.db"))
    home.give_sign("go-on")
    assert command.wait() == 4, command.errors()
    assert f"{file} is missing" in command.errors()
    assert "Traceback" not in command.errors()
    moved.rename(file)
    assert home.run("runs", "list").wait() == 0
    with home.instance() as instance:
        (run,) = instance.get_runs()
    assert run.status is RunStatus.FAILURE
    assert check_instance(home.path, command.acknowledged()) == []
