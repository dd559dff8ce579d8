"""Frames of tracebacks: whose they are, and the lines of source that they stand on."""

from __future__ import annotations

import linecache
import os
import re
import sys
import sysconfig
import traceback
from collections.abc import Iterable, Sequence
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plugwork.model import SerializableErrorInfo

_FRAME = re.compile(r'\s*File "(?P<file>.+)", line (?P<line>\d+)(?:, in (?P<function>.+))?')


class Frame(NamedTuple):
    """A place in code."""

    file: str
    line: int
    function: str

    def place(self) -> str:
        """Return ``file:line``, the file from the working directory where it is below."""
        return f"{shown_path(self.file)}:{self.line}"


def shown_path(file: str) -> str:
    """Return a file as a user would name it from here."""
    relative = os.path.relpath(file) if os.path.isabs(file) else file
    return file if relative.startswith(os.pardir) else relative


def stored_frames(error: SerializableErrorInfo) -> list[Frame]:
    """Return the frames of a stored error, outermost first."""
    matches = (_FRAME.match(text) for text in error.stack)
    return [
        Frame(found["file"], int(found["line"]), found["function"] or "<module>")
        for found in matches
        if found
    ]


def live_frames(trace: TracebackType | None) -> list[Frame]:
    """Return the frames of a traceback, outermost first."""
    return [
        Frame(each.filename, each.lineno or 0, each.name) for each in traceback.extract_tb(trace)
    ]


def users(frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames of the user's own code: no library's, and none of plugwork's."""
    return [frame for frame in frames if _is_users(frame.file)]


def frame_of(error: SerializableErrorInfo) -> Frame | None:
    """Return where a stored error arose: the user's innermost frame, else what was recorded."""
    own = users(stored_frames(error))
    if own:
        return own[-1]
    return Frame(*error.user_frame) if error.user_frame else None


def _is_users(file: str) -> bool:
    if file.startswith("<"):
        return False
    return not os.path.abspath(file).startswith(_library_folders())


@cache
def _library_folders() -> tuple[str, ...]:
    import plugwork
    from plugwork.registry.index import installed_plugins

    paths = sysconfig.get_paths()
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {os.path.realpath(paths[name]) for name in names} | {paths[name] for name in names}
    folders.update(plugwork.__path__)
    # Plugins may be installed from their sources: those are no code of the user's either.
    targets = (entry.target.partition(":")[0] for entry in installed_plugins().entries)
    for package in {target.partition(".")[0] for target in targets}:
        folders.update(getattr(sys.modules.get(package), "__path__", ()))
    return tuple(folder + os.sep for folder in sorted(folders))


def source_block(frame: Frame, around: int = 1) -> Sequence[str]:
    """Return the frame's line of source, marked, with lines around it; none if unreadable."""
    linecache.checkcache(frame.file)
    shown = []
    width = len(str(frame.line + around))
    for number in range(max(1, frame.line - around), frame.line + around + 1):
        text = linecache.getline(frame.file, number).rstrip()
        mark = ">" if number == frame.line else " "
        if text or number == frame.line:
            shown.append(f"{mark} {number:>{width}}  {text}".rstrip())
    has_source = bool(linecache.getline(frame.file, frame.line).strip())
    return shown if has_source else []
