"""Spans of time in settings: ``2s``, ``500ms``, ``1m30s``, or a number of seconds."""

from __future__ import annotations

import re
from typing import Annotated

from plugwork.config.types import Scalar

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(rf"-?(?:{_PART.pattern})+")


def read_seconds(text: str) -> float:
    """Read a span, or a bare number, as seconds.

    :raises ValueError: when the text is neither.
    """
    text = text.strip().replace(" ", "")
    if not _WHOLE.fullmatch(text):
        return float(text)
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    return -total if text.startswith("-") else total


def _accept(value: object) -> object:
    if isinstance(value, str):
        return read_seconds(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("not a duration")
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError("too long") from error


Duration = Scalar(
    "duration", 'a duration such as "2s", "500ms" or "1m"', "5s", _accept, read_seconds
)

#: Annotates a field of settings that is given as a duration and held as seconds.
Seconds = Annotated[float, Duration]
