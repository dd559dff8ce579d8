"""A disk that is full while a run goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from faultkit.checks import check_instance
from faultkit.disks import fill, free_bytes
from faultkit.homes import Command, Home

from plugwork.model import Run, RunStatus
from plugwork_testkit.waiting import eventually


@pytest.fixture
def full(tmp_path: Path, disk: Path) -> Iterator[Home]:
    """A home on a small disk; what tests need besides is elsewhere."""
    with Home(disk / "home", aside=tmp_path / "aside") as made:
        yield made


def only_run(home: Home) -> Run:
    with home.instance() as instance:
        (run,) = instance.get_runs()
    return run


def start_held(home: Home, job: str) -> Command:
    command = home.start_run(f"filling.py:{job}")
    home.await_sign("go-on.reached")
    return command


def test_a_run_whose_events_find_no_room_says_so_and_ends_with_the_next_command(
    full: Home, disk: Path
) -> None:
    command = start_held(full, "lines")
    filler = fill(disk)
    full.give_sign("go-on")
    assert command.wait() == 4, command.errors()
    assert "the disk is full" in command.errors()
    assert str(full.path / "plugwork.db") in command.errors()
    assert "Traceback" not in command.errors()
    assert not only_run(full).is_finished
    filler.unlink()
    assert full.run("runs", "list").wait() == 0
    assert only_run(full).status is RunStatus.FAILURE
    assert check_instance(full.path, command.acknowledged()) == []
    following = full.start_run("filling.py:lines")
    assert following.wait() == 0, following.errors()


def test_a_run_goes_on_when_there_is_room_again(full: Home, disk: Path) -> None:
    command = start_held(full, "patient")
    eventually(lambda: "STEP_START" in command.told())
    filler = fill(disk)
    full.give_sign("go-on")
    full.await_sign("room.reached")
    filler.unlink()
    full.give_sign("room")
    assert command.wait() == 0, command.errors()
    with full.instance() as instance:
        (run,) = instance.get_runs()
        lines = [one.user_message for one in instance.all_logs(run.run_id) if one.event is None]
    assert run.status is RunStatus.SUCCESS
    assert [line.partition(":")[0] for line in lines] == [str(number) for number in range(200)]
    assert check_instance(full.path, command.acknowledged()) == []


@pytest.mark.parametrize("job", ["value", "file"])
def test_an_output_that_finds_no_room_fails_its_step_and_leaves_no_half_file(
    full: Home, disk: Path, job: str
) -> None:
    command = start_held(full, job)
    before = free_bytes(disk)
    full.give_sign("go-on")
    assert command.wait() == 1, command.errors()
    assert "No space left on device" in command.errors()
    assert only_run(full).status is RunStatus.FAILURE
    assert "STEP_FAILURE" in command.told()
    assert check_instance(full.path, command.acknowledged()) == []
    assert before - free_bytes(disk) < 1 << 20, "what was half written is gone"


def test_a_command_on_a_full_disk_says_so_and_leaves_the_dead_to_a_later_one(
    full: Home, disk: Path
) -> None:
    command = start_held(full, "lines")
    command.kill()
    filler = fill(disk)
    shown = full.run("runs", "show", "@last")
    assert shown.wait() in (0, 4), shown.errors()
    assert "Traceback" not in shown.errors()
    refused = full.start_run("filling.py:lines")
    assert refused.wait() == 4, refused.errors()
    assert "the disk is full" in refused.errors()
    filler.unlink()
    assert full.run("runs", "list").wait() == 0
    assert only_run(full).status is RunStatus.FAILURE
    assert check_instance(full.path, command.acknowledged()) == []


@pytest.mark.parametrize("job", ["printed", "unended"])
def test_output_that_finds_no_room_does_not_leave_a_step_open(
    tmp_path: Path, disk: Path, job: str
) -> None:
    logs = {"local": {"base_dir": str(disk)}}
    with Home(tmp_path / "home", compute_logs=logs) as home:
        command = start_held(home, job)
        fill(disk)
        home.give_sign("go-on")
        assert command.wait() in (0, 1), command.errors()
        assert "Traceback" not in command.errors()
        assert only_run(home).status in (RunStatus.SUCCESS, RunStatus.FAILURE)
        assert check_instance(home.path, command.acknowledged()) == []
