from __future__ import annotations

from typing import Any

import pytest

from plugwork.cli.target import completed, read_tags
from plugwork.cli.words import ago, counted, plain_error, took
from plugwork.config import Field, Shape
from plugwork.errors import CommandLineError


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (-1.0, "0.0s"),
        (0.04, "0.0s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (59.6, "1m00s"),
        (125.2, "2m05s"),
        (3599.6, "1h00m"),
        (3720.0, "1h02m"),
    ],
)
def test_a_span_of_time_is_short(seconds: float | None, text: str) -> None:
    assert took(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "just now"), (42, "42 s ago"), (125, "2 min ago"), (7300, "2 h ago"), (200000, "2 d ago")],
)
def test_a_time_is_told_as_how_long_ago(seconds: float, text: str) -> None:
    assert ago(seconds) == text


def test_numbers_have_their_plural() -> None:
    assert counted(1, "step") == "1 step"
    assert counted(1200, "step") == "1,200 steps"


def test_an_error_is_one_line_without_our_module() -> None:
    text = "plugwork.errors.WorkerLostError: gone\n  for good"
    assert plain_error(text) == "WorkerLostError: gone for good"


SCHEMA = Shape(
    {
        "ops": Shape(
            {
                "check": Shape({"config": Shape({"threshold": int, "limits": Shape({"a": int})})}),
                "g": Shape({"ops": Shape({"inner": Shape({"config": Field(int)})})}),
            }
        ),
        "resources": Shape({"db": Shape({"config": Shape({"url": str})})}),
    }
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"ops": {"check": {"threshold": 1}}}, {"ops": {"check": {"config": {"threshold": 1}}}}),
        (
            {"ops": {"check": {"config": {"threshold": 1}}}},
            {"ops": {"check": {"config": {"threshold": 1}}}},
        ),
        (
            {"ops": {"check": {"limits": {"a": 1}}}},
            {"ops": {"check": {"config": {"limits": {"a": 1}}}}},
        ),
        (
            {"ops": {"g": {"inner": {"config": 1}}}},
            {"ops": {"g": {"ops": {"inner": {"config": 1}}}}},
        ),
        ({"check": {"threshold": 1}}, {"ops": {"check": {"config": {"threshold": 1}}}}),
        ({"resources": {"db": {"url": "x"}}}, {"resources": {"db": {"config": {"url": "x"}}}}),
        ({"ops": {"chek": {"threshold": 1}}}, {"ops": {"chek": {"threshold": 1}}}),
        ({"ops": {"check": {"trshold": 1}}}, {"ops": {"check": {"config": {"trshold": 1}}}}),
    ],
)
def test_a_set_may_leave_out_the_levels_between(given: Any, expected: Any) -> None:
    assert completed(SCHEMA, given) == expected


def test_tags_are_read_as_key_and_value() -> None:
    assert read_tags(["a=1", "b=x=y"]) == {"a": "1", "b": "x=y"}
    with pytest.raises(CommandLineError, match="takes key=value"):
        read_tags(["a"])
