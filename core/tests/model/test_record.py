"""Records as JSON: a closed table of types, unknown fields kept."""

from __future__ import annotations

import importlib
import json
import math
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugwork.errors import DeserializationError
from plugwork.model import (
    AssetKey,
    Run,
    RunStatus,
    SerializableErrorInfo,
    StepOutputHandle,
    deserialize_value,
    replace,
    serialize_value,
)
from plugwork.model.record import OLD_TAGS, TYPES, record_type

_PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.binary()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@given(_PLAIN)
def test_plain_values_of_every_kind_read_back_equal(value: Any) -> None:
    assert deserialize_value(serialize_value(value)) == value


@pytest.mark.parametrize("text", ["\ud800", "nul \0", "‮rtl", "x" * 10_000, 't"\n\\'])
def test_odd_text_reads_back_equal_and_fits_utf8(text: str) -> None:
    stored = serialize_value({"k": text})
    stored.encode("utf-8")
    assert deserialize_value(stored) == {"k": text}


def test_numbers_that_json_has_not_read_back() -> None:
    assert deserialize_value(serialize_value(math.inf)) == math.inf
    assert math.isnan(deserialize_value(serialize_value(math.nan)))


def test_a_mapping_with_our_own_tag_key_stays_a_mapping() -> None:
    value = {"t": "run", "v": 1}
    assert deserialize_value(serialize_value(value)) == value


def test_fields_at_their_default_are_left_out() -> None:
    assert json.loads(serialize_value(StepOutputHandle("a"))) == {
        "t": "step_output_handle",
        "step_key": "a",
    }


def test_unknown_fields_are_kept_and_written_back_also_by_replace() -> None:
    stored = '{"t":"step_output_handle","step_key":"a","colour":{"t":"colour","x":1}}'
    handle = deserialize_value(stored, StepOutputHandle)
    assert handle.unknown_fields == {"colour": {"t": "colour", "x": 1}}
    written = json.loads(serialize_value(replace(handle, output_name="other")))
    assert written["colour"] == {"t": "colour", "x": 1}
    assert written["output_name"] == "other"


def test_nothing_is_imported_by_a_name_found_in_data() -> None:
    before = set(sys.modules)
    for tag in ("os:system", "antigravity", "plugwork.cli.main:main", ["x"], None, 5):
        with pytest.raises(DeserializationError):
            deserialize_value(json.dumps({"t": tag, "v": 1, "x": {}}), object)
    assert "antigravity" not in set(sys.modules) - before


def test_a_newer_format_is_refused_by_name() -> None:
    with pytest.raises(DeserializationError, match="'error' has format 9"):
        deserialize_value('{"t":"error","v":9,"message":"x"}')


@pytest.mark.parametrize("stored", ["", "{", '{"t":"run"}', '{"t":"bytes","x":5}', '{"t":"enum"}'])
def test_damaged_text_is_one_typed_error(stored: str) -> None:
    with pytest.raises(DeserializationError):
        deserialize_value(stored)


def test_another_type_than_asked_for_is_refused() -> None:
    with pytest.raises(DeserializationError, match="expected a Run"):
        deserialize_value('{"t":"step_output_handle","step_key":"a"}', Run)


def test_a_value_that_cannot_be_stored_is_named() -> None:
    with pytest.raises(DeserializationError, match="type object"):
        serialize_value([object()])


def test_an_enum_outside_the_table_is_refused() -> None:
    from plugwork.abc import IOType

    with pytest.raises(DeserializationError, match="IOType"):
        serialize_value(IOType.STDOUT)


@pytest.mark.parametrize("tag", sorted(TYPES))
def test_every_tag_of_the_table_leads_to_its_class(tag: str) -> None:
    cls = record_type(tag)
    assert cls._tag == tag
    assert importlib.import_module(cls.__module__).__dict__[cls.__name__] is cls


def test_old_tags_lead_to_tags_of_today() -> None:
    assert set(OLD_TAGS.values()) <= set(TYPES)


def test_records_inside_records_read_back_equal() -> None:
    cause = SerializableErrorInfo(
        "ValueError: x\n", ("frame",), "ValueError", user_frame=("f", 3, "g")
    )
    error = SerializableErrorInfo("StepExecutionError: y\n", (), "StepExecutionError", cause=cause)
    assert deserialize_value(serialize_value({"e": [error]})) == {"e": [error]}


def test_sets_and_keys_that_are_records_read_back() -> None:
    value = {AssetKey(["a", "b"]): {1, 2}, AssetKey("c"): frozenset()}
    assert deserialize_value(serialize_value(value)) == {
        AssetKey(["a", "b"]): {1, 2},
        AssetKey("c"): set(),
    }


def test_enums_read_back_as_members() -> None:
    assert deserialize_value(serialize_value(RunStatus.QUEUED)) is RunStatus.QUEUED


def test_times_keep_their_zone() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert deserialize_value(serialize_value(now)) == now
