"""Where the user's code stands, for messages."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from plugwork.errors import InvalidDefinitionError

_OWN = __name__.partition(".")[0]


def caller() -> str:
    """Return file and line of the innermost running code that is not plugwork's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _OWN:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "?"


def where(fn: Callable[..., Any]) -> str:
    """Return file and line of a function."""
    code = getattr(inspect.unwrap(fn), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(fn)


def _below(trace: TracebackType | None) -> str | None:
    """Return file and line of the innermost code on the way to an error that is not plugwork's."""
    found = None
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] != _OWN:
            found = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


class telling_where:
    """Makes the errors of a definition name whose they are, and where it stands.

    :param owner: ``"op 'x'"``.
    :param fn: the function that is defined; without one, the place is that of the call. Where a
        body runs inside, its line counts.
    """

    __slots__ = ("_fn", "_owner")

    def __init__(self, owner: str, fn: object = None) -> None:
        self._owner = owner
        self._fn = fn

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, InvalidDefinitionError):
            return
        text, fn = str(error), self._fn
        place = _below(trace) or (where(fn) if inspect.isfunction(fn) else caller())
        text = text if self._owner in text else f"{self._owner}: {text}"
        error.args = (text if place in text else f"{text} ({place})", *error.args[1:])
