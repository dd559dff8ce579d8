"""Where workers in any thread leave their reports for the thread that drives the run."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from plugwork.boundary import check_for_interrupt

if TYPE_CHECKING:
    from plugwork.abc import StepReport
    from plugwork.clock import Clock

#: Seconds between looks for a signal while waiting.
_LOOK = 0.1


class Inbox:
    """Reports in the order in which they came. ``put`` is for all threads, the rest for one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reports: deque[StepReport] = deque()
        self._came = threading.Event()

    def put(self, report: StepReport) -> None:
        self._reports.append(report)
        self._came.set()

    def take(self) -> StepReport | None:
        """Return the oldest report; None when there is none."""
        return self._reports.popleft() if self._reports else None

    def wait(self, seconds: float) -> None:
        """Wait until a report comes, a signal is noted, or the time is over."""
        self._came.clear()
        end = self._clock.monotonic() + seconds
        while not self._reports and check_for_interrupt() is None:
            left = end - self._clock.monotonic()
            if left <= 0 or self._clock.wait(self._came, min(left, _LOOK)):
                break
