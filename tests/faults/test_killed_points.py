"""``kill -9`` at each named point of a run."""

from __future__ import annotations

import pytest
from faultkit.checks import check_instance
from faultkit.homes import Command, Home

from plugwork.model import Run, RunStatus
from plugwork_testkit.waiting import eventually

#: Batches of a run of five steps: its start, one a step, what follows them, its end.
BATCHES = [*map(str, range(1, 8)), "end"]
#: Points in the pipeline itself.
IN_USER_CODE = ["in-resource", "in-first", "in-third", "in-fifth", "in-teardown"]


def end_dead(home: Home) -> Run:
    """Let the next command end what is dead; return the one run."""
    following = home.run("runs", "list")
    assert following.wait() == 0, following.errors()
    assert "its worker is gone" in following.errors()
    with home.instance() as instance:
        (run,) = instance.get_runs()
    return run


def killed_at(home: Home, point: str) -> Command:
    command = home.start_run("work.py:work", driver="spoiled", PLUGWORK_FAULT_POINT=point)
    assert command.wait() == -9, command.errors()
    return command


@pytest.mark.parametrize("point", ["created", *IN_USER_CODE])
def test_a_run_killed_at_a_point_of_its_code_fails_with_the_next_command(
    home: Home, point: str
) -> None:
    command = killed_at(home, point)
    assert end_dead(home).status is RunStatus.FAILURE
    assert check_instance(home.path, command.acknowledged()) == []
    assert home.start_run("work.py:work").wait() == 0


def test_why_a_killed_step_failed_is_told(home: Home) -> None:
    command = home.start_run("held.py:held")
    home.await_sign("go-on.reached")
    eventually(lambda: "STEP_START" in command.told())
    command.kill()
    run = end_dead(home)
    with home.instance() as instance:
        (attempt,) = instance.event_log_storage.get_step_attempts(run.run_id)
    assert attempt.step_key == "holds"
    assert attempt.error is not None
    assert f"pid {command.pid}" in attempt.error
    shown = home.run("runs", "show", run.run_id).output()
    assert f"pid {command.pid}" in shown.splitlines()[1]
    assert check_instance(home.path, command.acknowledged()) == []


@pytest.mark.parametrize("when", ["before", "within", "after"])
def test_a_run_killed_around_each_batch_is_whole(home: Home, when: str) -> None:
    commands = [
        home.start_run("work.py:work", driver="spoiled", PLUGWORK_FAULT_POINT=f"{when} {number}")
        for number in BATCHES
    ]
    assert {command.wait() for command in commands} == {-9}
    following = home.start_run("work.py:work")
    assert following.wait() == 0, following.errors()
    told = [document for command in commands for document in command.acknowledged()]
    assert check_instance(home.path, [*told, *following.acknowledged()]) == []
    with home.instance() as instance:
        statuses = [run.status for run in instance.get_runs()]
    succeeded = 2 if when == "after" else 1
    assert statuses.count(RunStatus.SUCCESS) == succeeded
    assert statuses.count(RunStatus.FAILURE) == len(BATCHES) + 1 - succeeded


def test_a_run_killed_after_its_terminal_event_keeps_its_end(home: Home) -> None:
    command = killed_at(home, "after end")
    before = check_instance(home.path, command.acknowledged())
    following = home.run("runs", "list")
    assert "its worker is gone" not in following.errors()
    with home.instance() as instance:
        (run,) = instance.get_runs()
    assert run.status is RunStatus.SUCCESS
    assert before == check_instance(home.path) == []
    assert "RUN_SUCCESS" not in command.told()
