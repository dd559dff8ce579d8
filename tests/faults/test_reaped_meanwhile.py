"""A killed run ends by itself while any long-lived process has the instance open."""

from __future__ import annotations

from faultkit.checks import check_instance
from faultkit.homes import Home

from plugwork.model import RunStatus
from plugwork_testkit.waiting import eventually


def test_another_run_ends_a_killed_one_without_any_command(home: Home) -> None:
    staying = home.start_run("held.py:held")
    home.await_sign("go-on.reached")
    killed = home.start_run("work.py:work", driver="spoiled", PLUGWORK_FAULT_POINT="in-third")
    assert killed.wait() == -9, killed.errors()
    with home.instance() as instance:
        # Only reads here: it is the other run's process that ends the killed one.
        (run,) = [one for one in instance.get_runs() if one.job_name == "work"]
        eventually(lambda: instance.require_run(run.run_id).is_finished)
        assert instance.require_run(run.run_id).status is RunStatus.FAILURE
    assert staying.process.poll() is None
    home.give_sign("go-on")
    assert staying.wait() == 0, staying.errors()
    assert check_instance(home.path, killed.acknowledged()) == []
