"""Where workers in any thread leave their reports for the thread that drives the run."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from plugwork.boundary import wait_unless_interrupted

if TYPE_CHECKING:
    from plugwork.abc import StepReport
    from plugwork.clock import Clock


class Inbox:
    """Reports in the order in which they came. ``put`` is for all threads, the rest for one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reports: deque[StepReport] = deque()
        self._came = threading.Event()

    def put(self, report: StepReport) -> None:
        self._reports.append(report)
        self._came.set()

    def wake(self) -> None:
        """End a wait although there is no report; from any thread."""
        self._came.set()

    def take(self) -> StepReport | None:
        """Return the oldest report; None when there is none."""
        return self._reports.popleft() if self._reports else None

    def wait(self, seconds: float) -> None:
        """Wait until a report comes, somebody wakes, a signal is noted, or the time is over."""
        if not self._reports:
            wait_unless_interrupted(self._clock, self._came, seconds)
        self._came.clear()
