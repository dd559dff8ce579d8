"""Time, behind one interface: nothing else in plugwork reads a clock or sleeps."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Where time comes from. Implementations are thread-safe."""

    def now(self) -> float:
        """Return the wall-clock time: seconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; never goes back."""

    def wait(self, event: threading.Event, timeout: float) -> bool:
        """Wait until the event is set or the timeout (seconds) is over; return if it is set."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, timeout: float) -> bool:
        return event.wait(timeout)


SYSTEM_CLOCK = SystemClock()
