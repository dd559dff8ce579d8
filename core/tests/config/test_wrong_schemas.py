"""Wrong schemas are told when they are written: what is wrong, whose it is, and in which line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from plugwork import (
    Array,
    Config,
    ConfigurableResource,
    Enum,
    EnumValue,
    EnvVar,
    Field,
    InvalidConfigDefinitionError,
    InvalidConfigError,
    InvalidDefinitionError,
    Map,
    Noneable,
    Permissive,
    ScalarUnion,
    Selector,
    Shape,
    configured,
    executor,
    io_manager,
    logger,
    op,
    resource,
)

WRONG: list[tuple[str, Callable[[], Any], str]] = [
    ("Field", lambda: Field(3), "3 is not a config type"),
    ("Field", lambda: Field(int, default_value="x"), "must be an integer, got"),
    ("Field", lambda: Field(int, default_value=1, is_required=True), "has no default_value"),
    ("Field", lambda: Field({"a": int}, default_value={}), "a is required and missing"),
    ("Field", lambda: Field(Field(int)), "a Field stands only as the member"),
    ("Field", lambda: Field([int, str]), "a list holds exactly one type"),
    ("Field", lambda: Field({"a": {"b": set}}), "at a > b"),
    ("Field", lambda: Field(list[int]), r"write \[T\] for a list"),
    ("Shape", lambda: Shape({"a": 1.5}), "1.5 is not a config type at a"),
    ("Shape", lambda: Shape([1]), "fields are a dictionary"),  # type: ignore[arg-type]  # on purpose
    ("Shape", lambda: Shape({3: int}), "the name of a field is text"),  # type: ignore[dict-item]  # on purpose
    ("Shape", lambda: Shape({}, field_aliases={"a": "b"}), "alias for 'a'"),
    ("Permissive", lambda: Permissive({"a": Noneable}), r"write it with its arguments"),
    ("Selector", lambda: Selector({}), "needs a key to choose"),
    ("Selector", lambda: Selector({"a": 3}), "3 is not a config type at a"),
    ("Array", lambda: Array(3), "3 is not a config type"),
    ("Noneable", lambda: Noneable("int"), "'int' is not a config type"),
    ("Map", lambda: Map(dict, int), "the keys of a map are scalars"),
    ("ScalarUnion", lambda: ScalarUnion({"a": int}, int), "one scalar and one type that is none"),
    ("Enum", lambda: Enum("e", ["a"]), "is made of EnumValues"),  # type: ignore[list-item]  # on purpose
    ("Enum", lambda: Enum("e", [EnumValue("a"), EnumValue("a")]), "one config value twice"),
    ("EnumValue", lambda: EnumValue(3), "config value is a str"),  # type: ignore[arg-type]  # on purpose
    ("EnvVar", lambda: EnvVar(""), "the name of a variable"),
    ("EnvVarInt", lambda: EnvVar.int(3), "the name of a variable"),  # type: ignore[arg-type]  # on purpose
]


def line_of(fn: Callable[..., Any]) -> str:
    return f"{__file__}:{fn.__code__.co_firstlineno}"


@pytest.mark.parametrize(("owner", "make", "reason"), WRONG)
def test_a_wrong_schema_names_itself_and_its_line(
    owner: str, make: Callable[[], Any], reason: str
) -> None:
    with pytest.raises(InvalidDefinitionError, match=reason) as caught:
        make()
    text = str(caught.value)
    assert text.startswith(f"{owner}: ")
    assert line_of(make) in text


DECORATORS: list[tuple[str, Callable[..., Any]]] = [
    ("op 'mine'", lambda schema: op(config_schema=schema)),
    ("resource 'mine'", lambda schema: resource(config_schema=schema)),
    ("IO manager 'mine'", lambda schema: io_manager(config_schema=schema)),
    ("logger 'mine'", lambda schema: logger(config_schema=schema)),
    ("executor 'mine'", lambda schema: executor(config_schema=schema)),
]


@pytest.mark.parametrize(("owner", "decorator"), DECORATORS, ids=[name for name, _ in DECORATORS])
@pytest.mark.parametrize(
    ("schema", "reason"),
    [({"a": {"b": 3}}, "3 is not a config type at a > b"), ("int", "'int' is not a config type")],
)
def test_a_definition_with_a_wrong_schema_is_named_with_its_line(
    owner: str, decorator: Callable[..., Any], schema: object, reason: str
) -> None:
    def mine(context: Any) -> Any: ...

    with pytest.raises(InvalidConfigDefinitionError, match=reason) as caught:
        decorator(schema)(mine)
    assert owner in str(caught.value)
    assert line_of(mine) in str(caught.value)


def test_a_wrong_annotation_of_config_names_the_op() -> None:
    with pytest.raises(InvalidDefinitionError, match=r"op 'load': .*complex.*test_wrong_schemas"):

        @op
        def load(config: complex) -> None: ...

    with pytest.raises(InvalidDefinitionError, match=r"op 'bare': .*needs the annotation"):

        @op
        def bare(config): ...


class BadDefault(Config):
    n: int = "x"  # type: ignore[assignment]  # on purpose


class BadType(Config):
    n: list[complex]


class BadInside(Config):
    inner: BadDefault


@pytest.mark.parametrize(
    ("cls", "culprit", "reason"),
    [
        (BadDefault, BadDefault, r"BadDefault\.n: the default_value does not fit"),
        (BadType, BadType, r"BadType > n > \[\]"),
        (BadInside, BadDefault, r"BadDefault\.n: the default_value does not fit"),
    ],
)
def test_a_wrong_class_names_its_field_and_its_line(
    cls: type[Config], culprit: type, reason: str
) -> None:
    with pytest.raises(InvalidDefinitionError, match=reason) as caught:

        @op
        def load(config: cls) -> None: ...  # type: ignore[valid-type]  # a parameter of the test

    text = str(caught.value)
    assert "op 'load'" in text
    assert f"{__file__}:{inspect.getsourcelines(culprit)[1]}" in text


def test_a_wrong_resource_class_names_its_field() -> None:
    class Wrong(ConfigurableResource):
        n: complex

    with pytest.raises(InvalidDefinitionError, match=r"Wrong > n.*test_wrong_schemas\.py:\d+"):
        Wrong(n=1)


@op(config_schema={"a": int})
def typed(context: Any) -> None: ...


@op
def plain() -> None: ...


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: configured(3), r"configured\(\) takes an op"),
        (lambda: plain.configured({}, name="x"), "op 'plain': it takes no config"),
        (lambda: typed.configured({"a": 1}), "op 'typed': .*give it a name="),
        (lambda: typed.configured({"a": 1}, name="a b"), "op 'typed': .*'a b' is no name"),
        (lambda: typed.configured({"a": 1}, name="x", config_schema=int), "describes the param"),
        (lambda: typed.configured(dict, name="x", config_schema=3), "3 is not a config type"),
    ],
)
def test_a_wrong_use_of_configured_is_told_with_its_line(
    make: Callable[[], Any], reason: str
) -> None:
    with pytest.raises(InvalidDefinitionError, match=reason) as caught:
        make()
    assert line_of(make) in str(caught.value)


def test_config_that_does_not_fit_is_told_with_the_line_that_gives_it() -> None:
    def make() -> Any: return typed.configured({"a": "x", "z": 1}, name="bad")  # fmt: skip

    with pytest.raises(InvalidConfigError, match="op 'typed'") as caught:
        make()
    assert line_of(make) in str(caught.value)
    assert [each.stack for each in caught.value.errors] == ["root:a", "root:z"]
