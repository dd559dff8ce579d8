"""An instance for the length of a test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import plugwork as pw
from plugwork import Instance, instance_for_test
from plugwork_testkit.jobs import quick, store_run


def test_it_is_persistent_and_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUGWORK_HOME", "/elsewhere")
    with instance_for_test({"executor": "in_process"}) as instance:
        assert instance.is_persistent
        assert os.environ["PLUGWORK_HOME"] == instance.root_directory
        with Instance.get() as same:
            assert same.root_directory == instance.root_directory
        result = quick.execute_in_process(instance=instance)
        assert [run.run_id for run in instance.get_runs()] == [result.run_id]
    assert os.environ["PLUGWORK_HOME"] == "/elsewhere"
    assert not Path(instance.root_directory).exists()


def test_a_given_directory_is_kept_and_the_environment_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLUGWORK_HOME", raising=False)
    with instance_for_test(set_home=False, temp_dir=str(tmp_path)) as instance:
        assert "PLUGWORK_HOME" not in os.environ
        assert instance.root_directory == str(tmp_path)
    assert tmp_path.exists()
    with instance_for_test():
        assert "PLUGWORK_HOME" in os.environ
    assert "PLUGWORK_HOME" not in os.environ


def test_a_run_can_be_executed_when_it_is_submitted() -> None:
    with instance_for_test(
        synchronous_run_coordinator=True, synchronous_run_launcher=True
    ) as instance:
        run = store_run(instance)
        instance.submit_run(run.run_id)
        instance.run_launcher.join()
        found = instance.get_run_by_id(run.run_id)
        assert found is not None
        assert found.status is pw.RunStatus.SUCCESS
