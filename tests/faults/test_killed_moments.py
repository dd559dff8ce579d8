"""``kill -9`` at any moment: nothing that was acknowledged is lost, and the run ends."""

from __future__ import annotations

from random import Random

import pytest
from faultkit.checks import check_instance
from faultkit.homes import Home
from faultkit.moments import kill_wave


@pytest.mark.parametrize("seed", range(5))
def test_ten_runs_killed_at_random_moments_end_with_the_next_command(home: Home, seed: int) -> None:
    killed = kill_wave(home, Random(seed))
    assert sum(one.command.process.returncode == -9 for one in killed) == 10
    following = home.start_run("work.py:work")
    assert following.wait() == 0, following.errors()
    told = [document for one in killed for document in one.acknowledged]
    problems = check_instance(home.path, [*told, *following.acknowledged()])
    assert problems == [], [one.moment for one in killed]
    assert following.told()[-1] == "RUN_SUCCESS"
    assert home.processes() == []


def test_a_run_killed_before_its_first_step_ended_is_not_a_success(home: Home) -> None:
    command = home.start_run("work.py:work", PLUGWORK_FAULT_POINT="in-first")
    assert command.wait() == -9
    assert home.run("runs", "list").wait() == 0
    (run,) = _runs(home)
    assert run["status"] == "FAILURE"
    assert check_instance(home.path, command.acknowledged()) == []


def _runs(home: Home) -> list[dict[str, str]]:
    with home.instance() as instance:
        return [{"id": run.run_id, "status": run.status.value} for run in instance.get_runs()]
