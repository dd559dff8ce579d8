"""Runs that are interrupted, terminated, killed, or canceled from elsewhere."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Shell

SLOW = """
import pathlib, time
from plugwork import job, op


@op
def first() -> int:
    return 1


@op
def slow(x: int) -> int:
    try:
        pathlib.Path("begun.txt").write_text("x")
        time.sleep(60)
    finally:
        pathlib.Path("finally.txt").write_text("x")
    return x


@op
def stubborn(x: int) -> int:
    pathlib.Path("begun.txt").write_text("x")
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pathlib.Path("swallowed.txt").write_text("x")


@op
def last(x: int) -> None: ...


@job
def slowly() -> None:
    last(slow(first()))


@job
def stuck() -> None:
    last(stubborn(first()))
"""

SIDE_BY_SIDE = """
import asyncio, pathlib, threading
from plugwork import RetryPolicy, async_executor, job, op, threads_executor


@op(retry_policy=RetryPolicy(max_retries=2))
def waits() -> int:
    pathlib.Path("waits.txt").write_text("x")
    while True:
        threading.Event().wait(0.01)


@op(retry_policy=RetryPolicy(max_retries=2))
async def awaits() -> int:
    pathlib.Path("awaits.txt").write_text("x")
    await asyncio.sleep(3600)
    return 1


@op
def last(x: int, y: int) -> None: ...


@job(executor_def=threads_executor)
def threads() -> None:
    last(waits(), awaits())


@job(executor_def=async_executor)
def tasks() -> None:
    last(waits(), awaits())
"""


def wait_for(shell: Shell, name: str) -> None:
    """Wait until the run has written a file: its step is at work then."""
    file, never = shell.folder / name, threading.Event()
    for _ in range(2000):
        if file.exists():
            return
        never.wait(0.01)
    raise AssertionError(f"{name} was not written")


@pytest.fixture
def slow_run(shell: Shell) -> subprocess.Popen[str]:
    """A run in the foreground whose second step sleeps."""
    shell.write("slow.py", SLOW)
    process = shell.start("run", "slow.py:slowly")
    wait_for(shell, "begun.txt")
    # The step's start is stored a moment after it: what is killed before tells of no step.
    for _ in range(100):
        if any(each["step"] == "slow" for each in last_run(shell)["attempts"]):
            break
    return process


def last_run(shell: Shell) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(shell("runs", "show", "@last", "--json").out)
    return document


def event_types(shell: Shell) -> list[str]:
    document = json.loads(shell("runs", "events", "@last", "--json").out)
    seqs = [each["seq"] for each in document["events"]]
    assert seqs == list(range(1, len(seqs) + 1))
    return [each["type"] for each in document["events"]]


def test_ctrl_c_stops_cleanly(shell: Shell, slow_run: subprocess.Popen[str]) -> None:
    slow_run.send_signal(signal.SIGINT)
    out, _ = slow_run.communicate(timeout=30)
    assert slow_run.returncode == 130
    assert "stopping the run" in out
    assert "canceled: 1 ok, 1 failed, 1 not run" in out
    assert "Traceback" not in out
    assert (shell.folder / "finally.txt").exists()
    assert last_run(shell)["status"] == "CANCELED"
    types = event_types(shell)
    assert types.index("RUN_CANCELING") < types.index("STEP_FAILURE") < types.index("RUN_CANCELED")


@pytest.mark.parametrize("job_name", ["threads", "tasks"])
def test_ctrl_c_stops_all_steps_that_run_side_by_side(shell: Shell, job_name: str) -> None:
    shell.write("many.py", SIDE_BY_SIDE)
    process = shell.start("run", f"many.py:{job_name}")
    wait_for(shell, "waits.txt")
    wait_for(shell, "awaits.txt")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "canceled: 2 failed, 1 not run" in out
    assert "Traceback" not in out
    types = event_types(shell)
    assert types.count("RUN_CANCELING") == 1
    assert types.count("STEP_FAILURE") == 2
    assert "STEP_UP_FOR_RETRY" not in types
    assert types[-1] == "RUN_CANCELED"


def test_sigterm_ends_with_143_and_is_no_cancel(
    shell: Shell, slow_run: subprocess.Popen[str]
) -> None:
    slow_run.send_signal(signal.SIGTERM)
    slow_run.communicate(timeout=30)
    assert slow_run.returncode == 143
    assert (shell.folder / "finally.txt").exists()
    run = last_run(shell)
    assert (run["status"], run["reason"]) == ("FAILURE", "UNEXPECTED_TERMINATION")


def test_ctrl_c_twice_leaves_at_once_and_the_next_command_ends_the_run(shell: Shell) -> None:
    shell.write("slow.py", SLOW)
    process = shell.start("run", "slow.py:stuck")
    wait_for(shell, "begun.txt")
    process.send_signal(signal.SIGINT)
    wait_for(shell, "swallowed.txt")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "is ended by the next plugwork command" in out
    told = shell("runs", "list")
    assert "was ended: its worker is gone" in told.err
    assert last_run(shell)["status"] in ("FAILURE", "CANCELED")


def test_a_killed_run_is_ended_and_explained_by_the_next_command(
    shell: Shell, slow_run: subprocess.Popen[str]
) -> None:
    slow_run.kill()
    slow_run.wait(timeout=30)
    told = shell("runs", "show", "@last")
    assert told.code == 0
    assert told.err.startswith("run ")
    assert "its worker is gone" in told.err
    lines = told.out.splitlines()
    assert "failed" in lines[0]
    assert lines[1].startswith("x slow  WorkerLostError:")
    assert f"pid {slow_run.pid} " in lines[1]
    assert lines[1].endswith("[worker-lost]")
    assert event_types(shell)[-2:] == ["STEP_FAILURE", "RUN_FAILURE"]
    assert shell("runs", "list").err == ""


def test_a_run_is_canceled_from_another_terminal(
    shell: Shell, slow_run: subprocess.Popen[str]
) -> None:
    told = shell("runs", "cancel", "@last")
    assert told.code == 0
    assert told.out.endswith("is canceled\n")
    slow_run.communicate(timeout=30)
    assert slow_run.returncode == 5
    assert (shell.folder / "finally.txt").exists()
    assert last_run(shell)["status"] == "CANCELED"


def test_canceling_a_dead_run_marks_it_canceled(
    shell: Shell, slow_run: subprocess.Popen[str]
) -> None:
    slow_run.kill()
    slow_run.wait(timeout=30)
    told = shell("runs", "cancel", "@last")
    assert told.code == 0
    assert last_run(shell)["status"] == "CANCELED"
    assert "STEP_FAILURE" in event_types(shell)


def test_a_stubborn_run_is_canceled_by_force(shell: Shell) -> None:
    shell.write("slow.py", SLOW)
    process = shell.start("run", "slow.py:stuck")
    wait_for(shell, "begun.txt")
    told = shell("runs", "cancel", "@last", "--force")
    assert told.code == 0
    assert last_run(shell)["status"] == "CANCELED"
    process.kill()
    process.wait(timeout=30)
    assert last_run(shell)["status"] == "CANCELED"


def test_a_finished_run_is_not_canceled(shell: Shell) -> None:
    shell.write("quick.py", "from plugwork import job\n\n@job\ndef quick(): ...\n")
    shell("run", "quick.py")
    told = shell("runs", "cancel", "@last")
    assert told.code == 2
    assert "has ended already (success)" in told.err


def test_a_run_that_goes_on_tells_who_holds_it(
    shell: Shell, slow_run: subprocess.Popen[str]
) -> None:
    told = shell("runs", "show", "@last")
    assert f"held by pid {slow_run.pid} " in told.out
    assert "running" in told.out.splitlines()[0]
    refused = shell("runs", "delete", "@last", "-y")
    assert refused.code == 2
    assert "cancel it first" in refused.err


def test_leaving_a_watch_leaves_the_run_alone(
    shell: Shell, slow_run: subprocess.Popen[str]
) -> None:
    watch = shell.start("runs", "watch", "@last")
    assert watch.stdout is not None
    while "first ok" not in watch.stdout.readline():
        pass
    watch.send_signal(signal.SIGINT)
    watch.communicate(timeout=30)
    assert watch.returncode == 130
    assert slow_run.poll() is None
    assert last_run(shell)["status"] == "STARTED"
