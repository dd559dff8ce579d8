"""What each schema accepts and refuses, line by line, in the order of the reference page."""

from __future__ import annotations

import enum
from typing import Any as AnyValue

import pytest

from plugwork.config import (
    Any,
    Array,
    Bool,
    BoolSource,
    Enum,
    EnumValue,
    Field,
    Float,
    Int,
    IntSource,
    Map,
    Noneable,
    Permissive,
    ScalarUnion,
    Selector,
    Shape,
    String,
    StringSource,
    resolve_sources,
    validate,
)
from plugwork.errors import ConfigErrorReason, InvalidConfigError

MISMATCH = "RUNTIME_TYPE_MISMATCH"


class Tone(enum.Enum):
    LOW = 1
    HIGH = 2


TONES = Enum.from_python_enum(Tone)
CHOICE = Enum("choice", [EnumValue("one", python_value=1), EnumValue("two")])
ONE = Selector({"a": {"n": Field(int, default_value=7)}})
TWO = Selector({"a": int, "b": str})
UNION = ScalarUnion(str, {"path": str})
ALIASED = Shape({"size": int}, field_aliases={"size": "sz"})

ACCEPTED: list[tuple[object, object, object]] = [
    # schema, config, what user code gets
    (int, 3, 3),
    (Int, -1, -1),
    (float, 1.5, 1.5),
    (Float, 2, 2.0),
    (str, "", ""),
    (String, "x", "x"),
    (bool, True, True),
    (Bool, False, False),
    (Noneable(int), None, None),
    (Noneable(int), 4, 4),
    ({"n": Noneable(int)}, {}, {"n": None}),
    ([int], [], []),
    (Array(str), ["a"], ["a"]),
    ({"k": int}, {"k": 1}, {"k": 1}),
    (Shape({"k": int}), {"k": 1}, {"k": 1}),
    (ALIASED, {"sz": 1}, {"size": 1}),
    (Permissive({"k": int}), {"k": 1, "more": [None]}, {"k": 1, "more": [None]}),
    (Permissive(), {"any": {"deep": 1}}, {"any": {"deep": 1}}),
    (dict, {"a": 1}, {"a": 1}),
    (Map(str, int), {"a": 1, "b": 2}, {"a": 1, "b": 2}),
    (Map(int, {"k": int}, key_label_name="port"), {80: {"k": 1}}, {80: {"k": 1}}),
    (TWO, {"b": "x"}, {"b": "x"}),
    (ONE, {}, {"a": {"n": 7}}),
    ({"s": ONE}, {}, {"s": {"a": {"n": 7}}}),
    (ONE, {"a": None}, {"a": {"n": 7}}),
    (Selector({"a": {}, "b": {}}), {"a": None}, {"a": {}}),
    (CHOICE, "one", 1),
    (CHOICE, "two", "two"),
    (TONES, "LOW", Tone.LOW),
    (UNION, "text", "text"),
    (UNION, {"path": "p"}, {"path": "p"}),
    (StringSource, "x", "x"),
    (StringSource, {"env": "TEXT"}, "words"),
    (IntSource, 5, 5),
    (IntSource, {"env": "NUMBER"}, 12),
    (BoolSource, False, False),
    (BoolSource, {"env": "EMPTY"}, False),
    (BoolSource, {"env": "ZERO"}, False),
    (BoolSource, {"env": "NO"}, True),
    (Any, None, None),
    (Any, {"a": [1]}, {"a": [1]}),
    ({"k": Field(int, is_required=False)}, {}, {}),
    ({"k": Field(int, default_value=2)}, {}, {"k": 2}),
    ({"k": {"l": {"m": Field(int, default_value=2)}}}, {}, {"k": {"l": {"m": 2}}}),
]

REFUSED: list[tuple[object, object, list[tuple[str, str]]]] = [
    # schema, config, the way and the reason of each problem
    (int, True, [("root", MISMATCH)]),
    (int, 1.0, [("root", MISMATCH)]),
    (int, None, [("root", MISMATCH)]),
    (float, True, [("root", MISMATCH)]),
    (float, "1.5", [("root", MISMATCH)]),
    (str, 1, [("root", MISMATCH)]),
    (bool, 1, [("root", MISMATCH)]),
    (bool, "true", [("root", MISMATCH)]),
    (Noneable(int), "x", [("root", MISMATCH)]),
    ([int], 3, [("root", MISMATCH)]),
    ([int], [1, "x"], [("root:1", MISMATCH)]),
    ({"k": int}, {}, [("root:k", "MISSING_REQUIRED_FIELD")]),
    (
        {"k": int, "l": int},
        {},
        [("root:k", "MISSING_REQUIRED_FIELDS"), ("root:l", "MISSING_REQUIRED_FIELDS")],
    ),
    ({"k": int}, {"k": 1, "z": 1}, [("root:z", "FIELD_NOT_DEFINED")]),
    (
        {"k": int},
        {"k": 1, "y": 1, "z": 1},
        [("root:y", "FIELDS_NOT_DEFINED"), ("root:z", "FIELDS_NOT_DEFINED")],
    ),
    ({"k": int}, [], [("root", MISMATCH)]),
    (ALIASED, {"size": 1, "sz": 2}, [("root:sz", "FIELD_ALIAS_COLLISION")]),
    (Permissive({"k": int}), {"more": 1}, [("root:k", "MISSING_REQUIRED_FIELD")]),
    (Map(str, int), {"a": "x"}, [("root:a", MISMATCH)]),
    (Map(int, int), {"a": 1}, [("root:a", MISMATCH)]),
    (Map(str, int), [1], [("root", MISMATCH)]),
    (TWO, {}, [("root", "SELECTOR_FIELD_ERROR")]),
    (TWO, {"a": 1, "b": "x"}, [("root", "SELECTOR_FIELD_ERROR")]),
    (TWO, {"c": 1}, [("root:c", "FIELD_NOT_DEFINED")]),
    (TWO, None, [("root", MISMATCH)]),
    (TWO, {"a": None}, [("root:a", MISMATCH)]),
    ({"s": TWO}, {}, [("root:s", "MISSING_REQUIRED_FIELD")]),
    (CHOICE, "three", [("root", MISMATCH)]),
    (CHOICE, 1, [("root", MISMATCH)]),
    (UNION, 3, [("root", MISMATCH)]),
    (
        UNION,
        {"way": "p"},
        [("root:path", "MISSING_REQUIRED_FIELD"), ("root:way", "FIELD_NOT_DEFINED")],
    ),
    (StringSource, 3, [("root", MISMATCH)]),
    (StringSource, {"env": "UNSET"}, [("root", "FAILED_POST_PROCESSING")]),
    (IntSource, "3", [("root", MISMATCH)]),
    (IntSource, {"env": "TEXT"}, [("root", "FAILED_POST_PROCESSING")]),
    (BoolSource, "true", [("root", MISMATCH)]),
]

ENVIRONMENT = {"TEXT": "words", "NUMBER": "12", "EMPTY": "", "ZERO": "0", "NO": "no"}


def told(schema: object, config: object) -> tuple[object, list[tuple[str, str | None]]]:
    """Return what user code gets, and the way and reason of each problem."""
    checked = validate(schema, config)
    done = checked if checked.problems else resolve_sources(schema, checked.value, ENVIRONMENT)
    return done.value, [
        (each.stack, each.reason.value if each.reason else None) for each in done.problems
    ]


@pytest.mark.parametrize(("schema", "config", "given"), ACCEPTED)
def test_the_table_accepts(schema: object, config: object, given: object) -> None:
    value, problems = told(schema, config)
    assert problems == []
    assert value == given
    assert type(value) is type(given)


@pytest.mark.parametrize(("schema", "config", "problems"), REFUSED)
def test_the_table_refuses(schema: object, config: object, problems: list[tuple[str, str]]) -> None:
    assert told(schema, config)[1] == problems


@pytest.mark.parametrize("text", ["", "0", "false", "False", "FALSE"])
def test_a_boolean_variable_is_false_for_few_texts(text: str) -> None:
    assert resolve_sources(BoolSource, {"env": "FLAG"}, {"FLAG": text}).value is False


@pytest.mark.parametrize("text", ["1", "true", "no", "00", "off"])
def test_a_boolean_variable_is_true_for_every_other_text(text: str) -> None:
    assert resolve_sources(BoolSource, {"env": "FLAG"}, {"FLAG": text}).value is True


def test_two_wrong_fields_and_one_missing_are_three_numbered_problems() -> None:
    schema = {"ops": {"cfg": {"config": {"a": int, "b": bool, "c": str}}}}
    config = {"ops": {"cfg": {"config": {"a": "x", "b": 1}}}}
    with pytest.raises(InvalidConfigError) as caught:
        validate(schema, config).unwrap("the run config does not fit:")
    error = caught.value
    assert [(each.stack, each.reason) for each in error.errors] == [
        ("root:ops:cfg:config:a", ConfigErrorReason.RUNTIME_TYPE_MISMATCH),
        ("root:ops:cfg:config:b", ConfigErrorReason.RUNTIME_TYPE_MISMATCH),
        ("root:ops:cfg:config:c", ConfigErrorReason.MISSING_REQUIRED_FIELD),
    ]
    lines = error.message.splitlines()
    assert lines[0] == "the run config does not fit:"
    numbered = [line for line in lines if line.startswith("    Error ")]
    assert [line[:12] for line in numbered] == ["    Error 1:", "    Error 2:", "    Error 3:"]
    assert 'for example c: "..."' in error.message
    assert error.config_value == config
    assert len(error.error_messages) == 3


def test_a_boolean_field_stays_a_boolean_beside_numbers() -> None:
    schema: AnyValue = {"f": float, "b": bool, "i": int}
    assert told(schema, {"f": 1, "b": True, "i": 1})[0] == {"f": 1.0, "b": True, "i": 1}


def test_python_enums_are_given_by_name_or_by_value() -> None:
    direct = Enum.from_python_enum_direct_values(Tone)
    assert told(direct, "HIGH")[0] == 2
    assert told(TONES, "HIGH")[0] is Tone.HIGH
