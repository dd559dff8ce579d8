"""The user's streams, kept while a run captures the process's own."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TextIO


class Terminal(AbstractContextManager["Terminal"]):
    """Copies of standard output and error: a run redirects descriptors 1 and 2 into its logs."""

    def __init__(self) -> None:
        self.out = _kept(sys.stdout, 1)
        self.err = _kept(sys.stderr, 2)

    @property
    def is_calm(self) -> bool:
        """Whether the environment lets things move on the screen: no CI, no dumb terminal."""
        in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
        return not in_ci and os.environ.get("TERM") != "dumb"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for kept, stream in ((self.out, sys.stdout), (self.err, sys.stderr)):
            if kept is not stream:
                try:
                    kept.close()
                except BrokenPipeError:
                    # Nobody reads what was left to say.
                    pass


def _kept(stream: TextIO, descriptor: int) -> TextIO:
    try:
        is_own = stream.fileno() == descriptor
    except (OSError, ValueError, AttributeError):
        return stream
    if not is_own:
        return stream
    stream.flush()
    return open(
        os.dup(descriptor),
        "w",
        encoding=stream.encoding,
        errors=stream.errors or "backslashreplace",
        buffering=1,
    )
