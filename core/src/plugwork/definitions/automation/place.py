"""Where the user's code stands."""

from __future__ import annotations

import sys
from types import FrameType

_OWN = __name__.partition(".")[0]


def caller() -> str:
    """Return file and line of the innermost running code that is not plugwork's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _OWN:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "?"
