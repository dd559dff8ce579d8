"""Keeping a lease: renews it, and knows how long its holder may go on without a renewal."""

from __future__ import annotations

import logging
from collections.abc import Callable

from plugwork.abc import Storage
from plugwork.clock import Clock
from plugwork.errors import StorageError
from plugwork.journal.timer import Timer
from plugwork.journal.writer import EventWriter
from plugwork.model import Lease

_logger = logging.getLogger(__name__)
#: Seconds after a failed renewal until the next, when the heartbeat is slower.
_RETRY = 1.0


class LeaseKeeper:
    """Renews a lease every heartbeat, from :meth:`start` to :meth:`stop`. Thread-safe.

    A storage that is away is no loss: the holder starts nothing new after the lease's ttl, and
    goes on when it is back and the fence still holds.

    :param heartbeat: seconds between renewals.
    :param writer: the writer of the same run: its thread renews, and it tells a lease that ended
        with the run from one that was lost. None, for a loop: the keeper has a thread of its own.
    :param on_lost: called once, in the renewing thread, when the lease was taken over.
    """

    def __init__(
        self,
        storage: Storage,
        lease: Lease,
        clock: Clock,
        heartbeat: float,
        *,
        writer: EventWriter | None = None,
        on_lost: Callable[[], None] | None = None,
    ) -> None:
        self.lease = lease
        self._storage = storage
        self._clock = clock
        self._heartbeat = heartbeat
        self._writer = writer
        self._on_lost = on_lost
        self._timer = writer.timer if writer is not None else Timer(clock)
        # When a renewal that succeeded was sent: watchers may count from before its answer.
        self._renewed = clock.monotonic()
        self._stopped = False
        self._lost = False

    @property
    def lost(self) -> bool:
        """Another process took the lease over, or the writer was refused."""
        return self._lost or (self._writer is not None and self._writer.fenced)

    def may_start_step(self) -> bool:
        """Tell whether new work may begin: nobody can have taken the lease over."""
        return not self.lost and self._clock.monotonic() - self._renewed < self.lease.ttl

    def start(self) -> None:
        """Begin to renew."""
        self._timer.call_in(self._heartbeat, self._beat)

    def stop(self) -> None:
        """Renew no more; the lease is not given back. May be called again."""
        self._stopped = True
        self._timer.cancel(self._beat)
        if self._writer is None:
            self._timer.close()

    def _beat(self) -> None:
        if self._stopped:
            return
        sent = self._clock.monotonic()
        try:
            held = self._storage.renew_lease(self.lease)
        except Exception as error:
            if isinstance(error, StorageError):
                _logger.debug("%s %s: not renewed: %s", self.lease.kind, self.lease.key, error)
            else:
                _logger.exception("%s %s: not renewed", self.lease.kind, self.lease.key)
            self._timer.call_in(min(self._heartbeat, _RETRY), self._beat)
            return
        if held:
            self._renewed = sent
            self._timer.call_in(self._heartbeat, self._beat)
        elif not self._stopped and not (self._writer is not None and self._writer.finished()):
            self._lose()

    def _lose(self) -> None:
        self._lost = True
        _logger.warning("%s %s was taken over by another process", self.lease.kind, self.lease.key)
        if self._on_lost is not None:
            self._on_lost()
