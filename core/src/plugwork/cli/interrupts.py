"""Ctrl-C during a run: once stops it cleanly, twice at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from plugwork.boundary import capture_interrupts, pop_captured_interrupt


@contextmanager
def second_interrupt_ends(
    on_first: Callable[[], None], on_second: Callable[[], None]
) -> Iterator[None]:
    """Open a block in which a first SIGINT goes to the run, and a second ends the process.

    What was noted and not dealt with is forgotten on leaving: the run has ended by then.
    Call it in the main thread.
    """
    with capture_interrupts():
        to_the_run: Any = signal.getsignal(signal.SIGINT)
        count = 0

        def on_signal(signum: int, frame: FrameType | None) -> None:
            nonlocal count
            count += 1
            if count > 1:
                on_second()
                os._exit(128 + signum)
            on_first()
            to_the_run(signum, frame)

        signal.signal(signal.SIGINT, on_signal)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, to_the_run)
            pop_captured_interrupt()
