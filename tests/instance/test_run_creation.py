"""Runs stored without their job in this process; managed runs; runs of another instance."""

from __future__ import annotations

import json
from typing import Any

import pytest

import plugwork as pw
from plugwork import Instance, RunsFilter, RunStatus
from plugwork.errors import (
    CheckError,
    InvalidDefinitionError,
    InvariantViolationError,
    RunAlreadyExists,
    RunConflict,
    RunNotFoundError,
)
from plugwork.model import DebugRunPayload, StepOutputHandle
from plugwork.plan import KnownExecutionState, PastExecutionState, create_plan
from plugwork.plan.snapshot import job_snapshot, plan_snapshot

RUN_ID = "6f1c0f0a-62c8-4f0c-8f3b-2d6a3f1e9b11"
OTHER_ID = "7f1c0f0a-62c8-4f0c-8f3b-2d6a3f1e9b12"


@pw.op
def one() -> int:
    return 1


@pw.job
def ones() -> None:
    one()


SNAPSHOTS: dict[str, Any] = {
    "job_snapshot": job_snapshot(ones),
    "execution_plan_snapshot": plan_snapshot(create_plan(ones)),
}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"run_id": "notuuid"}, "UUID"),
        ({"run_id": ""}, "UUID"),
        ({"parent_run_id": OTHER_ID}, "root_run_id and parent_run_id"),
        ({"root_run_id": OTHER_ID}, "root_run_id and parent_run_id"),
        ({"execution_plan_snapshot": {}}, "execution_plan_snapshot comes with a job_snapshot"),
        ({"parent_job_snapshot": {}}, "parent_job_snapshot comes with a job_snapshot"),
        ({"status": RunStatus.SUCCESS}, "not SUCCESS"),
        (
            {"tags": {"plugwork/partition": "a", "plugwork/asset_partition_range_start": "a"}},
            "not both",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    instance: Instance, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(CheckError, match=words):
        instance.create_run("ones", **given)
    assert instance.get_runs_count() == 0


def test_a_run_is_stored_with_its_snapshots(instance: Instance) -> None:
    parent = {**SNAPSHOTS["job_snapshot"], "description": "of the whole job"}
    run = instance.create_run(
        "ones",
        RUN_ID,
        run_config={"ops": {}},
        tags={"n": 1, "all": ["a"]},
        root_run_id=OTHER_ID,
        parent_run_id=OTHER_ID,
        step_keys_to_execute=["one"],
        parent_job_snapshot=parent,
        op_selection=["one"],
        **SNAPSHOTS,
    )
    assert instance.get_run_by_id(RUN_ID) == run
    assert run.tags == {"n": "1", "all": '["a"]'}
    assert run.step_keys_to_execute == ("one",)
    assert instance.run_storage.has_snapshot(run.job_snapshot_id or "")
    kept = instance.run_storage.get_snapshot(run.execution_plan_snapshot_id or "")
    assert kept is not None
    assert json.loads(kept)["executed"] == ["one"]
    record = instance.get_run_record_by_id(RUN_ID)
    assert record is not None
    assert record.summary.steps_planned == 1
    with pytest.raises(RunAlreadyExists):
        instance.create_run("ones", RUN_ID)


def test_a_tag_that_json_would_change_is_refused(instance: Instance) -> None:
    with pytest.raises(InvalidDefinitionError, match="tag 'when'"):
        instance.create_run("ones", tags={"when": object()})
    with pytest.raises(InvariantViolationError, match="run config cannot be stored"):
        instance.create_run("ones", run_config={"ops": object()})


def test_a_managed_run_is_registered_once(instance: Instance) -> None:
    first = instance.register_managed_run("ones", RUN_ID, tags={"n": 1}, **SNAPSHOTS)
    assert first.status is RunStatus.MANAGED
    again = instance.register_managed_run("ones", RUN_ID, tags={"n": 1}, **SNAPSHOTS)
    assert again == instance.get_run_by_id(RUN_ID) == first
    with pytest.raises(RunConflict, match=f"{RUN_ID} .* another run_config, tags$"):
        instance.register_managed_run("ones", RUN_ID, run_config={"ops": {}}, **SNAPSHOTS)
    instance.report_run_failed(first)
    ended = instance.register_managed_run("ones", RUN_ID, tags={"n": 1}, **SNAPSHOTS)
    assert ended.status is RunStatus.FAILURE
    assert instance.get_runs_count() == 1


def test_tags_are_found_by_key(instance: Instance) -> None:
    instance.create_run("ones", RUN_ID, tags={"team": "data", "by": "me"})
    instance.create_run("ones", OTHER_ID, tags={"team": "web"})
    instance.add_run_tags(OTHER_ID, {"by": "you"})
    assert instance.get_run_tag_keys() == ["by", "team"]
    assert instance.get_run_tags(["by", "team"]) == [
        ("by", {"me", "you"}),
        ("team", {"data", "web"}),
    ]
    assert instance.get_run_tags(["team"], value_prefix="d") == [("team", {"data"})]
    assert instance.has_run(RUN_ID)
    instance.delete_run(RUN_ID)
    assert not instance.has_run(RUN_ID)


def test_a_run_alone_is_its_own_group(instance: Instance) -> None:
    run = instance.create_run("ones")
    assert instance.get_run_group(run.run_id) == (run.run_id, [run])
    with pytest.raises(RunNotFoundError):
        instance.get_run_group(OTHER_ID)


def test_an_ephemeral_instance_is_opened_with_runs_of_another(local: Instance) -> None:
    failed = ones.execute_in_process(instance=local).run
    waiting = local.create_run_for_job(ones)
    managed = local.register_managed_run("ones", RUN_ID)
    payloads = [DebugRunPayload.build(local, run) for run in (failed, waiting, managed)]
    with Instance.ephemeral(preload=payloads) as opened:
        for run in (failed, waiting, managed):
            assert opened.get_run_by_id(run.run_id) == local.get_run_by_id(run.run_id)
            assert opened.all_logs(run.run_id) == local.all_logs(run.run_id)
            record, before = (each.get_run_record_by_id(run.run_id) for each in (opened, local))
            assert record is not None
            assert before is not None
            assert record.summary == before.summary
            assert record.start_time == before.start_time
        assert opened.get_runs_count(RunsFilter(statuses=[RunStatus.SUCCESS])) == 1


def test_what_is_preloaded_is_checked(local: Instance) -> None:
    run = ones.execute_in_process(instance=local).run
    payload = DebugRunPayload.build(local, run)
    strange = DebugRunPayload(local.create_run_for_job(ones), payload.event_list)
    for preload, error, words in (
        ([run], CheckError, "DebugRunPayload.build"),
        ([strange], CheckError, f"events of {run.run_id}"),
        ([payload, payload], RunAlreadyExists, run.run_id),
    ):
        with pytest.raises(error, match=words):
            Instance.ephemeral(preload=preload)  # type: ignore[arg-type]  # that is the point


def test_known_state_reads_back_equal_from_json() -> None:
    handles = [StepOutputHandle("a"), StepOutputHandle("gen", "out", "k0")]
    oldest = PastExecutionState("first", frozenset(handles))
    state = KnownExecutionState(
        {"a": 2},
        {"gen": {"out": ["k0"], "more": None}},
        frozenset(handles),
        PastExecutionState("second", frozenset(), oldest),
        {handles[1]: "v1"},
    )
    assert KnownExecutionState.from_dict(json.loads(json.dumps(state.to_dict()))) == state
    empty = KnownExecutionState()
    assert KnownExecutionState.from_dict(json.loads(json.dumps(empty.to_dict()))) == empty
