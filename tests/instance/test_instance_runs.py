"""Runs of an instance: stored, submitted, launched, deleted."""

from __future__ import annotations

from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType, Instance, Run, RunStatus
from plugwork.errors import (
    CheckError,
    ClassFormError,
    InvalidConfigError,
    InvariantViolationError,
    RunAlreadyExists,
    RunNotFoundError,
)
from plugwork.journal.holder import current_holder
from plugwork.model import (
    CodeRef,
    EngineEventData,
    JobOrigin,
    RunFailureData,
    RunFailureReason,
    SerializableErrorInfo,
)

RUN_ID = "6f1c0f0a-62c8-4f0c-8f3b-2d6a3f1e9b11"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
ORIGIN = JobOrigin(CodeRef("module", "by_class", "tiny"), "tiny")
NO_LAUNCHER = {"run_launcher": {"module": "no_such_module", "class": "Launcher"}}


@pw.op(config_schema={"size": int})
def sized(context: pw.OpExecutionContext) -> int:
    size: int = context.op_config["size"]
    return size


@pw.job
def sizes() -> None:
    sized()


def config_of(size: Any) -> dict[str, Any]:
    return {"ops": {"sized": {"config": {"size": size}}}}


def test_a_run_of_a_job_is_stored_not_started(instance: Instance) -> None:
    run = instance.create_run_for_job(
        sizes, run_id=RUN_ID, run_config=config_of(3), tags={"a": "b"}
    )
    assert run == instance.get_run_by_id(RUN_ID)
    assert (run.status, run.tags["a"]) == (RunStatus.NOT_STARTED, "b")
    assert run.run_config == config_of(3)
    record = instance.get_run_record_by_id(RUN_ID)
    assert record is not None
    assert record.summary.steps_planned == 1


def test_two_equal_runs_share_their_snapshots(instance: Instance) -> None:
    first = instance.create_run_for_job(sizes, run_config=config_of(1))
    second = instance.create_run_for_job(sizes, run_config=config_of(1))
    assert first.run_id != second.run_id
    assert first.job_snapshot_id == second.job_snapshot_id is not None
    assert first.execution_plan_snapshot_id == second.execution_plan_snapshot_id is not None
    assert instance.run_storage.has_snapshot(first.job_snapshot_id or "")


def test_a_run_id_is_a_uuid_and_used_once(instance: Instance) -> None:
    with pytest.raises(CheckError, match="notuuid"):
        instance.create_run_for_job(sizes, run_id="notuuid", run_config=config_of(1))
    instance.create_run_for_job(sizes, run_id=RUN_ID, run_config=config_of(1))
    with pytest.raises(RunAlreadyExists):
        instance.create_run_for_job(sizes, run_id=RUN_ID, run_config=config_of(1))
    assert instance.get_runs_count() == 1


def test_a_parent_comes_with_a_root() -> None:
    with pytest.raises(CheckError, match="root"):
        Run(job_name="sizes", parent_run_id=RUN_ID)


def test_a_run_whose_config_does_not_fit_is_not_stored(instance: Instance) -> None:
    with pytest.raises(InvalidConfigError):
        instance.create_run_for_job(sizes, run_config=config_of("many"))
    assert instance.get_runs_count() == 0


def test_what_is_unknown_is_none_nothing_or_an_error(instance: Instance) -> None:
    assert instance.get_run_by_id(UNKNOWN) is None
    assert instance.get_run_record_by_id(UNKNOWN) is None
    assert list(instance.all_logs(UNKNOWN)) == []
    assert instance.get_run_stats(UNKNOWN).start_time is None
    instance.delete_run(UNKNOWN)
    with pytest.raises(RunNotFoundError, match=UNKNOWN):
        instance.require_run(UNKNOWN)
    with pytest.raises(RunNotFoundError, match=UNKNOWN):
        instance.add_run_tags(UNKNOWN, {"a": "b"})
    for give in (instance.submit_run, instance.launch_run):
        with pytest.raises(InvariantViolationError, match=UNKNOWN):
            give(UNKNOWN)


def test_a_run_without_origin_is_not_submitted(instance: Instance) -> None:
    run = instance.create_run_for_job(sizes, run_config=config_of(1))
    with pytest.raises(CheckError, match="code origin"):
        instance.submit_run(run.run_id)
    assert instance.require_run(run.run_id).status is RunStatus.NOT_STARTED
    assert list(instance.all_logs(run.run_id)) == []


@pytest.mark.parametrize("door", ["submit_run", "launch_run"])
def test_a_launch_that_fails_ends_the_run_and_says_why(door: str) -> None:
    from by_class import tiny

    with Instance.ephemeral(settings=NO_LAUNCHER) as instance:
        run = instance.create_run_for_job(tiny, job_code_origin=ORIGIN)
        with pytest.raises(ClassFormError, match=r"no_such_module\.Launcher"):
            getattr(instance, door)(run.run_id)
        assert instance.require_run(run.run_id).status is RunStatus.FAILURE
        entries = instance.all_logs(run.run_id)
    assert [entry.event_type for entry in entries] == [
        EventType.RUN_STARTING,
        EventType.ENGINE_EVENT,
        EventType.RUN_FAILURE,
    ]
    told, failed = (entry.get_event().event_specific_data for entry in entries[1:])
    assert isinstance(told, EngineEventData)
    assert told.error is not None
    assert "no_such_module" in told.error.message
    assert isinstance(failed, RunFailureData)
    assert failed.failure_reason is RunFailureReason.JOB_INITIALIZATION_FAILURE
    assert failed.error == told.error


def test_a_finished_run_is_not_launched_again(instance: Instance) -> None:
    from by_class import tiny

    run = instance.create_run_for_job(tiny, job_code_origin=ORIGIN)
    assert instance.submit_run(run.run_id).status is RunStatus.SUCCESS
    with pytest.raises(InvariantViolationError, match="SUCCESS"):
        instance.launch_run(run.run_id)
    assert instance.require_run(run.run_id).status is RunStatus.SUCCESS
    assert len(instance.all_logs(run.run_id, EventType.RUN_STARTING)) == 1
    assert len(instance.all_logs(run.run_id, EventType.RUN_START)) == 1


def test_an_engine_event_belongs_to_a_run(instance: Instance) -> None:
    run = instance.create_run_for_job(sizes, run_config=config_of(1))
    lacking: list[dict[str, Any]] = [{}, {"job_name": "sizes"}, {"run_id": run.run_id}]
    for given in lacking:
        with pytest.raises(CheckError, match="run"):
            instance.report_engine_event("text", **given)
    assert list(instance.all_logs(run.run_id)) == []
    event = instance.report_engine_event("text", run, cls=Instance)
    instance.report_engine_event("more", job_name="sizes", run_id=run.run_id)
    error = SerializableErrorInfo.from_exception(ValueError("x"))
    instance.report_engine_event("bad", run, EngineEventData(error=error))
    assert event.message == "[Instance] text"
    told = [(entry.message, entry.level) for entry in instance.all_logs(run.run_id)]
    assert told == [("[Instance] text", 20), ("more", 20), ("bad", 40)]


def test_a_run_is_ended_from_outside_with_a_message(instance: Instance) -> None:
    for report, status in (
        (instance.report_run_failed, RunStatus.FAILURE),
        (instance.report_run_canceled, RunStatus.CANCELED),
    ):
        run = instance.create_run_for_job(sizes, run_config=config_of(1))
        assert report(run) is status
        (entry,) = instance.all_logs(run.run_id)
        assert "from outside" in entry.message
        assert entry.level == 40
        assert report(run) is None
        assert len(instance.all_logs(run.run_id)) == 1


def test_a_run_that_a_process_holds_is_not_deleted(local: Instance) -> None:
    run, lease = local.create_held_run(sizes, run_config=config_of(1), holder=current_holder())
    assert lease is not None
    with pytest.raises(InvariantViolationError, match=f"plugwork runs cancel {run.run_id}"):
        local.delete_run(run.run_id)
    assert local.has_run(run.run_id)
    local.report_run_canceled(run)
    local.delete_run(run.run_id)
    assert not local.has_run(run.run_id)
    assert list(local.all_logs(run.run_id)) == []
