from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plugwork.config.document import load_document, parse_document, parse_scalar
from plugwork.config.places import Source
from plugwork.errors import InvalidConfigError, Problem


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(InvalidConfigError) as caught:
        parse_document(text, "f.yaml")
    return caught.value.errors


def only_problem(text: str) -> tuple[str, int | None, int | None, str]:
    [problem] = problems_of(text)
    return problem.code, problem.line, problem.column, problem.message


def test_every_key_and_value_has_its_place() -> None:
    document = parse_document("a: 1\nb:\n  c: [x, {d: y}]\n", "f.yaml")
    assert document.value == {"a": 1, "b": {"c": ["x", {"d": "y"}]}}
    positions = document.positions
    assert positions.at_key(("b", "c")) == Source("f.yaml", 3, 3)
    assert positions.at_value(("b", "c", 1, "d")) == Source("f.yaml", 3, 14)
    assert positions.at_value(("a", "unknown")) == Source("f.yaml", 1, 4)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "---\n...\n", "~"])
def test_empty_file_is_an_empty_mapping(text: str) -> None:
    assert parse_document(text, "f.yaml").value == {}


def test_plain_values_have_their_yaml_type_and_dates_stay_text() -> None:
    text = "{i: 0x10, f: 1.5, b: yes, n: ~, s: '1', d: 2024-01-01, e: }"
    assert parse_document(text, "f").value == {
        "i": 16, "f": 1.5, "b": True, "n": None, "s": "1", "d": "2024-01-01", "e": None
    }  # fmt: skip


def test_merged_mapping_gives_way_to_what_is_written() -> None:
    text = "base: &base {a: 1, b: {c: 2}}\nmade:\n  <<: *base\n  a: 3\n"
    document = parse_document(text, "f")
    assert document.value["made"] == {"a": 3, "b": {"c": 2}}
    assert document.positions.at_value(("made", "a")) == Source("f", 4, 6)
    assert document.positions.at_value(("made", "b", "c")) == Source("f", 1, 27)


def test_duplicate_keys_are_told_with_both_places() -> None:
    problems = problems_of("a: 1\nb: {x: 1, x: 2}\na: 2\n")
    assert [(p.code, p.line, p.column, p.message) for p in problems] == [
        ("PW-CFG-005", 2, 11, 'the key "x" stands twice: first at line 2; keep one'),
        ("PW-CFG-005", 3, 1, 'the key "a" stands twice: first at line 1; keep one'),
    ]


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.system ['touch pwned']",
        "!!python/name:os.system",
        "!custom {a: 1}",
        "!!binary aGVsbG8=",
        "!!set {a, b}",
        "!include other.yaml",
    ],
)
def test_tag_that_is_not_plain_is_refused_and_never_run(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert only_problem(f"a:\n  b: {value}\n")[:3] == ("PW-CFG-006", 2, 6)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        ("a:\n\tb: 1\n", (2, 1), "a tab indents this line"),
        ("a: 1\n  b: 2\n", (2, 4), "indent the line like its neighbours"),
        ("a:\n  b: 1\n c: 2\n", (3, 2), "the indentation fits no line above"),
        ("a: [1, 2\nb: 3\n", (2, 2), "is not closed"),
        ("a: 'x\n", (2, 1), "a quote is not closed"),
        ("a: @x\n", (1, 4), "put the text in quotes"),
        ("a: *nope\n", (1, 4), "this alias has no anchor"),
        ("a: 1\n---\nb: 2\n", (2, 1), "a second document begins here"),
        ("a: \x01b\n", (1, 4), "control character"),
        ("a: !!int xyz\n", (1, 4), "the value is no int"),
        ("? [a]\n: 1\n", (1, 3), "a key must be a single value"),
        ("a:\n  <<: 3\n", (2, 7), "'<<' takes a mapping"),
    ],
)
def test_bad_yaml_is_told_with_its_place(text: str, place: tuple[int, int], told: str) -> None:
    code, line, column, message = only_problem(text)
    assert (code, line, column) == ("PW-CFG-003", *place)
    assert told in message


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n", "5\n"])
def test_file_must_hold_a_mapping(text: str) -> None:
    assert only_problem(text)[:3] == ("PW-CFG-009", 1, 1)


def test_alias_bomb_is_refused_in_small_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 12):
        refs = ", ".join([f"*a{n - 1}"] * 10)
        lines.append(f"a{n}: &a{n} [{refs}]")
    code, _, _, message = only_problem("\n".join(lines))
    assert (code, "aliases expand" in message) == ("PW-CFG-007", True)


def test_alias_of_itself_is_refused() -> None:
    assert only_problem("a: &a [*a]\n")[:3] == ("PW-CFG-007", 1, 4)


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "a: " + "{x: " * 100_000,
        "\n".join(["x0: &x0 [1]"] + [f"x{n}: &x{n} [*x{n - 1}]" for n in range(1, 3000)]),
        "\n".join(["x0: &x0 {a: 1}"] + [f"x{n}: &x{n}\n  <<: *x{n - 1}" for n in range(1, 3000)]),
    ],
)
def test_deep_nesting_is_refused_without_harm(text: str) -> None:
    assert only_problem(text)[0] == "PW-CFG-007"


def test_unreadable_file_is_told_with_the_reason(tmp_path: Path) -> None:
    for path, why in [(tmp_path, "Is a directory"), (tmp_path / "no", "No such file")]:
        with pytest.raises(InvalidConfigError) as caught:
            load_document(path, "plugwork.yaml")
        [problem] = caught.value.errors
        assert problem.code == "PW-CFG-008"
        assert problem.message.startswith(f"plugwork.yaml cannot be read: {why}")


def test_file_that_is_no_text_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(InvalidConfigError) as caught:
        load_document(path)
    [problem] = caught.value.errors
    assert (problem.code, problem.line, problem.column) == ("PW-CFG-003", 2, 4)
    path.write_bytes(b"#" * (5 << 20))
    with pytest.raises(InvalidConfigError) as caught:
        load_document(path)
    assert caught.value.errors[0].code == "PW-CFG-007"


def test_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert load_document(path).value == {"a": 1}


def test_the_slow_loader_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    document = parse_document("a: 1\nb: [x, {c: ~}]\n", "f")
    assert document.value == {"a": 1, "b": ["x", {"c": None}]}
    assert document.positions.at_key(("b", 1, "c")) == Source("f", 2, 9)
    assert only_problem("a:\n\tb: 1\n")[3] == "a tab indents this line: use spaces"


def test_scalar_is_read_as_after_a_key() -> None:
    assert parse_scalar("5") == 5
    assert parse_scalar("") is None
    assert parse_scalar("[1, a]") == [1, "a"]
    with pytest.raises(InvalidConfigError):
        parse_scalar("!!python/name:os.system x")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), values))
def test_what_yaml_dumps_is_read_back(value: dict[str, object]) -> None:
    assert parse_document(yaml.safe_dump(value), "f").value == value


@given(st.text(alphabet="ab:-[]{}&*!<>|#'\"\n\t ?,%@`", max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    problems = []
    try:
        parse_document(text, "f.yaml")
    except InvalidConfigError as error:
        problems = error.errors
    assert all(problem.line and problem.column for problem in problems)
