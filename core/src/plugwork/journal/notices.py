"""Telling of commits, in their order, by whichever thread committed."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from plugwork.model import Appended

_logger = logging.getLogger(__name__)


class Notices:
    """Passes committed batches to a listener one by one. Thread-safe."""

    def __init__(self, listener: Callable[[Appended], None]) -> None:
        self._listener = listener
        self._waiting: deque[Appended] = deque()
        self._lock = threading.Lock()
        self._delivering: int | None = None

    def add(self, appended: Appended) -> None:
        """Queue a batch; the caller keeps the order of commits."""
        self._waiting.append(appended)

    def deliver(self) -> None:
        """Return when all that was queued has been told.

        Called by the listener itself it returns at once: the listener hears the rest afterwards.
        """
        if not self._waiting and self._delivering is None:
            return
        if self._delivering == threading.get_ident():
            return
        with self._lock:
            self._delivering = threading.get_ident()
            try:
                while self._waiting:
                    self._tell(self._waiting.popleft())
            finally:
                self._delivering = None

    def _tell(self, appended: Appended) -> None:
        try:
            self._listener(appended)
        except Exception:
            _logger.exception("a listener to committed events failed")
