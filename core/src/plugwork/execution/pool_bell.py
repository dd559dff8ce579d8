"""Hearing that a run of another process gave a slot back."""

from __future__ import annotations

import threading
from collections.abc import Callable

from plugwork.instance.pools import bell_of
from plugwork.journal.wake import Listener

#: Seconds of one wait; what wakes does not depend on it.
_LONG = 3600.0


class PoolBell:
    """Calls a function for each slot that was given back, on a thread of its own, until closed.

    Where processes cannot wake each other there is no thread, and nothing is called.

    :param place_id: the storage's id.
    :param wake: gets the pool's name.
    """

    def __init__(self, place_id: str, pool: str, wake: Callable[[str], None]) -> None:
        self._pool = pool
        self._wake = wake
        self._closed = False
        self._listener = Listener(place_id, bell_of(pool))
        self._thread: threading.Thread | None = None
        if self._listener.can_be_woken:
            self._thread = threading.Thread(
                target=self._listen, name=f"plugwork-pool-{pool}", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Listen no more; may be called again."""
        self._closed = True
        if self._thread is not None:
            self._listener.wake()
            self._thread.join()
        self._listener.close()

    def _listen(self) -> None:
        while not self._closed:
            if self._listener.wait(_LONG) and not self._closed:
                self._wake(self._pool)
