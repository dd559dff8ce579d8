"""Runs of a part of a job's ops, and runs whose config is mapped."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import plugwork as pw
from plugwork import Instance, ReexecutionOptions, RunStatus, execute_job, reconstructable
from plugwork.errors import InvalidConfigError, InvalidSubsetError
from plugwork.model import CodeRef, JobOrigin
from plugwork.plugin import execute_run
from plugwork_testkit.streams import Told

CONFIG = {
    "ops": {
        "mapped": {"config": {"x": 4}},
        "times": {"config": {"by": 3}},
    }
}


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the jobs, which workers find by its name."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("in_part")


def succeeded(result: Any) -> list[str]:
    return [one.step_key for one in result.all_events if one.event_type_value == "STEP_SUCCESS"]


def test_a_mapped_config_reaches_the_op(jobs: ModuleType) -> None:
    result = jobs.whole.execute_in_process(CONFIG)
    assert result.output_for_node("mapped.times") == 8
    assert result.output_for_node("times") == 24


def test_a_run_in_part_runs_what_was_selected_and_says_so(jobs: ModuleType) -> None:
    with Instance.ephemeral() as instance:
        config = {"ops": {"mapped": {"config": {"x": 4}}, "times": {"config": {"by": 3}}}}
        result = jobs.whole.execute_in_process(config, instance, op_selection=["mapped", "one"])
        assert succeeded(result) == ["one", "mapped.times"]
        run = instance.require_run(result.run_id)
    assert run.op_selection == ("mapped", "one")
    assert run.resolved_op_selection == ("mapped.times", "one")
    assert run.run_config == {"ops": {"mapped": {"config": {"x": 4}}}}


def test_a_selected_op_takes_its_input_from_config(jobs: ModuleType) -> None:
    config = {"ops": {"times": {"config": {"by": 3}, "inputs": {"number": 5}}}}
    result = jobs.whole.execute_in_process(config, op_selection=["times"])
    assert result.output_for_node("times") == 15


def test_a_selected_op_without_its_input_leaves_no_run(jobs: ModuleType) -> None:
    with Instance.ephemeral() as instance:
        with pytest.raises(InvalidConfigError, match="inputs"):
            jobs.whole.execute_in_process(CONFIG, instance, op_selection=["times"])
        assert instance.get_runs_count() == 0


def test_a_selection_that_matches_nothing_leaves_no_run(jobs: ModuleType) -> None:
    with Instance.ephemeral() as instance:
        with pytest.raises(InvalidSubsetError, match="did you mean 'times'"):
            jobs.whole.execute_in_process(CONFIG, instance, op_selection=["tmies"])
        assert instance.get_runs_count() == 0


def test_a_graph_is_executed_in_part(jobs: ModuleType) -> None:
    result = jobs.mapped.execute_in_process(
        {"ops": {"config": {"x": 1}}}, input_values={"number": 10}, op_selection=["times"]
    )
    assert result.output_for_node("times") == 20


def test_a_worker_runs_the_same_part(jobs: ModuleType, local: Instance) -> None:
    origin = JobOrigin(CodeRef("module", "in_part", "whole"), "whole")
    run = local.create_run_for_job(
        jobs.whole, run_config=CONFIG, job_code_origin=origin, op_selection=["one", "mapped"]
    )
    assert execute_run(local, run.run_id) == 0
    told = Told.of(local, run.run_id)
    assert told.run.status is RunStatus.SUCCESS
    assert {entry.step_key for entry in told.entries if entry.step_key} == {"one", "mapped.times"}


def test_a_part_is_done_again_as_a_part(jobs: ModuleType, local: Instance) -> None:
    job = reconstructable(jobs.whole)
    first = execute_job(job, local, CONFIG, op_selection=["one"])
    assert succeeded(first) == ["one"]
    again = execute_job(job, local, reexecution_options=ReexecutionOptions(first.run_id))
    assert succeeded(again) == ["one"]
    assert local.require_run(again.run_id).op_selection == ("one",)


def test_a_hook_of_an_op_left_out_is_not_called(jobs: ModuleType) -> None:
    called: list[str] = []

    @pw.success_hook
    def note(context: pw.HookContext) -> None:
        called.append(context.step_key)

    jobs.whole.with_hooks({note}).execute_in_process(op_selection=["one"])
    assert called == ["one"]
