from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plugwork_sql.text import from_column, to_column

any_text = st.text(st.characters(exclude_categories=()))


@given(any_text)
def test_any_text_goes_in_and_comes_out(text: str) -> None:
    column = to_column(text)
    assert from_column(column) == text
    column.encode("utf-8")
    assert "\x00" not in column


@given(any_text, any_text)
def test_texts_that_differ_stay_different(one: str, other: str) -> None:
    assert (to_column(one) == to_column(other)) == (one == other)


@given(any_text, any_text)
def test_a_prefix_stays_a_prefix(start: str, rest: str) -> None:
    assert to_column(start + rest).startswith(to_column(start))


def test_nothing_stays_nothing() -> None:
    assert to_column(None) is None
    assert from_column(None) is None
