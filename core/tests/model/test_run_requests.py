from __future__ import annotations

from typing import Any

import pytest

from plugwork import (
    AddDynamicPartitionsRequest,
    AssetKey,
    DeleteDynamicPartitionsRequest,
    RunRequest,
    deserialize_value,
    serialize_value,
)
from plugwork.errors import CheckError
from plugwork.model import RunReaction, RunStatus, ScheduleExecutionData, SensorExecutionData


def test_a_request_says_nothing_by_default() -> None:
    asked = RunRequest()
    assert (asked.run_key, asked.run_config, asked.tags) == (None, {}, {})
    assert (asked.job_name, asked.partition_key, asked.asset_selection) == (None, None, None)
    assert asked.stale_assets_only is False


def test_values_of_tags_become_text() -> None:
    assert RunRequest(tags={"a": "x", "b": [1, None]}).tags == {"a": "x", "b": "[1, null]"}
    assert RunRequest(asset_selection=["a", AssetKey("b")]).asset_selection == (
        AssetKey("a"),
        AssetKey("b"),
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"run_key": 5}, "run_key must be text, got 5"),
        ({"job_name": 5}, "job_name must be text, got 5"),
        ({"partition_key": 5}, "partition_key must be text, got 5"),
        ({"run_config": "x"}, "run_config must be a dictionary or a RunConfig, got 'x'"),
        ({"tags": ["x"]}, r"tags must be a dictionary, got \['x'\]"),
        ({"tags": {5: "x"}}, "the key of a tag must be text, got 5"),
        ({"tags": {"x": object()}}, "neither text nor a value that JSON can hold"),
        ({"tags": {"x": (1,)}}, "neither text nor a value that JSON can hold"),
        ({"asset_selection": "x"}, "asset_selection must be a list of asset keys, got 'x'"),
    ],
)
def test_a_request_of_wrong_values_is_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(CheckError, match=told):
        RunRequest(**arguments)


@pytest.mark.parametrize("kind", [AddDynamicPartitionsRequest, DeleteDynamicPartitionsRequest])
def test_keys_of_partitions_are_a_list_of_text(kind: Any) -> None:
    assert kind("files", ["a"]).partition_keys == ("a",)
    for name, keys in ((None, ["a"]), ("", ["a"]), ("files", "a"), ("files", [1]), ("files", 5)):
        with pytest.raises(CheckError):
            kind(name, keys)


def test_requests_and_evaluations_read_back_equal() -> None:
    asked = RunRequest("k", {"ops": {"a": 1}}, {"t": "1"}, "j", [AssetKey("a")], True, "p")
    for value in (
        asked,
        ScheduleExecutionData([asked], None, ["a", "b"]),
        ScheduleExecutionData(skip_message="no"),
        SensorExecutionData(
            run_reactions=[RunReaction("id", RunStatus.FAILURE)],
            cursor="1",
            dynamic_partitions_requests=[AddDynamicPartitionsRequest("files", ["a"])],
        ),
    ):
        assert deserialize_value(serialize_value(value)) == value


def test_an_evaluation_asks_for_runs_or_says_why_not() -> None:
    for kind in (ScheduleExecutionData, SensorExecutionData):
        with pytest.raises(CheckError, match="not both"):
            kind(run_requests=[RunRequest()], skip_message="no")
