from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugwork.config import (
    Any,
    Enum,
    EnumValue,
    Map,
    Noneable,
    Permissive,
    resolve_sources,
    validate,
)
from plugwork.config.references import (
    Reference,
    ReferenceSyntaxError,
    Resolver,
    Secrets,
    UnresolvedReferenceError,
    is_reference,
    parse,
)

ENVIRON = {"USER": "hunter2", "PORT": "5432", "EMPTY": "", "ON": "yes", "HALF": "0.5"}


def resolved(value: object, base: Path | None = None) -> object:
    return Resolver(ENVIRON, base).resolve(value, embedded=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${env:USER}", "hunter2"),
        ("${env:EMPTY}", ""),
        ("${env:NO=x=y}", "x=y"),
        ("${env:NO=}", ""),
        ("${env:PORT:int}", 5432),
        ("${env:NO:int=3}", 3),
        ("${env:HALF:float}", 0.5),
        ("${env:ON:bool}", True),
        ("${env:NO:str=7}", "7"),
        ("pg://${env:USER}@h:${env:PORT}/x", "pg://hunter2@h:5432/x"),
        ("on=${env:ON:bool}", "on=true"),
        ({"env": "USER"}, "hunter2"),
        ("$${env:USER}", "${env:USER}"),
        ("a$${b}${env:USER}", "a${b}hunter2"),
        ("${USER} $USER $", "${USER} $USER $"),
        (5, 5),
        (None, None),
    ],
)
def test_reference_stands_for_its_value(value: object, expected: object) -> None:
    got = resolved(value)
    assert (got, type(got)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("${env:NO}", "the environment variable NO is not set"),
        ({"env": "NO"}, "the environment variable NO is not set"),
        ("${env:USER:int}", r"the value of \$\{env:USER:int\} is not of type int"),
        ("${file:missing}", r"the file of \$\{file:missing\} cannot be read: No such file"),
        ("${vault:a/b}", r"nothing installed resolves \$\{vault:a/b\}"),
    ],
)
def test_reference_that_leads_nowhere_is_named(value: object, message: str) -> None:
    with pytest.raises(UnresolvedReferenceError, match=message) as caught:
        resolved(value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["${env:}", "${env:A B}", "${env:A:number}", "${env:A:int=x}", "x ${env:A", "${env:{}}"]
)
def test_malformed_reference_is_refused(text: str) -> None:
    with pytest.raises(ReferenceSyntaxError):
        is_reference(text)


def test_file_is_read_relative_to_the_base_without_its_last_newline(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc\ndef\n")
    assert resolved("${file:token}", tmp_path) == "abc\ndef"
    assert resolved(f"x-${{file:{tmp_path}/token}}") == "x-abc\ndef"


def test_file_that_is_no_text_or_too_large_does_not_resolve(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"\xff")
    (tmp_path / "big").write_bytes(b"x" * ((1 << 20) + 1))
    for name, why in [("bad", "not UTF-8"), ("big", "larger than 1 MiB")]:
        with pytest.raises(UnresolvedReferenceError, match=why):
            resolved(f"${{file:{name}}}", tmp_path)


def test_further_schemes_are_asked_of_the_caller() -> None:
    asked = []

    def others(scheme: str, text: str) -> str | None:
        asked.append((scheme, text))
        return "s3cret" if scheme == "vault" else None

    resolver = Resolver({}, others=others)
    assert resolver.resolve("${vault:kv/a:b=c}", embedded=True) == "s3cret"
    assert asked == [("vault", "kv/a:b=c")]
    with pytest.raises(UnresolvedReferenceError):
        resolver.resolve("${other:x}", embedded=True)


def test_failing_scheme_is_a_reference_that_leads_nowhere() -> None:
    def others(scheme: str, text: str) -> str | None:
        raise ConnectionError("password is hunter2")

    with pytest.raises(UnresolvedReferenceError) as caught:
        Resolver({}, others=others).resolve("${vault:x}", embedded=True)
    assert str(caught.value) == "${vault:x} could not be read (ConnectionError)"


def test_resolved_values_are_masked_wherever_they_stand() -> None:
    resolver = Resolver({"PW": "hunter2", "N": "5"})
    resolver.resolve("pg://me:${env:PW}@h", embedded=True)
    resolver.resolve("${env:N:int}", embedded=True)
    shown = resolver.secrets.mask(
        {"url": "pg://me:hunter2@h", "n": 5, "list": ["hunter2", "x5"], "b": True, "no": None}
    )
    assert shown == {
        "url": "pg://me:***@h",
        "n": "***",
        "list": ["***", "x5"],
        "b": True,
        "no": None,
    }


def test_defaults_are_no_secrets() -> None:
    resolver = Resolver({})
    resolver.resolve("${env:NO=visible}", embedded=True)
    assert resolver.secrets.mask("visible") == "visible"
    assert "visible" not in str(Reference("env", "NO=visible"))


SETTINGS = {
    "url": str,
    "port": int,
    "on": Noneable(bool),
    "mode": Enum("Mode", [EnumValue("a", 1)]),
    "more": Any,
    "named": Map(str, int),
    "extra": Permissive(),
}


def test_every_leaf_of_settings_may_be_a_reference() -> None:
    given_value = {
        "url": "pg://${env:USER}",
        "port": {"env": "PORT"},
        "on": "${env:ON}",
        "mode": "${env:NO=a}",
        "more": [{"env": "USER"}, {"x": "${env:PORT:int}"}],
        "named": {"env": "${env:PORT}"},
        "extra": {"x": {"env": "USER"}},
    }
    stored = validate(SETTINGS, given_value, references=True)
    assert stored.problems == []
    assert stored.value == given_value
    final = resolve_sources(SETTINGS, stored.value, ENVIRON, references=True)
    assert final.problems == []
    assert final.value == {
        "url": "pg://hunter2",
        "port": 5432,
        "on": True,
        "mode": 1,
        "more": ["hunter2", {"x": 5432}],
        "named": {"env": 5432},
        "extra": {"x": "hunter2"},
    }


def test_reference_of_the_wrong_type_is_a_problem_that_hides_the_value() -> None:
    given_value = {"port": "${env:USER}", "mode": "${env:USER}", "on": "${env:PORT}"}
    schema = {name: SETTINGS[name] for name in given_value}
    stored = validate(schema, given_value, references=True)
    problems = resolve_sources(schema, stored.value, ENVIRON, references=True).problems
    assert [problem.message for problem in problems] == [
        "port: the value of ${env:USER} is not an integer",
        "mode: the value of ${env:USER} is not one of a",
        "on: the value of ${env:PORT} is not a boolean (true or false)",
    ]


def test_malformed_reference_in_settings_is_a_problem_at_once() -> None:
    [problem] = validate({"a": Any}, {"a": ["${env:"]}, references=True).problems
    assert (problem.code, problem.path) == ("PW-CFG-011", "a[0]")


@given(st.text(alphabet="ab$}: ", max_size=20))
def test_escaped_text_comes_out_as_it_was(text: str) -> None:
    escaped = text.replace("${", "$${")
    assert Resolver({}).resolve(escaped, embedded=True) == text


@given(st.text(alphabet="env:$}{=AB", max_size=20))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parts = parse(text)
    except ReferenceSyntaxError:
        return
    assert "" not in parts


@given(st.lists(st.text(min_size=1), max_size=4), st.text())
def test_long_secret_never_survives_masking(secrets: list[str], text: str) -> None:
    masker = Secrets()
    for secret in secrets:
        masker.add(secret)
    shown = str(masker.mask(text))
    assert not any(len(secret) > 3 and secret in shown for secret in secrets if "*" not in secret)
