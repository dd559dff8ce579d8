"""What an op's function gets as ``context``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType, Instance
from plugwork.errors import InvariantViolationError
from plugwork.model import StepFailureData, StepOutputData
from plugwork_testkit.streams import Told, expected

Execute = Callable[..., Told]
Context = pw.OpExecutionContext


def run_op(instance: Instance, fn: Callable[..., Any], **options: Any) -> Told:
    """Run a job of one op, ``asks``; the user's own error is raised."""
    asks = pw.op(name="asks", **options)(fn)

    @pw.job
    def asking() -> None:
        asks()

    result = asking.execute_in_process(instance=instance, tags={"team": "blue"})
    return Told.of(instance, result.run_id)


def test_the_context_tells_of_run_step_and_instance(instance: Instance) -> None:
    seen: dict[str, Any] = {}

    def asks(context: Context) -> None:
        seen.update(
            run_id=context.run_id,
            job=(context.job_name, context.job_def.name),
            step=(context.step_key, context.op_def.name, context.retry_number),
            tags=(context.has_tag("team"), context.get_tag("team"), context.get_tag("no")),
            key=context.get_mapping_key(),
            instance=context.instance,
            config=context.op_config,
        )

    told = run_op(instance, asks, config_schema={"size": pw.Field(int, default_value=3)})
    assert seen == {
        "run_id": told.run.run_id,
        "job": ("asking", "asking"),
        "step": ("asks", "asks", 0),
        "tags": (True, "blue", None),
        "key": None,
        "instance": instance,
        "config": {"size": 3},
    }


def test_a_mapped_step_knows_its_key_and_a_retried_one_its_number(execute: Execute) -> None:
    seen: list[tuple[str | None, int]] = []

    @pw.op(out=pw.DynamicOut(int))
    def keys() -> Iterator[pw.DynamicOutput[int]]:
        yield pw.DynamicOutput(1, mapping_key="left")
        yield pw.DynamicOutput(2, mapping_key="right")

    @pw.op(retry_policy=pw.RetryPolicy(max_retries=1))
    def asks(context: Context, number: int) -> None:
        seen.append((context.get_mapping_key(), context.retry_number))
        if number == 2 and context.retry_number == 0:
            raise ValueError("once")

    @pw.job
    def mapped() -> None:
        keys().map(asks)

    execute(mapped)
    assert seen == [("left", 0), ("right", 0), ("right", 1)]


def test_lines_and_asset_events_stand_under_the_step_at_their_moment(instance: Instance) -> None:
    def asks(context: Context) -> None:
        context.log.warning("before %d", 1)
        context.log_event(pw.AssetMaterialization("table", metadata={"rows": 2}))
        context.log.info("after")

    told = run_op(instance, asks)
    asked = [entry for entry in told.entries if entry.step_key == "asks"]
    start = [str(entry.event_type) for entry in asked].index("STEP_START")
    moments = [(str(entry.event_type), entry.level) for entry in asked[start : start + 4]]
    assert moments == [
        ("STEP_START", 10),
        ("None", 30),
        ("ASSET_MATERIALIZATION", 10),
        ("None", 20),
    ]
    assert [entry.message for entry in asked if entry.event is None] == ["before 1", "after"]


def test_a_logged_exception_is_told_with_its_stack(instance: Instance) -> None:
    def asks(context: Context) -> None:
        try:
            raise ValueError("handled")
        except ValueError:
            context.log.exception("it went wrong")

    told = run_op(instance, asks)
    (line,) = (entry for entry in told.entries if entry.event is None)
    assert line.level == 40
    assert line.error_info is not None
    assert line.error_info.message == "ValueError: handled\n"


def test_only_asset_events_are_logged_as_events(instance: Instance) -> None:
    def asks(context: Context) -> None:
        context.log_event("text")  # type: ignore[arg-type]  # what the test is for

    with pytest.raises(InvariantViolationError, match="AssetMaterialization"):
        run_op(instance, asks)


def output_metadata(told: Told) -> dict[str, dict[str, Any]]:
    found = {}
    for entry in told.of_type(EventType.STEP_OUTPUT):
        data = entry.get_event().event_specific_data
        assert isinstance(data, StepOutputData)
        handle = data.step_output_handle
        name = handle.mapping_key or handle.output_name
        found[name] = {key: value.value for key, value in data.metadata.items()}
    return found


def test_metadata_is_given_with_an_output_and_added_before_it(instance: Instance) -> None:
    def asks(context: Context) -> Iterator[pw.Output[int]]:
        context.add_output_metadata({"rows": 1, "ratio": 1.5}, output_name="a")
        context.add_output_metadata({"last": True}, output_name="a")
        yield pw.Output(1, "a", metadata={"name": "x"})
        yield pw.Output(2, "b", metadata={"table": {"k": [1]}, "gone": None})

    told = run_op(instance, asks, out={"a": pw.Out(int), "b": pw.Out(int)})
    assert output_metadata(told) == {
        "a": {"name": "x", "rows": 1, "ratio": 1.5, "last": True},
        "b": {"table": {"k": [1]}, "gone": None},
    }


def test_metadata_is_added_to_one_dynamic_output(instance: Instance) -> None:
    def asks(context: Context) -> Iterator[pw.DynamicOutput[int]]:
        context.add_output_metadata({"rows": 1}, mapping_key="k1")
        yield pw.DynamicOutput(1, mapping_key="k0")
        yield pw.DynamicOutput(2, mapping_key="k1")

    told = run_op(instance, asks, out=pw.DynamicOut(int))
    assert output_metadata(told) == {"k0": {}, "k1": {"rows": 1}}


@pytest.mark.parametrize("name", [None, "c"])
def test_metadata_needs_to_know_its_output(instance: Instance, name: str | None) -> None:
    def asks(context: Context) -> Iterator[pw.Output[int]]:
        context.add_output_metadata({"rows": 1}, output_name=name)
        yield from ()

    outs = {"a": pw.Out(int, is_required=False), "b": pw.Out(int, is_required=False)}
    with pytest.raises(InvariantViolationError, match="it has: a, b"):
        run_op(instance, asks, out=outs)


def test_metadata_that_comes_too_late_is_refused_not_lost(instance: Instance) -> None:
    def asks(context: Context) -> Iterator[pw.Output[int]]:
        yield pw.Output(1, "result")
        context.add_output_metadata({"rows": 1})

    with pytest.raises(InvariantViolationError, match="was given already"):
        run_op(instance, asks, out=pw.Out(int))


def test_metadata_of_no_known_type_fails_the_step(execute: Execute) -> None:
    @pw.op(name="asks")
    def asks() -> pw.Output[int]:
        return pw.Output(1, metadata={"thing": object()})

    @pw.job
    def asking() -> None:
        asks()

    told = execute(asking)
    assert told.steps == expected("asks: START FAILURE")
    (entry,) = told.of_type(EventType.STEP_FAILURE)
    data = entry.get_event().event_specific_data
    assert isinstance(data, StepFailureData)
    assert data.error is not None
    assert data.error.cls_name == "InvalidMetadata"


def test_an_op_without_assets_and_partitions_says_so(instance: Instance) -> None:
    seen: dict[str, Any] = {}
    lacking: list[str] = []

    def asks(context: Context) -> None:
        seen.update(
            partitions=(context.has_partitions, context.has_partition_key),
            key_range=context.has_partition_key_range,
            assets=(context.has_assets_def, context.selected_asset_keys),
            checks=context.selected_asset_check_keys,
            provenance=context.get_asset_provenance(pw.AssetKey("a")),
            outputs=context.selected_output_names,
            op=(context.describe_op(), context.location_name),
        )
        for name in ("asset_key", "assets_def", "partition_key", "partition_keys"):
            lacking.append(refused(lambda name=name: getattr(context, name)))  # type: ignore[misc]
        for name in ("partition_key_range", "partition_time_window", "multi_partition_key"):
            lacking.append(refused(lambda name=name: getattr(context, name)))  # type: ignore[misc]
        lacking.append(refused(lambda: context.asset_key_for_output()))
        lacking.append(refused(lambda: context.asset_key_for_input("x")))
        lacking.append(refused(lambda: context.asset_partition_key_for_output()))

    run_op(instance, asks)
    assert seen == {
        "partitions": (False, False),
        "key_range": False,
        "assets": (False, frozenset()),
        "checks": frozenset(),
        "provenance": None,
        "outputs": {"result"},
        "op": ('op "asks"', None),
    }
    assert len(lacking) == 10
    assert all('op "asks"' in text for text in lacking)


def refused(ask: Callable[[], object]) -> str:
    with pytest.raises(InvariantViolationError) as raised:
        ask()
    return str(raised.value)


def test_a_run_of_a_partition_tells_its_key(instance: Instance) -> None:
    seen: list[tuple[bool, str]] = []

    @pw.op
    def asks(context: Context) -> None:
        seen.append((context.has_partition_key, context.partition_key))

    @pw.job
    def asking() -> None:
        asks()

    asking.execute_in_process(instance=instance, tags={"plugwork/partition": "2024"})
    assert seen == [(True, "2024")]


def test_an_input_tells_the_asset_that_it_is_loaded_from() -> None:
    seen: list[pw.AssetKey] = []

    @pw.op(ins={"x": pw.In(int, asset_key=["lake", "x"], default_value=1)})
    def asks(context: Context, x: int) -> None:
        seen.append(context.asset_key_for_input("x"))

    @pw.job
    def asking() -> None:
        asks()

    asking.execute_in_process()
    assert seen == [pw.AssetKey(["lake", "x"])]


def test_metadata_of_a_dynamic_output_needs_its_mapping_key(instance: Instance) -> None:
    def asks(context: Context) -> Iterator[pw.DynamicOutput[int]]:
        context.add_output_metadata({"rows": 1})
        yield pw.DynamicOutput(1, mapping_key="k0")

    def asks_too_much(context: Context) -> int:
        context.add_output_metadata({"rows": 1}, mapping_key="k0")
        return 1

    with pytest.raises(InvariantViolationError, match="give mapping_key"):
        run_op(instance, asks, out=pw.DynamicOut(int))
    with pytest.raises(InvariantViolationError, match="is not dynamic"):
        run_op(instance, asks_too_much)


def test_a_debugger_needs_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugwork.execution.step.debugger._KEYBOARD", "/no/terminal")
    with pytest.raises(InvariantViolationError, match="needs a terminal"):
        _ = pw.build_op_context().pdb
