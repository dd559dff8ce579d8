"""A job whose third of five steps raises."""

from __future__ import annotations

import re

from faultkit.checks import check_instance
from faultkit.homes import PIPELINES, Command, Home

from plugwork.model import EventType, RunFailureData, RunFailureReason, RunStatus, StepStatus


def fail(home: Home, *words: str) -> Command:
    command = home.run("run", *words, str(PIPELINES / "failing.py"))
    assert command.wait() == 1, command.errors()
    return command


def test_what_is_stored_tells_which_step_failed_and_what_did_not_run(home: Home) -> None:
    command = fail(home, "--progress", "json")
    with home.instance() as instance:
        (record,) = instance.get_run_records()
        run_id = record.run.run_id
        attempts = instance.event_log_storage.get_step_attempts(run_id)
        entries = instance.all_logs(run_id)
    assert record.run.status is RunStatus.FAILURE
    assert [(one.step_key, one.status) for one in attempts] == [
        ("first", StepStatus.SUCCESS),
        ("second", StepStatus.SUCCESS),
        ("third", StepStatus.FAILURE),
    ]
    end = entries[-1].get_event()
    assert end.event_type is EventType.RUN_FAILURE
    assert isinstance(end.event_specific_data, RunFailureData)
    assert end.event_specific_data.failure_reason is RunFailureReason.STEP_FAILURE
    assert end.event_specific_data.first_failed_step == "third"
    abandoned = [entry.step_key for entry in entries if "Not running step" in entry.user_message]
    assert abandoned == ["fourth", "fifth"]
    failure = record.summary.failure
    assert failure is not None
    assert failure.step_key == "third"
    assert "ZeroDivisionError" in failure.message
    assert check_instance(home.path, command.acknowledged()) == []


def test_no_step_after_the_failed_one_ran(home: Home) -> None:
    fail(home)
    assert sorted(sign.name for sign in home.signs.iterdir()) == ["third"]


def test_the_terminal_shows_the_place_the_steps_not_run_and_the_next_command(home: Home) -> None:
    command = fail(home)
    shown = command.output() + command.errors()
    lines = (PIPELINES / "failing.py").read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, 1) if "number // 0" in text)
    assert f"failing.py:{line}" in shown
    assert "return number // 0" in shown
    assert "ZeroDivisionError" in shown
    assert re.search("not run:? fourth, fifth", shown)
    assert "plugwork run " in shown
    assert "Traceback" not in shown
    assert len(shown.splitlines()) < 40


def test_why_it_failed_stands_in_the_first_lines_later(home: Home) -> None:
    fail(home)
    shown = home.run("runs", "show", "@last").output().splitlines()
    assert "failed" in shown[0]
    assert "ZeroDivisionError" in "".join(shown[1:4])
