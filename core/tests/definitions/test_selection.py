"""Selections: the clause language, over any keys that depend on each other."""

from __future__ import annotations

import pytest

from plugwork.definitions.selection import select_keys
from plugwork.errors import InvalidSubsetError

#: a -> b -> c -> d, and a -> e
UPSTREAM = {"a": (), "b": ("a",), "c": ("b",), "d": ("c",), "e": ("a",)}


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        (["c"], "c"),
        (["*c"], "abc"),
        (["c*"], "cd"),
        (["*c*"], "abcd"),
        (["+c"], "bc"),
        (["++c"], "abc"),
        (["c+"], "cd"),
        (["a+"], "abe"),
        (["a++"], "abce"),
        (["*c+"], "abcd"),
        (["+b*"], "abcd"),
        (["+++++d"], "abcd"),
        (["d", "e"], "de"),
        (["*"], "abcde"),
        ([], "abcde"),
    ],
)
def test_a_clause_is_a_key_and_how_far_to_go_from_it(clauses: list[str], expected: str) -> None:
    assert select_keys(clauses, UPSTREAM) == set(expected)


def test_a_level_counts_the_shortest_way() -> None:
    assert select_keys(["+c"], {"a": (), "b": ("a",), "c": ("b", "a")}) == set("abc")


def test_keys_of_mapped_steps_and_of_steps_in_graphs_can_be_selected() -> None:
    upstream = {"g.mul[k0]": (), "mul[?]": (), "tot": ("g.mul[k0]", "mul[?]", "elsewhere")}
    assert select_keys(["g.mul[k0]+"], upstream) == {"g.mul[k0]", "tot"}
    assert select_keys(["*tot"], upstream) == set(upstream)


@pytest.mark.parametrize(
    ("clauses", "told"),
    [
        (["x"], "there is no 'x'"),
        (["a", "addd"], "there is no 'addd'"),
        (["a b"], "selects nothing"),
        (["**a"], "selects nothing"),
        ([""], "selects nothing"),
        ("abc", "a list of texts"),
        ([1], "a list of texts"),
    ],
)
def test_a_clause_that_matches_nothing_is_refused(clauses: object, told: str) -> None:
    with pytest.raises(InvalidSubsetError, match=told):
        select_keys(clauses, UPSTREAM)  # type: ignore[arg-type]  # wrong on purpose


def test_a_misspelt_key_is_told_with_the_nearest() -> None:
    with pytest.raises(InvalidSubsetError, match="did you mean 'total'"):
        select_keys(["*totla"], {"total": (), "count": ()})
