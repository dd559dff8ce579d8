"""Exceptions as data."""

from __future__ import annotations

import json
import sys

import pytest

from plugwork.errors import CheckError
from plugwork.model import SerializableErrorInfo
from plugwork.model.error_info import TEXT_LIMIT, TRUNCATED


def _raised(depth: int) -> Exception:
    try:
        if depth == 0:
            raise ValueError("deepest")
        try:
            raise _raised(depth - 1)
        except (RuntimeError, ValueError) as inner:
            raise RuntimeError(f"level {depth}") from inner
    except (RuntimeError, ValueError) as error:
        return error


def test_a_chain_keeps_its_causes_and_no_context_where_from_was_used() -> None:
    info = SerializableErrorInfo.from_exception(_raised(2))
    links = list(info.chain())
    assert [link.message for link in links] == [
        "RuntimeError: level 2\n",
        "RuntimeError: level 1\n",
        "ValueError: deepest\n",
    ]
    assert all(link.context is None for link in links)


def test_a_chain_is_cut_at_five_links() -> None:
    links = list(SerializableErrorInfo.from_exception(_raised(9)).chain())
    assert len(links) == 6
    assert links[-1].message.startswith(TRUNCATED)


def test_an_error_raised_while_handling_another_keeps_it_as_context() -> None:
    try:
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("second")  # noqa: B904 - the context is what is tested
    except ValueError as error:
        info = SerializableErrorInfo.from_exception(error)
    assert info.cause is None
    assert info.context is not None
    assert info.context.cls_name == "KeyError"


def test_long_text_is_cut_and_the_exception_is_not() -> None:
    error = ValueError("x" * 600_000)
    info = SerializableErrorInfo.from_exception(error)
    assert len(info.message) == TEXT_LIMIT + len(TRUNCATED)
    assert len(str(error)) == 600_000


def test_the_users_frame_is_the_innermost_of_their_code() -> None:
    info = SerializableErrorInfo.from_exception(_raised(0))
    assert info.user_frame is not None
    assert info.user_frame[0] == __file__
    assert info.user_frame[2] == "_raised"


def test_a_frame_of_the_users_file_counts_before_one_of_a_library() -> None:
    try:
        json.loads("{")
    except ValueError as error:
        info = SerializableErrorInfo.from_exception(error)
    assert info.user_frame is not None
    assert info.user_frame[0] == __file__


def test_the_line_of_a_syntax_error_says_what_is_wrong() -> None:
    try:
        compile("a = (", "jobs.py", "exec")
    except SyntaxError as error:
        info = SerializableErrorInfo.from_exception(error)
    assert info.summary() == "SyntaxError: '(' was never closed"


def test_without_an_active_exception_there_is_nothing_to_describe() -> None:
    with pytest.raises(CheckError):
        SerializableErrorInfo.from_exc_info(sys.exc_info())


def test_the_text_of_an_error_holds_stack_and_causes() -> None:
    text = SerializableErrorInfo.from_exception(_raised(1)).to_string()
    assert text.index("level 1") < text.index("Stack Trace:") < text.index("deepest")
