from __future__ import annotations

import enum
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar, Literal, Optional

import attrs
import pytest

from plugwork.config import Config, EnvVar, PermissiveConfig, resolve_sources, validate
from plugwork.config.class_shape import as_config
from plugwork.config.classes import build, config_field, schema_of
from plugwork.errors import InvalidConfigError, InvalidDefinitionError


class Level(enum.Enum):
    LOW = "low"
    HIGH = "high"


class Source(Config):
    path: str
    retries: int = 2


class Everything(Config):
    count: int
    ratio: float = 0.5
    name: str | None
    flag: bool = False
    tags: list[str] = []  # noqa: RUF012 - a typed config copies it
    weights: dict[str, float] = {"a": 1.0}  # noqa: RUF012 - a typed config copies it
    mode: Literal["fast", "slow"] = "fast"
    level: Level = Level.LOW
    source: Source = Source(path="in")
    more: list[Source] = []  # noqa: RUF012 - a typed config copies it
    anything: Any = None
    either: int | str = 1
    where: Path = Path("x")
    limit: ClassVar[int] = 9
    _hidden: int = 3


def test_only_what_has_no_default_is_required() -> None:
    made = Everything(count=1)  # type: ignore[call-arg]  # an optional has its default at run time
    assert (made.count, made.name, made.tags, made.weights) == (1, None, [], {"a": 1.0})
    assert made.source == Source(path="in")
    assert made.limit == 9
    assert made._hidden == 3


def test_all_wrong_values_are_told_at_once() -> None:
    values: dict[str, Any] = {"ratio": True, "mode": "fats", "level": "x", "sourc": 1, "either": []}
    with pytest.raises(InvalidConfigError) as caught:
        Everything(**values)
    told = {problem.path: problem.message for problem in caught.value.errors}
    assert told == {
        "count": "count is required and missing",
        "ratio": "ratio must be a number, got true",
        "mode": 'mode must be "fast" (one of fast, slow), got "fats"',
        "level": 'level must be one of low, high, got "x"',
        "sourc": 'unknown key "sourc"; did you mean "source"?',
        "either": "either must be an integer or {env: NAME} or a string or {env: NAME},"
        " got an empty list",
    }


def test_values_become_what_the_annotations_say() -> None:
    values: dict[str, Any] = {
        "count": 1,
        "ratio": 2,
        "name": "n",
        "level": "HIGH",
        "source": {"path": "p"},
        "more": [{"path": "q", "retries": 0}],
        "where": "~",
    }
    made = build(Everything, values)
    assert type(made.ratio) is float
    assert made.level is Level.HIGH
    assert made.source == Source(path="p")
    assert made.more == [Source(path="q", retries=0)]
    assert made.where == Path.home()


def test_config_goes_through_validation_and_back() -> None:
    schema = schema_of(Everything)
    stored = validate(schema, {"count": 3, "level": "high"}).unwrap("bad")
    resolved = resolve_sources(schema, stored, {}).unwrap("bad")
    made = build(Everything, resolved)
    assert made.level is Level.HIGH
    assert validate(schema, as_config(made)).unwrap("bad") == as_config(made)


def test_given_object_is_kept_and_defaults_are_not_shared() -> None:
    source = Source(path="x")
    first, second = (Everything(count=1, name=None, source=source) for _ in range(2))
    assert first.source is source
    first.tags.append("a")
    assert second.tags == []


def test_fields_cannot_be_set_but_private_names_can() -> None:
    made = Source(path="x")
    with pytest.raises(attrs.exceptions.FrozenAttributeError):
        made.path = "y"  # type: ignore[misc]  # that it is refused is the test
    made._cache = 1  # type: ignore[attr-defined]  # as resources do
    assert made == Source(path="x")
    assert hash(made) == hash(Source(path="x"))


def test_subclass_adds_to_the_fields_of_its_base() -> None:
    class Remote(Source):
        host: str
        retries: int = 5

    assert Remote(path="p", host="h").retries == 5
    assert set(schema_of(Remote).fields) == {"path", "host", "retries"}
    assert set(schema_of(Source).fields) == {"path", "retries"}


def test_names_local_to_a_function_are_found_in_annotations() -> None:
    class Inner(Config):
        x: int = 1

    class Outer(Config):
        inner: Inner = Inner()
        maybe: Optional[Inner]  # noqa: UP045 - the older spelling is used too

    assert Outer(maybe=None).inner.x == 1
    assert build(Outer, {"inner": {"x": 2}}).inner == Inner(x=2)


class Early(Config):
    later: Later


class Later(Config):
    x: int = 1


def test_annotation_may_name_a_class_defined_further_down() -> None:
    assert Early(later=Later(x=2)).later.x == 2


def test_annotation_that_names_nothing_is_told_when_it_is_needed() -> None:
    class Wrong(Config):
        x: Missing  # type: ignore[name-defined]  # noqa: F821 - that is the test

    with pytest.raises(InvalidDefinitionError, match="Missing"):
        schema_of(Wrong)


def test_type_that_config_cannot_give_is_refused_with_its_field() -> None:
    class Wrong(Config):
        x: list[complex]

    with pytest.raises(InvalidDefinitionError, match=r"Wrong > x > \[\]"):
        schema_of(Wrong)


class Login(Config):
    user: str = config_field(description="who logs in")
    password: str = config_field(default="", is_secret=True)
    port: int = config_field(default=1, validator=attrs.validators.and_(attrs.validators.ge(1)))
    hosts: list[str] = config_field(default_factory=lambda: ["a"])


def test_field_helper_gives_description_secret_and_range() -> None:
    fields = schema_of(Login).fields
    assert fields["user"].description == "who logs in"
    assert fields["password"].is_secret
    assert fields["hosts"].default_value == ["a"]
    assert "hunter2" not in repr(Login(user="me", password="hunter2"))
    with pytest.raises(InvalidConfigError) as caught:
        Login(user="me", port=0)
    assert [(p.code, p.message) for p in caught.value.errors] == [
        ("PW-CFG-012", "port must be >= 1, got 0")
    ]


def test_env_var_stays_until_the_run_starts() -> None:
    values: dict[str, Any] = {"user": EnvVar("WHO"), "port": EnvVar.int("PORT")}
    made = build(Login, values)
    assert as_config(made)["user"] == {"env": "WHO"}
    assert isinstance(made.user, EnvVar)
    resolved = resolve_sources(Login, as_config(made), {"WHO": "me", "PORT": "7"}).unwrap("bad")
    assert build(Login, resolved) == Login(user="me", port=7)
    problems = resolve_sources(Login, as_config(made), {"WHO": "me", "PORT": "0"}).problems
    assert [problem.code for problem in problems] == ["PW-CFG-012"]


class Open(PermissiveConfig):
    known: int = 1


def test_permissive_config_keeps_further_keys_as_attributes() -> None:
    made = build(Open, {"known": 2, "other": [1]})
    assert made.other == [1]  # type: ignore[attr-defined]  # it is not declared
    assert as_config(made) == {"known": 2, "other": [1]}
    assert validate(Open, {"x": 1}).unwrap("bad") == {"known": 1, "x": 1}


def test_subclass_may_keep_fields_to_itself() -> None:
    class Resource(Config):
        url: str
        client: object

        @classmethod
        def _is_config_field(cls, name: str, annotation: Any) -> bool:
            return annotation is not object

    client = object()
    assert Resource(url="u", client=client).client is client
    assert set(schema_of(Resource).fields) == {"url"}


def test_attrs_is_the_only_library_that_typed_config_imports() -> None:
    code = (
        "import sys, plugwork.config.classes;"
        "print(*{'cattrs', 'yaml', 'pluggy', 'click', 'importlib_metadata'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == ""
