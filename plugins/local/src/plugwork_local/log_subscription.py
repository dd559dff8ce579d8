"""Following a capture that goes on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from plugwork.abc import CapturedLogData, ComputeLogManager, LogKey, check_log_key, parse_log_cursor
from plugwork.clock import Clock

logger = logging.getLogger(__name__)

#: Bytes of each stream that an observer gets at once.
CHUNK = 1 << 20

Observer = Callable[[CapturedLogData], None]


class CapturedLogSubscription:
    """Delivers a capture to an observer: call it with one.

    What is there already is delivered at once, by the caller's thread; what comes later by the
    watcher's.

    :raises InvalidCursorError: for a cursor that is not one.
    """

    def __init__(
        self,
        manager: ComputeLogManager,
        watcher: LogWatcher,
        log_key: LogKey,
        cursor: str | None = None,
    ) -> None:
        self.log_key = check_log_key(log_key)
        self.observer: Observer | None = None
        #: Whether everything was delivered, or nothing is wanted any more.
        self.is_complete = False
        self._manager = manager
        self._watcher = watcher
        self._cursor = "{}:{}".format(*parse_log_cursor(cursor))
        self._lock = threading.RLock()

    def __call__(self, observer: Observer | None) -> CapturedLogSubscription:
        self.observer = observer
        self.fetch()
        if not self.is_complete:
            self._watcher.add(self)
        return self

    def fetch(self) -> None:
        """Deliver what the observer has not seen."""
        with self._lock:
            # Asked first: what is written between the two questions is not left out.
            complete = self._manager.is_capture_complete(self.log_key)
            while self.observer is not None and not self.is_complete:
                data = self._manager.get_log_data(self.log_key, self._cursor, max_bytes=CHUNK)
                if data.cursor is None or data.cursor == self._cursor:
                    self.is_complete = complete
                    break
                self._cursor = data.cursor
                self.observer(data)

    def dispose(self) -> None:
        """Deliver nothing more."""
        with self._lock:
            self.observer = None
            self.is_complete = True
        self._watcher.discard(self)


class LogWatcher:
    """One thread that looks after subscriptions, as long as there are any.

    :param interval: seconds between two looks.
    """

    def __init__(self, clock: Clock, interval: float) -> None:
        self._clock = clock
        self._interval = interval
        self._lock = threading.Lock()
        self._watched: set[CapturedLogSubscription] = set()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, subscription: CapturedLogSubscription) -> None:
        with self._lock:
            self._watched.add(subscription)
            if self._thread is None:
                self._over = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._over,), name="plugwork-log-watcher", daemon=True
                )
                self._thread.start()

    def discard(self, subscription: CapturedLogSubscription) -> None:
        with self._lock:
            self._watched.discard(subscription)
            if not self._watched:
                self._end()

    def dispose(self) -> None:
        """Let go of all subscriptions, and wait for the thread."""
        with self._lock:
            self._watched.clear()
            thread = self._end()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _end(self) -> threading.Thread | None:
        self._over.set()
        thread, self._thread = self._thread, None
        return thread

    def _run(self, over: threading.Event) -> None:
        while not self._clock.wait(over, self._interval):
            with self._lock:
                watched = list(self._watched)
            for subscription in watched:
                self._look(subscription)

    def _look(self, subscription: CapturedLogSubscription) -> None:
        try:
            subscription.fetch()
        except Exception:  # the observer's, whose error is its own: others go on
            logger.warning("the observer of a compute log failed", exc_info=True)
            subscription.dispose()
        if subscription.is_complete:
            self.discard(subscription)
