"""One daemon thread that does what has to be done later: a run process needs no other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from plugwork.clock import Clock

_logger = logging.getLogger(__name__)
#: Seconds to wait for the thread when the timer is closed; it may hang in a storage's call.
_PATIENCE = 5.0
#: Seconds to wait when nothing is due.
_IDLE = 3600.0


class Timer:
    """Calls functions when their time has come, one after the other.

    Its thread starts with the first call, and is not woken for a time later than the next one.
    Thread-safe.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._due: dict[Callable[[], None], float] = {}
        self._next = float("inf")
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    def call_in(self, seconds: float, function: Callable[[], None]) -> None:
        """Call a function once; asked again before that, the new time holds."""
        with self._lock:
            if self._closed:
                return
            at = self._clock.monotonic() + seconds
            self._due[function] = at
            sooner = at < self._next
            if sooner:
                self._next = at
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="plugwork-journal", daemon=True
                )
                self._thread.start()
            elif sooner:
                self._wake.set()

    def cancel(self, function: Callable[[], None]) -> None:
        """Do not call a function any more; a call that has begun goes on."""
        with self._lock:
            self._due.pop(function, None)

    def close(self) -> None:
        """Stop the thread; may be called again, and by a function that it runs."""
        with self._lock:
            self._closed = True
            self._due.clear()
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._closed:
            for function in self._take_due():
                self._call(function)
            self._clock.wait(self._wake, self._pause())
            self._wake.clear()

    def _take_due(self) -> list[Callable[[], None]]:
        now = self._clock.monotonic()
        with self._lock:
            due = [function for function, at in self._due.items() if at <= now]
            for function in due:
                del self._due[function]
        return due

    def _pause(self) -> float:
        with self._lock:
            self._next = min(self._due.values(), default=float("inf"))
            if self._closed:
                return 0.0
            return max(0.0, min(self._next - self._clock.monotonic(), _IDLE))

    def _call(self, function: Callable[[], None]) -> None:
        try:
            function()
        except Exception:
            _logger.exception("a timed task of the journal failed")
