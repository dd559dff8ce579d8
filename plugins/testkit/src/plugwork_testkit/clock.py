"""Time that stands still until a test moves it."""

from __future__ import annotations

import threading

#: 2024-01-01 00:00 UTC.
START = 1_704_067_200.0
#: How often a waiting thread looks at its event, in real seconds.
GLANCE = 0.005


class ManualClock:
    """A :class:`plugwork.clock.Clock` that a test moves. Safe for threads.

    Who waits goes on when its event is set, or when :meth:`advance` moved the clock far enough.

    :param start: wall-clock time at first: seconds since the epoch.
    """

    def __init__(self, start: float = START) -> None:
        self._moved = threading.Condition()
        self._now = start
        self._monotonic = 0.0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass, and wake everyone who waited for it."""
        with self._moved:
            self._now += seconds
            self._monotonic += seconds
            self._moved.notify_all()

    def set_now(self, now: float) -> None:
        """Set the wall clock alone, forwards or back, as an administrator would."""
        with self._moved:
            self._now = now

    def wait(self, event: threading.Event, timeout: float) -> bool:
        deadline = self._monotonic + timeout
        with self._moved:
            # An event tells nobody that it was set, so it is looked at again and again.
            while not event.is_set() and self._monotonic < deadline:
                self._moved.wait(GLANCE)
        return event.is_set()
