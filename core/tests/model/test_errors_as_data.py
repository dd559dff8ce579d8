"""Exceptions as data."""

from __future__ import annotations

import json
import sys

import pytest

from plugwork.errors import (
    CheckError,
    MaxRetriesExceededError,
    SubprocessError,
    UserCodeProcessError,
)
from plugwork.model import SerializableErrorInfo, deserialize_value, serialize_value
from plugwork.model.error_info import (
    CHAIN_LIMIT_VARIABLE,
    CLASS_NAME_LIMIT,
    TEXT_LIMIT,
    TEXT_LIMIT_VARIABLE,
    TRUNCATED,
)
from plugwork.redaction import redact, redacted_id


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


def test_a_short_chain_is_kept_whole() -> None:
    links = list(SerializableErrorInfo.from_exception(_raised(9)).chain())
    assert [link.message for link in links][-2:] == [
        "RuntimeError: level 1\n",
        "ValueError: deepest\n",
    ]
    assert len(links) == 10


def test_a_chain_that_is_too_long_is_cut_at_five_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TEXT_LIMIT_VARIABLE, "600")
    links = list(SerializableErrorInfo.from_exception(_raised(9)).chain())
    assert len(links) == 6
    assert links[-1].message == f"{TRUNCATED}\n"
    assert links[-1].cls_name is None
    monkeypatch.setenv(CHAIN_LIMIT_VARIABLE, "2")
    assert len(list(SerializableErrorInfo.from_exception(_raised(9)).chain())) == 3


def test_a_chain_without_an_end_in_sight_is_cut() -> None:
    links = list(SerializableErrorInfo.from_exception(_raised(150)).chain())
    assert len(links) == 101
    assert links[-1].message == f"{TRUNCATED}\n"


def test_the_environment_says_how_much_text_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TEXT_LIMIT_VARIABLE, "50")
    info = SerializableErrorInfo.from_exception(ValueError("x" * 100))
    assert info.message == "ValueError: " + "x" * 38 + TRUNCATED
    raised = SerializableErrorInfo.from_exception(_raised(0))
    assert raised.stack == (TRUNCATED,)
    for strange in ("0", "-1", "many", ""):
        monkeypatch.setenv(TEXT_LIMIT_VARIABLE, strange)
        assert SerializableErrorInfo.from_exception(ValueError("x" * 100)).message.count("x") == 100


def test_the_name_of_a_class_is_cut() -> None:
    odd = type("E" * 2000, (Exception,), {})
    assert SerializableErrorInfo.from_exception(odd()).cls_name == "E" * CLASS_NAME_LIMIT


def test_a_chain_reads_back_equal() -> None:
    info = SerializableErrorInfo.from_exception(_raised(2))
    assert deserialize_value(serialize_value(info), SerializableErrorInfo) == info


def test_an_error_that_carries_one_of_another_process_is_told_as_that_one() -> None:
    inner = SerializableErrorInfo.from_exception(_raised(0))
    error = UserCodeProcessError.from_error_info(inner)
    assert str(error) == inner.to_string()
    assert SerializableErrorInfo.from_exception(error) == inner
    assert (
        SerializableErrorInfo.from_exception(error, hoist=False).cls_name == "UserCodeProcessError"
    )
    try:
        raise error
    except UserCodeProcessError:
        assert SerializableErrorInfo.from_exc_info(sys.exc_info()).cls_name == "ValueError"
    two = UserCodeProcessError("both", user_code_process_error_infos=[inner, inner])
    assert SerializableErrorInfo.from_exception(two).cls_name == "UserCodeProcessError"


def test_errors_of_processes_are_made_from_what_they_sent() -> None:
    inner = SerializableErrorInfo.from_exception(_raised(0))
    assert MaxRetriesExceededError.from_error_info(inner).user_code_process_error_infos == [inner]
    assert SubprocessError.from_error_info(inner).subprocess_error_infos == [inner]


def test_a_masked_error_shows_its_id_and_nothing_else() -> None:
    error = _raised(1)
    redact(error)
    info = SerializableErrorInfo.from_exception(error)
    assert str(redacted_id(error)) in info.message
    assert (info.stack, info.cause, info.context, info.user_frame) == ((), None, None, None)
    assert "level 1" not in info.to_string()


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
