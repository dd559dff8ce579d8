from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plugwork import (
    AddDynamicPartitionsRequest,
    AssetMaterialization,
    DefaultSensorStatus,
    DeleteDynamicPartitionsRequest,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    build_sensor_context,
    job,
    sensor,
)
from plugwork.errors import CheckError, InvariantViolationError, SensorExecutionError
from plugwork.model import SensorExecutionData


@job
def nightly(): ...


@job
def weekly(): ...


def of(result: Any, **arguments: Any) -> SensorDefinition:
    """Return a sensor whose function returns this."""
    arguments = {"job": nightly, **arguments}
    return SensorDefinition("made", evaluation_fn=lambda: result, **arguments)


def told_by(definition: SensorDefinition, **arguments: Any) -> SensorExecutionData:
    return definition.evaluate_tick(build_sensor_context(**arguments))


def test_what_is_not_said_has_its_default() -> None:
    @sensor()
    def inbox(context):
        """Look for files."""

    assert (inbox.name, inbox.description) == ("inbox", "Look for files.")
    assert inbox.minimum_interval_seconds == 30
    assert inbox.default_status is DefaultSensorStatus.STOPPED
    assert not inbox.has_target
    assert (
        sensor(name="other", minimum_interval_seconds=5)(lambda: None).minimum_interval_seconds == 5
    )


def test_requests_get_their_job_and_the_name_of_the_sensor() -> None:
    data = told_by(of(RunRequest("k", tags={"own": "1"}), tags={"team": "data"}))
    [asked] = data.run_requests
    assert (asked.run_key, asked.job_name) == ("k", "nightly")
    assert asked.tags == {"own": "1", "plugwork/sensor_name": "made"}
    assert (data.skip_message, data.cursor) == (None, None)


def test_requests_are_yielded_and_need_no_keys() -> None:
    @sensor(jobs=[nightly, weekly])
    def both(context: SensorEvaluationContext) -> Iterator[RunRequest]:
        yield RunRequest(job_name="nightly")
        context.update_cursor("after the first")
        yield RunRequest(job_name="weekly")

    data = told_by(both, cursor="before")
    assert [one.job_name for one in data.run_requests] == ["nightly", "weekly"]
    assert data.cursor == "after the first"


def test_a_cursor_that_nobody_sets_stays() -> None:
    assert told_by(of(SkipReason("no")), cursor="7").cursor == "7"
    assert told_by(of(SensorResult()), cursor="7").cursor == "7"


def test_reasons_to_skip_are_told() -> None:
    assert told_by(of(SkipReason("no files"))).skip_message == "no files"
    assert told_by(of(SensorResult(skip_reason="no files"))).skip_message == "no files"
    assert told_by(of(SensorResult(skip_reason=SkipReason("x")))).skip_message == "x"
    assert "returned nothing" in str(told_by(of(None)).skip_message)


def test_a_result_tells_everything_at_once() -> None:
    add = AddDynamicPartitionsRequest("files", ["a", "b"])
    delete = DeleteDynamicPartitionsRequest("files", ["c"])
    seen = AssetMaterialization("table")
    data = told_by(
        of(
            SensorResult(
                run_requests=[RunRequest("a")],
                cursor="9",
                dynamic_partitions_requests=[add, delete],
                asset_events=[seen],
            )
        )
    )
    assert data.cursor == "9"
    assert data.dynamic_partitions_requests == (add, delete)
    assert data.asset_events == (seen,)
    assert [one.run_key for one in data.run_requests] == ["a"]


def test_what_an_evaluation_told_can_be_stored() -> None:
    from plugwork import deserialize_value, serialize_value

    add = AddDynamicPartitionsRequest("files", ["a"])
    data = told_by(of(SensorResult([RunRequest("a")], None, "9", [add])))
    assert deserialize_value(serialize_value(data), SensorExecutionData) == data


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ([RunRequest(), SkipReason("no")], "a SkipReason and something else"),
        ([SkipReason("a"), SkipReason("b")], "a SkipReason and something else"),
        ([SensorResult(), RunRequest()], "a SensorResult is the only thing"),
        ([SensorResult(), SensorResult()], "a SensorResult is the only thing"),
        ([SensorResult(), SkipReason()], "a SensorResult is the only thing"),
        ({"ops": {}}, "returns or yields RunRequest, SkipReason, or one SensorResult"),
        (RunRequest(job_name="weekly"), "none of its targets (nightly)"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_name_and_place(result: object, told: str) -> None:
    with pytest.raises(InvariantViolationError) as caught:
        told_by(of(result))
    assert told in str(caught.value)
    assert "sensor 'made'" in str(caught.value)
    assert "test_sensors.py:" in str(caught.value)


def test_a_sensor_without_target_asks_for_no_runs() -> None:
    with pytest.raises(InvariantViolationError, match="has no target; define it with job="):
        told_by(of(RunRequest(), job=None))
    assert told_by(of(SensorResult(cursor="1"), job=None)).cursor == "1"


def test_the_cursor_is_set_in_one_of_two_ways() -> None:
    @sensor(job=nightly)
    def made(context):
        context.update_cursor("1")
        return SensorResult(cursor="2")

    with pytest.raises(InvariantViolationError, match="do one of the two"):
        told_by(made)


def test_a_result_has_requests_or_a_reason() -> None:
    with pytest.raises(CheckError, match="not both"):
        SensorResult(run_requests=[RunRequest()], skip_reason="no")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"cursor": 5}, "SensorResult: cursor must be text, got 5"),
        ({"skip_reason": 5}, "skip_reason must be a SkipReason or text, got 5"),
        ({"run_requests": RunRequest()}, "run_requests must be a list"),
        ({"run_requests": ["a"]}, "run_requests holds 'a', which is no RunRequest"),
        ({"dynamic_partitions_requests": ["a"]}, "no AddDynamicPartitionsRequest or Delete"),
        ({"asset_events": ["a"]}, "which is no AssetMaterialization or AssetObservation"),
    ],
)
def test_a_result_of_wrong_values_is_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(CheckError, match=told):
        SensorResult(**arguments)


def test_reasons_are_equal_when_their_words_are() -> None:
    assert SkipReason("a") == SkipReason("a") != SkipReason("b")
    assert {SkipReason("a"), SkipReason("a")} == {SkipReason("a")}
    assert repr(SkipReason("a")) == "SkipReason('a')"
    with pytest.raises(CheckError, match="the message must be text, got 5"):
        SkipReason(5)  # type: ignore[arg-type]  # wrong use


def test_what_user_code_raises_is_wrapped_with_its_origin() -> None:
    @sensor(job=nightly)
    def made(context):
        yield RunRequest()
        raise ValueError("no network")

    with pytest.raises(SensorExecutionError, match="evaluating sensor 'made'") as caught:
        told_by(made)
    assert isinstance(caught.value.user_exception, ValueError)


def test_a_mistake_in_a_request_is_the_users() -> None:
    @sensor(job=nightly)
    def made():
        return RunRequest(run_key=5)  # type: ignore[arg-type]  # wrong use

    with pytest.raises(SensorExecutionError) as caught:
        told_by(made)
    assert "run_key must be text, got 5" in str(caught.value.user_exception)


def test_a_sensor_is_called_as_its_function_in_a_unit_test() -> None:
    @sensor(job=nightly)
    def made(context):
        context.update_cursor(str(int(context.cursor or 0) + 1))
        return RunRequest(context.cursor)

    context = build_sensor_context(cursor="3")
    assert made(context).run_key == "4"
    assert (context.cursor, context.cursor_updated) == ("4", True)


def test_a_context_tells_whether_its_evaluation_is_the_first() -> None:
    def first(completed: float | None, started: float | None) -> bool:
        context = SensorEvaluationContext(
            None, last_tick_completion_time=completed, last_sensor_start_time=started
        )
        return context.is_first_tick_since_sensor_start

    assert (first(None, None), first(None, 5.0), first(3.0, 5.0)) == (True, True, True)
    assert (first(6.0, 5.0), first(6.0, None)) == (False, False)


def test_a_cursor_is_text() -> None:
    with pytest.raises(CheckError, match="a sensor's cursor is text, got 5"):
        build_sensor_context(cursor=5)  # type: ignore[arg-type]  # wrong use
    with pytest.raises(CheckError, match="a sensor's cursor is text"):
        build_sensor_context().update_cursor(5)  # type: ignore[arg-type]  # wrong use
