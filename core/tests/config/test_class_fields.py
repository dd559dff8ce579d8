"""What fields of config classes may be: declared by Field, told apart in unions, attrs classes."""

from __future__ import annotations

import enum
from typing import Annotated, Any, Dict, List, Literal, Optional, Union  # noqa: UP035 - the older spellings are used too

import attrs
import pytest

from plugwork import Config, EnvVar, Field, Noneable, PermissiveConfig, RunConfig, StringSource
from plugwork.config import Enum, EnumValue, resolve_sources, resolve_to_config_type, validate
from plugwork.config.classes import build, schema_of
from plugwork.config.json_schema import json_schema
from plugwork.errors import (
    InvalidConfigDefinitionError,
    InvalidConfigError,
    InvalidDefinitionError,
)


class Tone(enum.Enum):
    LOW = 1
    HIGH = 2


class Declared(Config):
    needed: int = Field(int, description="how many")  # type: ignore[assignment]  # as users write it
    limit: int = Field(int, default_value=3)  # type: ignore[assignment]  # as users write it
    token: str = Field(StringSource, default_value="t", is_secret=True)  # type: ignore[assignment]  # as users write it
    maybe: str | None = Field(Noneable(str), is_required=False)  # type: ignore[assignment]  # as users write it
    tone: Any = Field(Enum("tone", [EnumValue("low", 1)]), default_value="low")
    sizes: list[int] = Field([int], default_value=[])  # type: ignore[assignment]  # as users write it
    told: Annotated[int, "in words"] = 1


def test_a_field_says_type_default_and_description() -> None:
    made = Declared(needed=1)
    assert (made.limit, made.token, made.maybe, made.tone, made.sizes) == (3, "t", None, 1, [])
    fields = schema_of(Declared).fields
    assert fields["needed"].description == "how many"
    assert fields["told"].description == "in words"
    assert fields["needed"].is_required
    assert fields["token"].is_secret
    assert "'t'" not in repr(made)
    with pytest.raises(InvalidConfigError) as caught:
        Declared(limit="x")  # type: ignore[call-arg, arg-type]  # on purpose
    assert [each.stack for each in caught.value.errors] == ["root:limit", "root:needed"]


def test_a_default_of_a_field_is_not_shared() -> None:
    Declared(needed=1).sizes.append(1)
    assert Declared(needed=1).sizes == []


class Inner(Config):
    path: str
    retries: int = 2


class Nested(Config):
    inner: Inner
    many: List[Inner] = []  # noqa: RUF012, UP006 - copied; the older spelling
    named: Dict[str, Inner] = {}  # noqa: RUF012, UP006 - copied; the older spelling
    maybe: Optional[Inner] = None  # noqa: UP045 - the older spelling
    tone: Tone = Tone.LOW
    mode: Literal["fast", "slow"] = "fast"
    counts: dict[str, int] = {}  # noqa: RUF012 - copied
    free: dict[str, Any] = {}  # noqa: RUF012 - copied


def test_classes_stand_inside_classes_lists_and_dictionaries() -> None:
    config = {
        "inner": {"path": "a"},
        "many": [{"path": "b", "retries": 0}],
        "named": {"x": {"path": "c"}},
        "maybe": {"path": "d"},
        "tone": "HIGH",
        "counts": {"k": 1},
        "free": {"any": [1]},
    }
    stored = validate(Nested, config).unwrap("bad")
    assert stored["inner"] == {"path": "a", "retries": 2}
    made = build(Nested, resolve_sources(Nested, stored, {}).unwrap("bad"))
    assert made == Nested(
        inner=Inner(path="a"),
        many=[Inner(path="b", retries=0)],
        named={"x": Inner(path="c")},
        maybe=Inner(path="d"),
        tone=Tone.HIGH,
        counts={"k": 1},
        free={"any": [1]},
    )


def test_problems_inside_are_told_with_their_way() -> None:
    config = {
        "inner": {"path": 1, "more": 1},
        "many": [{"path": "b"}, {}],
        "named": {"x": {"path": "c", "retries": "no"}},
        "tone": "LOUD",
        "mode": "quick",
    }
    found = validate(Nested, config).problems
    assert [each.stack for each in found] == [
        "root:inner:path",
        "root:inner:more",
        "root:many:1:path",
        "root:named:x:retries",
        "root:tone",
        "root:mode",
    ]


class Cat(Config):
    kind: Literal["cat"] = "cat"
    meows: int


class Dog(Config):
    kind: Literal["dog", "wolf"] = "dog"
    barks: float = 1.0


class Home(Config):
    pet: Union[Cat, Dog]  # noqa: UP007 - the older spelling
    others: list[Cat | Dog] = []  # noqa: RUF012 - copied
    guest: Cat | Dog | None = None


@pytest.mark.parametrize(
    ("given", "pet"),
    [
        ({"cat": {"meows": 3}}, Cat(meows=3)),
        ({"kind": "cat", "meows": 3}, Cat(meows=3)),
        ({"dog": {}}, Dog()),
        ({"dog": None}, Dog()),
        ({"wolf": {"barks": 2}}, Dog(kind="wolf", barks=2.0)),
        (Cat(meows=3), Cat(meows=3)),
    ],
)
def test_the_classes_of_a_union_are_told_apart(given: Any, pet: Config) -> None:
    made = Home(pet=given)
    assert made.pet == pet
    stored = validate(Home, made.__as_config__()).unwrap("bad")
    assert list(stored["pet"]) == [pet.kind]  # type: ignore[attr-defined]  # both have it
    assert build(Home, resolve_sources(Home, stored, {}).unwrap("bad")) == made
    assert validate(Home, stored).unwrap("bad") == stored


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"cow": {}}, [("root:pet:cow", "FIELD_NOT_DEFINED")]),
        ({"cat": {}, "dog": {}}, [("root:pet", "SELECTOR_FIELD_ERROR")]),
        ({}, [("root:pet", "SELECTOR_FIELD_ERROR")]),
        ({"cat": {}}, [("root:pet:cat:meows", "MISSING_REQUIRED_FIELD")]),
        ({"cat": {"kind": "dog", "meows": 1}}, [("root:pet:cat:kind", "RUNTIME_TYPE_MISMATCH")]),
        ({"cat": 3}, [("root:pet:cat", "RUNTIME_TYPE_MISMATCH")]),
        (3, [("root:pet", "RUNTIME_TYPE_MISMATCH")]),
    ],
)
def test_a_union_that_is_given_wrong_is_told(given: Any, told: list[tuple[str, str]]) -> None:
    found = validate(Home, {"pet": given}).problems
    assert [(each.stack, each.reason.value if each.reason else "") for each in found] == told


def test_a_union_is_written_for_editors() -> None:
    written = json_schema(schema_of(Home))["properties"]["pet"]
    assert set(written["properties"]) == {"cat", "dog", "wolf"}


def test_a_union_of_classes_without_a_text_of_their_own_takes_the_first_that_fits() -> None:
    class One(Config):
        a: int

    class Two(Config):
        b: int

    class Either(Config):
        one: One | Two

    stored = validate(Either, {"one": {"b": 1}}).unwrap("bad")
    assert stored == {"one": {"b": 1}}


@attrs.frozen
class Plain:
    """An attrs class of the user's."""

    url: str
    port: int = attrs.field(default=80, validator=attrs.validators.ge(1))


def test_an_attrs_class_is_a_config_class() -> None:
    schema = resolve_to_config_type({"at": Plain})
    stored = validate(schema, {"at": {"url": EnvVar("PW_URL")}}).unwrap("bad")
    assert stored == {"at": {"url": {"env": "PW_URL"}, "port": 80}}
    resolved = resolve_sources(schema, stored, {"PW_URL": "u"}).unwrap("bad")
    assert schema.construct(resolved) == {"at": Plain("u", 80)}
    assert [each.path for each in validate(schema, {"at": {"port": 0}}).problems] == [
        "at.port",
        "at.url",
    ]
    assert RunConfig(ops={"x": Plain("u")}).to_config_dict() == {
        "ops": {"x": {"config": {"url": "u", "port": 80}}}
    }


def test_a_default_that_does_not_fit_names_class_and_field() -> None:
    class Wrong(Config):
        n: int = "x"  # type: ignore[assignment]  # on purpose

    with pytest.raises(InvalidDefinitionError, match=r"Wrong\.n: the default_value does not fit"):
        schema_of(Wrong)


def test_fields_are_fixed_and_extras_refused() -> None:
    made = Inner(path="x")
    with pytest.raises(AttributeError):
        made.path = "y"  # type: ignore[misc]  # on purpose
    with pytest.raises(InvalidConfigError, match='unknown key "pth"'):
        Inner(pth="x")  # type: ignore[call-arg]  # on purpose


def test_permissive_classes_stand_inside_others() -> None:
    class Loose(PermissiveConfig):
        n: int = 1

    class Holder(Config):
        loose: Loose = Loose()

    made = build(Holder, validate(Holder, {"loose": {"n": 2, "x": [1]}}).unwrap("bad"))
    assert made.loose.x == [1]  # type: ignore[attr-defined]  # it is not declared


def test_a_class_that_nothing_reads_is_no_config_class() -> None:
    class Stranger:
        pass

    with pytest.raises(InvalidConfigDefinitionError, match="Stranger"):
        resolve_to_config_type(Stranger)
