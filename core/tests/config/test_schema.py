from __future__ import annotations

import enum
from typing import Any as AnyValue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugwork.config import (
    Any,
    Array,
    Bool,
    BoolSource,
    ConfigSchema,
    Enum,
    EnumValue,
    EnvVar,
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
    resolve_to_config_type,
    to_field,
    validate,
)
from plugwork.config.places import DEFAULT, Everywhere, Source
from plugwork.errors import (
    InvalidConfigDefinitionError,
    InvalidConfigError,
    InvalidDefinitionError,
    InvalidInvocationError,
    Problem,
)


def value_of(schema: object, value: object) -> AnyValue:
    validated = validate(schema, value)
    assert validated.problems == []
    return validated.value


def problems_of(schema: object, value: object) -> list[Problem]:
    return validate(schema, value).problems


def codes_of(schema: object, value: object) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in problems_of(schema, value)]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (int, 3),
        (float, 1.5),
        (str, ""),
        (bool, False),
        (Noneable(int), None),
        (Noneable(int), 4),
        ([int], [1, 2]),
        (Array(str), []),
        (list, [1, "a", None]),
        (dict, {"a": {"b": 1}}),
        ({"a": int}, {"a": 1}),
        (Permissive({"a": int}), {"a": 1, "b": [2]}),
        (Map(int, str), {1: "a"}),
        ({int: str}, {1: "a", 2: "b"}),
        (Any, object),
        (ScalarUnion(int, {"a": int}), 3),
        (ScalarUnion(int, {"a": int}), {"a": 3}),
        (Selector({"a": int, "b": str}), {"b": "x"}),
        (Enum("E", [EnumValue("x")]), "x"),
        (StringSource, {"env": "NAME"}),
        (IntSource, 5),
        (BoolSource, True),
    ],
)
def test_accepted_value_is_kept_as_it_is(schema: object, value: object) -> None:
    assert value_of(schema, value) == value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (int, True),
        (int, 1.0),
        (int, "1"),
        (int, None),
        (float, True),
        (float, "1.0"),
        (float, 10**400),
        (str, 1),
        (str, EnvVar("X")),
        (bool, 1),
        (bool, "true"),
        ([int], 1),
        ([int], "1"),
        ({"a": int}, []),
        (Permissive(), 3),
        (Map(str, int), []),
        (Enum("E", [EnumValue("x")]), "y"),
        (Enum("E", [EnumValue("x")]), 3),
        (StringSource, 3),
        (StringSource, {"env": 3}),
        (StringSource, {"env": "A", "more": 1}),
        (Selector({"a": int}), None),
        (Selector({"a": int}), "a"),
        (Selector({"a": int, "b": int}), {}),
        (Noneable(int), "x"),
        (ScalarUnion(int, {"a": int}), "x"),
        (ScalarUnion(int, {"a": int}), []),
    ],
)
def test_value_of_another_type_is_refused_once(schema: object, value: object) -> None:
    assert codes_of(schema, value) == [("", "PW-CFG-004")]


def test_integer_becomes_a_float_where_one_is_declared() -> None:
    assert type(value_of(float, 3)) is float


def test_message_names_the_path_the_expected_type_and_the_value() -> None:
    [problem] = problems_of({"ops": {"check": {"threshold": int}}}, {
        "ops": {"check": {"threshold": "abc"}}
    })  # fmt: skip
    assert problem.message == 'ops.check.threshold must be an integer, got "abc"'
    assert problem.path == "ops.check.threshold"
    assert problem.hint == "schema: threshold: int"


def test_hint_declares_the_field_with_default_and_description() -> None:
    schema = {"threshold": Field(int, default_value=3, description="fail above this")}
    [problem] = problems_of(schema, {"threshold": "abc"})
    assert problem.hint == "schema: threshold: int = 3   fail above this"


def test_every_problem_of_the_document_is_gathered() -> None:
    schema = {"a": int, "b": {"c": [str], "d": bool}, "e": float}
    value = {"a": "x", "b": {"c": ["ok", 1, 2], "z": 0}, "e": 1}
    assert codes_of(schema, value) == [
        ("a", "PW-CFG-004"),
        ("b.c[1]", "PW-CFG-004"),
        ("b.c[2]", "PW-CFG-004"),
        ("b.d", "PW-CFG-002"),
        ("b.z", "PW-CFG-001"),
    ]


def test_unknown_key_suggests_the_nearest_known_one() -> None:
    [problem] = problems_of({"run_coordinator": Field(dict, is_required=False)}, {
        "run_cordinator": {}
    })  # fmt: skip
    assert problem.message == 'unknown key "run_cordinator"; did you mean "run_coordinator"?'


def test_unknown_key_without_a_near_one_lists_what_is_known() -> None:
    [problem] = problems_of({"inner": Shape({})}, {"inner": {"zzz": 1}})
    assert (problem.message, problem.hint) == (
        'unknown key "zzz" in inner', "no keys are known here"
    )  # fmt: skip
    [problem] = problems_of(Shape({"b": Noneable(int), "a": Noneable(int)}), {"zzz": 1})
    assert problem.hint == "known here: a, b"


def test_missing_key_shows_an_example() -> None:
    [problem] = problems_of({"pool": {"size": int, "name": str}}, {})
    assert problem.code == "PW-CFG-002"
    assert problem.hint == 'add it, for example pool: {"size": 1, "name": "..."}'


def test_problem_carries_the_source_it_is_told() -> None:
    positions = Everywhere(Source("--set on the command line"))
    [problem] = validate({"a": int}, {"a": "x"}, "ops.b", positions).problems
    assert problem.path == "ops.b.a"
    assert problem.source == "--set on the command line"


def test_secret_value_stays_out_of_messages() -> None:
    schema = {"login": Field({"password": int}, is_secret=True), "key": Field(int, is_secret=True)}
    problems = problems_of(schema, {"login": {"password": "hunter2"}, "key": "hunter3"})
    assert [p.message for p in problems] == [
        "login.password must be an integer, got a string",
        "key must be an integer, got a string",
    ]


def test_unwrap_raises_with_all_problems() -> None:
    with pytest.raises(InvalidConfigError) as caught:
        validate({"a": int, "b": int}, {"a": "x"}).unwrap("bad config")
    assert [p.path for p in caught.value.errors] == ["a", "b"]
    assert validate({"a": int}, {"a": 1}).unwrap("bad config") == {"a": 1}


def test_defaults_are_filled_at_every_level() -> None:
    schema = {
        "a": Field(int, default_value=1),
        "b": {"c": Field(str, default_value="x"), "d": Noneable(int)},
        "e": Field({"f": Field(int, default_value=2), "g": int}, default_value={"g": 3}),
    }
    assert value_of(schema, {}) == {
        "a": 1,
        "b": {"c": "x", "d": None},
        "e": {"f": 2, "g": 3},
    }


def test_optional_key_without_default_is_absent() -> None:
    assert value_of({"a": Field(int, is_required=False)}, {}) == {}
    assert value_of({"a": Field(Noneable(int), is_required=False)}, {}) == {}


def test_field_is_required_without_default_unless_its_content_is_optional() -> None:
    assert Field(int).is_required
    assert Field({"a": int}).is_required
    assert not Field({"a": Field(int, default_value=1)}).is_required
    assert not Field(Noneable(int)).is_required
    assert not Field(Selector({"a": {"b": Noneable(int)}})).is_required
    assert Field(Selector({"a": int})).is_required
    assert Field([int]).is_required


def test_required_field_with_default_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="no default_value"):
        Field(int, default_value=1, is_required=True)


def test_default_must_fit_its_type() -> None:
    with pytest.raises(InvalidDefinitionError, match="must be an integer"):
        Field(int, default_value="x")


def test_defaults_of_two_documents_are_not_one_object() -> None:
    schema = resolve_to_config_type({"a": Field(list, default_value=[])})
    value_of(schema, {})["a"].append(1)
    assert value_of(schema, {}) == {"a": []}


def test_field_tells_whether_it_has_a_default() -> None:
    assert Field(int, default_value=0).default_provided
    assert Field(int, default_value=0).default_value == 0
    assert not Field(int).default_provided
    with pytest.raises(AttributeError):
        _ = Field(int).default_value


def test_alias_gives_a_field_under_another_name() -> None:
    shape = Shape({"max_runs": int}, field_aliases={"max_runs": "maxRuns"})
    assert value_of(shape, {"maxRuns": 2}) == {"max_runs": 2}
    assert value_of(shape, {"max_runs": 2}) == {"max_runs": 2}
    assert codes_of(shape, {"max_runs": 2, "maxRuns": 3}) == [("maxRuns", "PW-CFG-010")]
    with pytest.raises(InvalidDefinitionError):
        Shape({}, field_aliases={"a": "b"})


def test_selector_takes_exactly_one_key() -> None:
    schema = Selector({"a": int, "b": int})
    assert codes_of(schema, {"a": 1, "b": 2}) == [("", "PW-CFG-010")]
    assert codes_of(schema, {"c": 1}) == [("c", "PW-CFG-001")]


def test_empty_selector_of_one_field_takes_its_defaults() -> None:
    schema = Selector({"a": {"b": Field(int, default_value=1)}})
    assert value_of(schema, {}) == {"a": {"b": 1}}
    assert value_of({"s": schema}, {}) == {"s": {"a": {"b": 1}}}


def test_null_member_of_a_selector_stands_for_an_empty_one() -> None:
    schema = Selector({"a": {}, "b": {"c": int}, "d": Noneable(int)})
    assert value_of(schema, {"a": None}) == {"a": {}}
    assert value_of(schema, {"d": None}) == {"d": None}
    assert codes_of(schema, {"b": None}) == [("b", "PW-CFG-004")]


@pytest.mark.parametrize(
    ("obj", "text"),
    [
        (int, "int"),
        ([{"a": [float]}], "[Shape({a: [float]})]"),
        (dict, "Permissive({})"),
        (list, "[Any]"),
        ({str: int}, "Map(str, int)"),
        (AnyValue, "Any"),
        (Noneable(StringSource), "Noneable(StringSource)"),
    ],
)
def test_short_form_compiles(obj: object, text: str) -> None:
    assert repr(resolve_to_config_type(obj)) == text


@pytest.mark.parametrize(
    ("obj", "stack", "reason"),
    [
        (3, [], "expected int"),
        ("int", [], "expected int"),
        ([int, str], [], "exactly one type"),
        ([], [], "exactly one type"),
        ({"a": {"b": [set]}}, ["a", "b", "[]"], "expected int"),
        ({1: int, 2: int}, [], "is not a str"),
        ({"a": Noneable}, ["a"], r"Noneable\(...\)"),
        (list[int], [], r"\[T\] for a list"),
        ({"a": [Field(int)]}, ["a", "[]"], "member of a mapping"),
    ],
)
def test_what_is_no_schema_is_refused_with_the_way_to_it(
    obj: object, stack: list[str], reason: str
) -> None:
    with pytest.raises(InvalidConfigDefinitionError, match=reason) as caught:
        resolve_to_config_type(obj)
    assert caught.value.stack == stack


def test_field_is_a_whole_schema_too() -> None:
    field = Field(int)
    assert to_field(field) is field
    assert to_field({"a": int}).config_type.label == "mapping"


def test_map_keys_must_be_scalars_of_the_declared_type() -> None:
    with pytest.raises(InvalidConfigDefinitionError):
        Map([int], str)
    [problem] = problems_of(Map(int, str), {"a": "x"})
    assert problem.message == "the key 'a' of the config must be an integer"


def test_scalar_union_needs_a_scalar_and_another() -> None:
    with pytest.raises(InvalidConfigDefinitionError):
        ScalarUnion([int], {"a": int})
    with pytest.raises(InvalidConfigDefinitionError):
        ScalarUnion(int, str)


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


def test_enum_is_stored_as_text_and_resolved_to_its_python_value() -> None:
    schema = {"c": Enum.from_python_enum(Colour), "n": Enum("N", [EnumValue("one", 1)])}
    stored = value_of(schema, {"c": "RED", "n": "one"})
    assert stored == {"c": "RED", "n": "one"}
    assert resolve_sources(schema, stored, {}).value == {"c": Colour.RED, "n": 1}


def test_enum_suggests_the_nearest_member() -> None:
    [problem] = problems_of(Enum("E", [EnumValue("normal"), EnumValue("full")]), "norml")
    assert problem.message == 'the config must be "normal" (one of normal, full), got "norml"'


def test_enum_refuses_one_value_twice() -> None:
    with pytest.raises(InvalidDefinitionError, match="twice"):
        Enum("E", [EnumValue("x"), EnumValue("x")])


SOURCES = {"s": StringSource, "i": IntSource, "b": BoolSource}


def test_sources_are_read_from_the_environment_after_validation() -> None:
    given_value = {"s": EnvVar("S"), "i": {"env": "I"}, "b": {"env": "B"}}
    stored = value_of(SOURCES, given_value)
    assert stored == {"s": {"env": "S"}, "i": {"env": "I"}, "b": {"env": "B"}}
    resolved = resolve_sources(SOURCES, stored, {"S": "x", "I": "5", "B": "no"})
    assert resolved.problems == []
    assert resolved.value == {"s": "x", "i": 5, "b": True}


@pytest.mark.parametrize(
    ("text", "value"),
    [("", False), ("0", False), ("FALSE", False), ("false", False), ("no", True), ("00", True)],
)
def test_bool_source_reads_text_as_observed(text: str, value: bool) -> None:
    assert resolve_sources(BoolSource, {"env": "B"}, {"B": text}).value is value


def test_unset_variable_and_unfit_text_are_problems_that_show_no_value() -> None:
    stored = value_of(SOURCES, {"s": {"env": "S"}, "i": {"env": "I"}, "b": False})
    problems = resolve_sources(SOURCES, stored, {"I": "hunter2"}, "ops.a").problems
    assert [(p.code, p.message) for p in problems] == [
        ("PW-CFG-011", "ops.a.s: the environment variable S is not set"),
        ("PW-CFG-011", "ops.a.i: the value of ${env:I} is not an integer"),
    ]


def test_text_in_run_config_is_no_reference() -> None:
    schema = {"s": str, "t": StringSource, "a": Any, "p": Permissive()}
    config = {"s": "${env:HOME}", "t": "${env:HOME}", "a": {"env": "X"}, "p": {"env": "X"}}
    assert resolve_sources(schema, value_of(schema, config), {}).value == config


def test_env_var_refuses_to_pass_for_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW_NAME", "5")
    assert EnvVar("PW_NAME").get_value() == "5"
    assert EnvVar("PW_OTHER").get_value("d") == "d"
    assert EnvVar.int("PW_NAME").env_var_name == "PW_NAME"
    assert EnvVar.int("PW_NAME").get_value() == 5
    assert EnvVar.int("PW_OTHER").get_value() is None
    assert EnvVar.int("PW_OTHER").get_value(7) == 7
    with pytest.raises(RuntimeError, match="get_value"):
        str(EnvVar("PW_NAME"))
    monkeypatch.setenv("PW_NAME", "hunter2")
    with pytest.raises(ValueError, match="PW_NAME is no integer") as caught:
        EnvVar.int("PW_NAME").get_value()
    assert "hunter2" not in str(caught.value)


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
schemas = st.recursive(
    st.sampled_from([Int, Float, String, Bool, Any, StringSource, IntSource]),
    lambda inner: st.one_of(
        inner.map(Array),
        inner.map(Noneable),
        st.dictionaries(st.text(max_size=3), inner, max_size=3).map(Shape),
        st.dictionaries(st.text(max_size=3), inner, min_size=1, max_size=3).map(Selector),
        inner.map(lambda each: Map(String, each)),
    ),
    max_leaves=6,
)


@given(schemas, documents)
def test_any_document_gives_problems_and_never_an_exception(
    schema: AnyValue, value: object
) -> None:
    for problem in validate(schema, value).problems:
        assert problem.message


@given(schemas)
def test_example_of_a_schema_is_accepted_by_it(schema: AnyValue) -> None:
    assert problems_of(schema, schema.example()) == []


@given(schemas)
def test_validated_value_validates_to_itself(schema: AnyValue) -> None:
    once = value_of(schema, schema.example())
    assert value_of(schema, once) == once


def test_default_source_has_no_line() -> None:
    assert str(DEFAULT) == "default"
    assert str(Source("a.yaml", 3, 4)) == "a.yaml:3:4"


def test_config_schema_is_only_a_name() -> None:
    with pytest.raises(InvalidInvocationError, match="only names"):
        ConfigSchema()
