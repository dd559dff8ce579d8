"""Steps that a launcher runs in processes of their own."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventLogEntry, Instance, StepRunRef, execute_job
from plugwork.abc import RetryMode
from plugwork.code.reconstruct import ReconstructableJob
from plugwork.errors import CheckError
from plugwork.model import StepFailureData
from plugwork_testkit.streams import Told, by_step


@pytest.fixture(autouse=True)
def modules_beside_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    folder = tmp_path / "refs"
    folder.mkdir()
    launcher = {"config": {"folder": str(folder)}}
    values = {"config": {"base_dir": str(tmp_path / "values")}}
    return {"resources": {"launcher": launcher, "second": launcher, "io_manager": values}}


def execute(local: Instance, job: pw.JobDefinition, config: Any) -> pw.JobExecutionResult:
    return execute_job(pw.reconstructable(job), local, config)


def test_a_launched_step_runs_elsewhere_and_its_events_are_stored_once(
    local: Instance, config: dict[str, Any]
) -> None:
    import launched

    with execute(local, launched.spread, config) as result:
        assert result.success
        told = result.output_for_node("there")
        assert result.output_for_node("once_more")["retry"] == 1
    assert told["here"] == os.getpid() != told["there"]
    assert told["retry"] == 0
    lives = by_step(Told.of(local, result.run_id).steps)
    plain = ["LOADED", "INPUT", "OUTPUT", "HANDLED", "SUCCESS"]
    assert lives == {
        "here": ["START", "OUTPUT", "HANDLED", "SUCCESS"],
        "there": ["START", *plain],
        "once_more": ["START", "LOADED", "INPUT", "UP_FOR_RETRY", "RESTARTED", *plain],
    }
    pids = {event.pid for event in result.events_for_node("there")}
    assert pids == {told["there"]}


def test_a_process_that_dies_fails_its_step_with_the_exit_code(
    local: Instance, config: dict[str, Any]
) -> None:
    import launched

    result = execute(local, launched.dying, config)
    assert not result.success
    data = result.get_step_failure_events()[0].event_specific_data
    assert isinstance(data, StepFailureData)
    assert data.error is not None
    assert "exited with code 7" in data.error.unwrapped().message
    assert by_step(Told.of(local, result.run_id).steps)["dies"] == ["START", "FAILURE"]


def test_one_launcher_runs_a_step(local: Instance, config: dict[str, Any]) -> None:
    import launched

    result = execute(local, launched.undecided, config)
    data = result.get_step_failure_events()[0].event_specific_data
    assert isinstance(data, StepFailureData)
    assert data.error is not None
    assert "several step launchers: launcher, second" in data.error.message


def ref_of(local: Instance, job: pw.JobDefinition, config: Any) -> StepRunRef:
    made = pw.reconstructable(job)
    run = local.create_run_for_job(job, run_config=config, job_code_origin=made.origin)
    return StepRunRef(run.run_config, run, run.run_id, RetryMode.ENABLED, "here", made, None)


def test_a_ref_is_pickled_and_runs_here(local: Instance, config: dict[str, Any]) -> None:
    import launched

    ref = ref_of(local, launched.spread, config)
    read = pickle.loads(pickle.dumps(ref))
    assert read == ref
    assert isinstance(read.recon_job, ReconstructableJob)
    heard: list[Any] = []
    with pw.external_instance_from_step_run_ref(read, heard.append) as instance:
        events = list(pw.run_step_from_ref(read, instance))
        assert instance.get_run_by_id(ref.run_id) is not None
    assert [event.event_type.value for event in events] == [
        *("STEP_START", "STEP_OUTPUT", "HANDLED_OUTPUT", "STEP_SUCCESS")
    ]
    assert [e.event for e in heard if e.event and e.event.is_step_event] == events
    assert list(local.all_logs(ref.run_id)) == []
    assert [EventLogEntry.from_json(e.to_json()).event for e in heard] == [e.event for e in heard]


def test_a_context_is_made_of_a_ref_and_written_down_again(
    local: Instance, config: dict[str, Any], tmp_path: Path
) -> None:
    import launched

    ref = ref_of(local, launched.spread, config)
    with pw.external_instance_from_step_run_ref(ref) as instance:
        context = pw.step_run_ref_to_step_context(ref, instance)
        assert (context.step_key, context.run_id) == ("here", ref.run_id)
        assert context.retry_mode is RetryMode.DEFERRED
        again = pw.step_context_to_step_run_ref(context, str(Path(__file__).parent))
        assert again.recon_job.origin.code.target == "launched"
        assert again.known_state is not None


def test_a_file_becomes_a_module_below_the_package_directory(
    local: Instance, config: dict[str, Any], tmp_path: Path
) -> None:
    from plugwork.code import load_job
    from plugwork.model import CodeRef, JobOrigin

    file = tmp_path / "shop" / "daily.py"
    file.parent.mkdir()
    file.write_text(
        "from plugwork import job, op\n@op\ndef here(): ...\n@job\ndef sales():\n    here()\n"
    )
    made = load_job(JobOrigin(CodeRef("file", str(file)), "sales"))
    run = local.create_run_for_job(made.job, job_code_origin=made.origin)
    ref = StepRunRef({}, run, run.run_id, RetryMode.ENABLED, "here", made, None)
    with pw.external_instance_from_step_run_ref(ref) as instance:
        context = pw.step_run_ref_to_step_context(ref, instance)
        named = pw.step_context_to_step_run_ref(context, str(tmp_path)).recon_job.origin.code
        assert (named.kind, named.target) == ("module", "shop.daily")
        with pytest.raises(CheckError, match="not below package_dir"):
            pw.step_context_to_step_run_ref(context, str(tmp_path / "elsewhere"))
