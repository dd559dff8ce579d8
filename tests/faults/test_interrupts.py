"""Ctrl-C and SIGTERM: a run stops cleanly, or at once."""

from __future__ import annotations

import signal

import pytest
from faultkit.checks import check_instance
from faultkit.homes import Command, Home

from plugwork.model import EventType, RunFailureData, RunFailureReason, RunStatus
from plugwork_testkit.waiting import eventually


def start_held(home: Home, job: str = "held") -> Command:
    """Start a run, and wait until its step waits for a sign."""
    command = home.start_run(f"held.py:{job}")
    home.await_sign("never.reached" if job == "unstoppable" else "go-on.reached")
    return command


def types_of(home: Home) -> list[str]:
    with home.instance() as instance:
        (run,) = instance.get_runs()
        page = instance.get_records_for_run(run.run_id)
    return [one.event_type.value for one in page.records if one.event_type]


def status_of(home: Home) -> RunStatus:
    with home.instance() as instance:
        (run,) = instance.get_runs()
    return run.status


def test_one_interrupt_cancels_the_run_and_lets_finally_blocks_run(home: Home) -> None:
    command = start_held(home)
    command.send(signal.SIGINT)
    assert command.wait() == 130, command.errors()
    assert (home.signs / "finally.0").exists()
    assert not (home.signs / "after").exists()
    types = types_of(home)
    assert types.index("RUN_CANCELING") < types.index("STEP_FAILURE") < types.index("RUN_CANCELED")
    assert status_of(home) is RunStatus.CANCELED
    assert check_instance(home.path, command.acknowledged()) == []
    assert home.processes() == []


def test_a_termination_fails_the_run_and_lets_finally_blocks_run(home: Home) -> None:
    command = start_held(home)
    command.send(signal.SIGTERM)
    assert command.wait() == 143, command.errors()
    assert (home.signs / "finally.0").exists()
    with home.instance() as instance:
        (run,) = instance.get_runs()
        (end,) = instance.all_logs(run.run_id, of_type=EventType.RUN_FAILURE)
    data = end.get_event().event_specific_data
    assert isinstance(data, RunFailureData)
    assert data.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION
    assert "RUN_CANCELING" not in types_of(home)
    assert check_instance(home.path, command.acknowledged()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_step_is_not_tried_again(home: Home, number: signal.Signals) -> None:
    command = start_held(home, "retried")
    command.send(number)
    assert command.wait() == 128 + number, command.errors()
    types = types_of(home)
    assert "STEP_UP_FOR_RETRY" not in types
    assert "STEP_RESTARTED" not in types
    assert not (home.signs / "finally.1").exists()
    assert check_instance(home.path, command.acknowledged()) == []


def test_a_second_interrupt_leaves_at_once_and_the_next_command_ends_the_run(home: Home) -> None:
    command = start_held(home, "unstoppable")
    command.send(signal.SIGINT)
    home.await_sign("ignored")
    assert command.process.poll() is None
    command.send(signal.SIGINT)
    assert command.wait() == 130, command.errors()
    eventually(lambda: not home.processes())
    assert home.run("runs", "list").wait() == 0
    assert status_of(home) in (RunStatus.CANCELED, RunStatus.FAILURE)
    assert check_instance(home.path, command.acknowledged()) == []


def signal_after(home: Home, events: int, number: signal.Signals) -> Command:
    """Start a run, and send a signal when it has told of so many events."""
    command = home.start_run("work.py:work")
    eventually(lambda: len(command.told()) >= events or command.process.poll() is not None)
    command.send(number)
    return command


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_any_moment_leaves_a_whole_run(home: Home, number: signal.Signals) -> None:
    commands = [signal_after(home, events, number) for events in (0, 1, 3, 5, 30, 80, 120, 133)]
    for command in commands:
        # Without handlers yet, or any more, the system ends it.
        bare = not command.told() or command.told()[-1] == "RUN_SUCCESS"
        wanted = {0, 128 + number, -number} if bare else {0, 128 + number}
        assert command.wait() in wanted, (command.told()[-1:], command.errors())
    assert not [command.errors() for command in commands[1:] if "Trace" in command.errors()]
    assert home.run("runs", "list").wait() == 0
    told = [document for command in commands for document in command.acknowledged()]
    assert check_instance(home.path, told) == []
