"""What a result tells: values by the paths of nodes, and the events of the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType, ExecuteInProcessResult, Instance, execute_job
from plugwork.errors import CheckError, InvariantViolationError, LoadInputError
from plugwork.model import RunFailureData, RunFailureReason


@pw.op
def one() -> int:
    return 1


@pw.op
def add_one(number: int) -> int:
    return number + 1


@pw.op(out={"low": pw.Out(int), "high": pw.Out(int)})
def both(number: int) -> tuple[int, int]:
    return number - 1, number + 1


@pw.graph(out={"low": pw.GraphOut(), "high": pw.GraphOut()})
def spread(number: int) -> Any:
    low, high = both(add_one(number))
    return {"low": low, "high": high}


@pw.op(out=pw.DynamicOut(int))
def parts() -> Iterator[pw.DynamicOutput[int]]:
    for number in range(2):
        yield pw.DynamicOutput(number, mapping_key=f"k{number}")


@pw.op
def total(numbers: list[int]) -> int:
    return sum(numbers)


@pw.graph
def whole() -> int:
    low, _ = spread(one())
    parts().map(add_one)
    return total([low, total.alias("mapped_total")(parts.alias("others")().map(add_one).collect())])


nested = whole.to_job(name="nested", resource_defs={"io_manager": pw.fs_io_manager})


@pw.op(retry_policy=pw.RetryPolicy(max_retries=2))
def fails_once(context: pw.OpExecutionContext) -> None:
    context.log_event(pw.AssetObservation("seen"))
    if context.retry_number == 0:
        raise ValueError("not yet")
    context.log_event(pw.AssetMaterialization("made"))


@pw.op(ins={"start": pw.In(pw.Nothing)})
def breaks() -> int:
    raise ValueError("broken")


@pw.op
def never(number: int) -> None:
    pass


@pw.job(resource_defs={"io_manager": pw.fs_io_manager})
def breaking() -> None:
    never(breaks(fails_once()))


def in_process(instance: Instance) -> ExecuteInProcessResult:
    return nested.execute_in_process(instance=instance)


def stored(instance: Instance) -> pw.JobExecutionResult:
    return execute_job(pw.reconstructable(nested), instance)


@pytest.mark.parametrize("door", [in_process, stored])
def test_values_are_found_by_the_path_of_their_node(local: Instance, door: Any) -> None:
    result = door(local)
    assert result.success
    if door is stored:
        result.__enter__()
    assert result.output_value() == 4
    assert result.output_for_node("spread", "high") == 3
    assert result.output_for_node("spread.both", "low") == 1
    assert result.output_for_node("spread.add_one") == 2
    assert result.output_for_node("parts") == {"k0": 0, "k1": 1}
    assert result.output_for_node("add_one") == {"k0": 1, "k1": 2}
    assert result.output_for_node("mapped_total") == 3
    for name, output, words in (
        ("spreat", "low", "no node 'spreat'; did you mean 'spread'"),
        ("spread.bth", "low", r"graph 'spread' has no node 'bth'; did you mean 'spread\.both'"),
        ("spread", "result", "node 'spread' has no output 'result'; its outputs: low, high"),
        ("one.more", "result", "'one' has no node 'more'"),
    ):
        with pytest.raises(InvariantViolationError, match=words):
            result.output_for_node(name, output)
    with pytest.raises(InvariantViolationError, match="no output 'sum'; its outputs: result"):
        result.output_value("sum")


def test_stored_values_are_loaded_inside_a_with_block(local: Instance) -> None:
    result = stored(local)
    with pytest.raises(InvariantViolationError, match="'with' block"):
        result.output_for_node("one")
    with result as entered:
        assert entered.output_for_node("one") == 1
    with pytest.raises(InvariantViolationError, match="'with' block"):
        result.output_for_node("one")


def test_a_value_that_is_gone_is_told_with_its_place(local: Instance) -> None:
    result = stored(local)
    (Path(local.storage_directory()) / result.run_id / "one" / "result").unlink()
    with result, pytest.raises(LoadInputError, match='output "result" of step "one"'):
        result.output_for_node("one")


@pytest.fixture
def broken(local: Instance) -> pw.JobExecutionResult:
    return execute_job(pw.reconstructable(breaking), local)


def test_events_are_told_by_kind_and_by_node(broken: pw.JobExecutionResult) -> None:
    assert not broken.success
    assert broken.get_failed_step_keys() == {"breaks"}
    assert [event.step_key for event in broken.get_step_success_events()] == ["fails_once"]
    assert [event.step_key for event in broken.get_step_failure_events()] == ["breaks"]
    assert broken.retry_attempts_for_node("fails_once") == 1
    assert broken.retry_attempts_for_node("breaks") == 0
    failure = broken.get_job_failure_event().event_specific_data
    assert isinstance(failure, RunFailureData)
    assert failure.failure_reason is RunFailureReason.STEP_FAILURE
    with pytest.raises(InvariantViolationError, match="did not succeed"):
        broken.get_job_success_event()
    assert [str(each.asset_key) for each in broken.asset_observations_for_node("fails_once")]
    assert len(broken.get_asset_observation_events()) == 2
    assert len(broken.get_asset_materialization_events()) == 1
    assert len(broken.asset_materializations_for_node("fails_once")) == 1
    assert broken.asset_materializations_for_node("breaks") == []
    starts = broken.filter_events(lambda event: event.event_type is EventType.STEP_START)
    assert [event.step_key for event in starts] == ["fails_once", "breaks"]
    assert broken.all_events[0].event_type is EventType.RUN_START
    assert all(event.step_key for event in broken.all_node_events)


def test_nodes_are_told_by_what_became_of_them(broken: pw.JobExecutionResult) -> None:
    told = {
        node: (
            broken.is_node_success(node),
            broken.is_node_failed(node),
            broken.is_node_skipped(node),
            broken.is_node_untouched(node),
        )
        for node in ("fails_once", "breaks", "never")
    }
    assert told == {
        "fails_once": (True, False, False, False),
        "breaks": (False, True, False, False),
        "never": (False, False, False, True),
    }


def test_a_graph_has_the_events_of_its_nodes(local: Instance) -> None:
    result = in_process(local)
    keys = {event.step_key for event in result.events_for_node("spread")}
    assert keys == {"spread.add_one", "spread.both"}
    assert {event.step_key for event in result.events_for_node("add_one")} == {
        "add_one[k0]",
        "add_one[k1]",
    }
    assert result.get_job_success_event().event_type is EventType.RUN_SUCCESS


def test_the_users_error_is_raised_on_demand(local: Instance) -> None:
    with pytest.raises(ValueError, match="broken"):
        execute_job(pw.reconstructable(breaking), local, raise_on_error=True)
    (run,) = local.get_runs()
    record = local.get_run_record_by_id(run.run_id)
    assert record is not None
    assert record.summary.reason is RunFailureReason.RUN_EXCEPTION


def test_a_job_made_in_memory_is_refused(local: Instance) -> None:
    @pw.job
    def hidden() -> None:
        one()

    with pytest.raises(CheckError, match="reconstructable"):
        execute_job(hidden, local)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(InvariantViolationError, match="'hidden'"):
        pw.reconstructable(hidden)
    with pytest.raises(CheckError, match="asset_selection"):
        execute_job(pw.reconstructable(nested), local, asset_selection=[])
    assert local.get_runs_count() == 0
