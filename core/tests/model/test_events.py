"""Events, entries, and their stored form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from plugwork.errors import CheckError, DeserializationError, InvalidMetadata
from plugwork.model import (
    AssetKey,
    AssetMaterialization,
    AssetMaterializationPlannedData,
    AssetObservation,
    AssetObservationData,
    ComputeLogsCaptureData,
    EncodedEntry,
    EngineEventData,
    ErrorSource,
    Event,
    EventLogEntry,
    EventLogRecord,
    EventType,
    HandledOutputData,
    HookErroredData,
    LoadedInputData,
    LogRange,
    Record,
    RunCanceledData,
    RunEnqueuedData,
    RunFailureData,
    RunFailureReason,
    SerializableErrorInfo,
    StepFailureData,
    StepInputData,
    StepMaterializationData,
    StepOutputData,
    StepOutputHandle,
    StepRetryData,
    StepSuccessData,
    TypeCheckData,
    UserFailureData,
    encode_entry,
    from_row,
    make_run_id,
    normalize_metadata,
    to_row,
)
from plugwork.model.envelope import ENTRY_LIMIT
from plugwork.model.error_info import TRUNCATED
from plugwork.model.event import PAYLOAD_TAGS

_ERROR = SerializableErrorInfo("ValueError: no\n", ("frame",), "ValueError")
_META = normalize_metadata({"rows": 3, "at": "x", "data": {"a": [1]}})
_PAYLOADS: Mapping[str, Record] = {
    payload._tag: payload
    for payload in (
        EngineEventData(_META, _ERROR, "a", "b"),
        RunEnqueuedData("loc", "repo", "p"),
        RunFailureData(_ERROR, RunFailureReason.STEP_FAILURE, "s"),
        RunCanceledData(_ERROR),
        ComputeLogsCaptureData("abc", ("a", "b")),
        StepRetryData(_ERROR, 2.5, LogRange("k", 1, 2, 3, 4)),
        LoadedInputData("x", "io_manager", "result", "one"),
        StepInputData("x", TypeCheckData(False, "Int", "no", _META)),
        StepOutputData(StepOutputHandle("a", "out", "k"), TypeCheckData(), _META, {"t": "v"}),
        HandledOutputData("out", "io_manager", _META),
        StepSuccessData(1.5),
        StepFailureData(_ERROR, UserFailureData("l", "d", _META), ErrorSource.USER_CODE_ERROR),
        HookErroredData(_ERROR),
        StepMaterializationData(AssetMaterialization(["a", "b"], metadata={"n": 1}, partition="p")),
        AssetObservationData(AssetObservation("a", description="d")),
        AssetMaterializationPlannedData(AssetKey("a"), "p"),
    )
}


def _event(kind: EventType) -> Event:
    tag = PAYLOAD_TAGS.get(kind)
    payload = _PAYLOADS[tag] if tag else None
    return Event(kind, "shop", payload, "it happened", "a[k]", 2, "COMPUTE", {"x": "y"}, 77)


def _entry(event: Event | None = None, **changes: Any) -> EventLogEntry:
    entry = EventLogEntry(None, 10, "", make_run_id(), 1_700_000_000.25, "a[k]", "shop", event, 2)
    return attrs.evolve(entry, **changes)


@pytest.mark.parametrize("kind", list(EventType))
def test_every_event_type_reads_back_equal(kind: EventType) -> None:
    entry = _entry(_event(kind))
    assert from_row(to_row(encode_entry(entry))) == entry


@pytest.mark.parametrize("kind", [kind for kind in EventType if kind in PAYLOAD_TAGS])
def test_a_payload_of_another_type_is_refused(kind: EventType) -> None:
    other = StepSuccessData(1.0) if kind is not EventType.STEP_SUCCESS else EngineEventData()
    with pytest.raises(CheckError):
        Event(kind, "shop", other)


def test_an_event_of_a_type_without_payload_takes_none() -> None:
    with pytest.raises(CheckError, match="cannot carry"):
        Event(EventType.STEP_START, "shop", StepSuccessData(1.0))


def test_an_unknown_type_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="STEP_DANCED"):
        Event("STEP_DANCED", "shop")


def test_a_log_line_has_no_event() -> None:
    line = _entry(user_message="hello")
    assert line.message == "hello"
    assert line.event_type is None
    assert not line.is_framework_event
    with pytest.raises(CheckError):
        line.get_event()


def test_the_message_of_an_event_is_the_events() -> None:
    assert _entry(_event(EventType.STEP_START), user_message="u").message == "it happened"


@pytest.mark.parametrize(("level", "number"), [("error", 40), ("DEBUG", 10), (25, 25)])
def test_levels_are_numbers_or_names(level: int | str, number: int) -> None:
    assert _entry(level=level).level == number


def test_an_unknown_level_name_is_refused() -> None:
    with pytest.raises(CheckError, match="LOUD"):
        _entry(level="LOUD")


def _stored(body: Mapping[str, Any], kind: EventType = EventType.STEP_SUCCESS) -> EventLogEntry:
    row = to_row(encode_entry(_entry(_event(kind))))
    return from_row(attrs.evolve(row, body=json.dumps(body)))


@pytest.mark.parametrize(
    "body",
    [
        {"t": "danced", "v": 1, "data": {}, "message": "whirl"},
        {"t": "step_success", "v": 7, "data": {"duration_ms": 1}, "message": "whirl"},
        {"t": "step_success", "v": 1, "data": {}, "message": "whirl"},
    ],
)
def test_an_event_of_a_newer_release_reads_as_an_engine_event_with_its_text(
    body: Mapping[str, Any],
) -> None:
    event = _stored(body).get_event()
    assert event.event_type is EventType.ENGINE_EVENT
    assert isinstance(event.event_specific_data, EngineEventData)
    assert json.loads(event.event_specific_data.metadata["raw"]) == body
    assert event.event_specific_data.metadata["message"] == "whirl"


def test_a_row_of_an_unknown_type_reads_as_an_engine_event() -> None:
    row = to_row(encode_entry(_entry(_event(EventType.STEP_START))))
    read = from_row(attrs.evolve(row, type="STEP_DANCED"))
    assert read.event_type is EventType.ENGINE_EVENT


@pytest.mark.parametrize("body", ["", "[]", "nonsense", '{"v":1}'])
def test_a_damaged_body_is_a_typed_error(body: str) -> None:
    row = to_row(encode_entry(_entry(_event(EventType.STEP_START))))
    with pytest.raises(DeserializationError):
        from_row(attrs.evolve(row, body=body))


def test_columns_are_narrow_and_times_are_microseconds() -> None:
    row = to_row(encode_entry(_entry(_event(EventType.ASSET_MATERIALIZATION))))
    assert row.time == 1_700_000_000_250_000
    assert (row.asset_key, row.partition) == ('["a", "b"]', "p")
    assert (row.type, row.step_key, row.attempt) == ("ASSET_MATERIALIZATION", "a[k]", 2)


def _size(encoded: EncodedEntry) -> int:
    return len(encoded.body.encode())


def test_an_event_is_cut_to_its_limit_with_a_mark() -> None:
    payload = EngineEventData(normalize_metadata({"a": "é" * 2_000_000, "b": ["x"] * 500_000}))
    event = Event(EventType.ENGINE_EVENT, "shop", payload, "m" * 3_000_000)
    encoded = encode_entry(_entry(event))
    assert _size(encoded) <= ENTRY_LIMIT
    assert TRUNCATED in encoded.body
    assert from_row(to_row(encoded)).event_type is EventType.ENGINE_EVENT


def test_a_long_line_is_cut_too() -> None:
    encoded = encode_entry(_entry(user_message="x" * 5_000_000))
    assert _size(encoded) <= ENTRY_LIMIT
    assert from_row(to_row(encoded)).message.endswith(TRUNCATED)


def test_metadata_gets_typed_values() -> None:
    typed = normalize_metadata({"a": 1, "b": 1.5, "c": True, "d": "x", "e": {"k": 1}, "f": None})
    assert [type(value).__name__ for value in typed.values()] == [
        "IntMetadataValue",
        "FloatMetadataValue",
        "BoolMetadataValue",
        "TextMetadataValue",
        "JsonMetadataValue",
        "NullMetadataValue",
    ]


@pytest.mark.parametrize("metadata", [{"a": object()}, {1: "a"}, {"a": {"b": object()}}])
def test_other_metadata_is_refused(metadata: Any) -> None:
    with pytest.raises((InvalidMetadata, DeserializationError)):
        normalize_metadata(metadata)


def test_an_entry_is_written_as_json_and_read_back_equal() -> None:
    told = AssetMaterialization(["a", "b"], metadata={"n": 1}, partition="p", tags={"k": "v"})
    event = Event(
        EventType.ASSET_MATERIALIZATION,
        "job",
        event_specific_data=StepMaterializationData(told),
        step_key="s",
        attempt=1,
    )
    entry = EventLogEntry(None, 10, "", "r", 1.5, "s", "job", event, 1)
    line = EventLogEntry(None, "info", "it rains", "r", 2.5)
    for one in (entry, line):
        assert EventLogEntry.from_json(one.to_json()) == one
    record = EventLogRecord(7, entry)
    assert (record.asset_event, record.partition_key) == (told, "p")
    assert record.asset_key == told.asset_key
    assert (entry.tags, line.tags, line.asset_observation) == ({"k": "v"}, {}, None)
    for text in ("no json", "{}", "[]"):
        with pytest.raises(DeserializationError, match="no entry of a log"):
            EventLogEntry.from_json(text)
