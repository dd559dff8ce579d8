"""The one writer of a run's events: buffers, commits in batches, survives an outage."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

import attrs

from plugwork.abc import Storage
from plugwork.boundary import capture_interrupts, check_for_interrupt
from plugwork.clock import Clock
from plugwork.errors import (
    FencedError,
    InvariantViolationError,
    StorageFullError,
    StorageUnavailableError,
)
from plugwork.journal.lost_answer import restore_answer
from plugwork.journal.notices import Notices
from plugwork.journal.timer import Timer
from plugwork.model import (
    FINISHED_STATUSES,
    Appended,
    Batch,
    EncodedEntry,
    EventLogEntry,
    Lease,
    RunStatus,
    encode_entry,
)

_logger = logging.getLogger(__name__)
#: Entries, bytes and seconds after which the writer commits by itself.
BATCH_ENTRIES = 500
BATCH_BYTES = 1 << 20
INTERVAL = 0.25
#: Bytes that wait in memory while the storage is away; then writing blocks.
BUFFER_BYTES = 64 << 20
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class EventWriter:
    """Writes the events of one run under its lease's fence.

    Thread-safe; not usable in a forked child. :meth:`flush` at a step's end and at a status
    change; else the writer commits by itself, within a quarter of a second.

    :param on_commit: called with each committed batch, in commit order, by the thread that
        committed, with no lock held that :meth:`write` needs. What it raises is logged.
    :param status: the run's status as last read.
    """

    def __init__(
        self,
        storage: Storage,
        run_id: str,
        lease: Lease,
        clock: Clock,
        on_commit: Callable[[Appended], None],
        *,
        status: RunStatus | None = None,
    ) -> None:
        self.run_id = run_id
        #: The run process's one extra thread; the lease's keeper shares it.
        self.timer = Timer(clock)
        self._storage = storage
        self._lease = lease
        self._clock = clock
        self._notices = Notices(on_commit)
        self._status = status
        self._process = os.getpid()
        # Reentrant: a finalizer may log while its own thread is in here.
        self._lock = threading.RLock()
        self._buffer: list[EncodedEntry] = []
        self._bytes = 0
        self._written = 0
        self._last_time = 0.0
        self._ticking = False
        self._written_at_tick = 0
        self._closed = False
        # Held while a batch is sent; guards what follows.
        self._sending = threading.Lock()
        self._pending: Batch | None = None
        self._number = 0
        self._sent = 0
        self._fenced = False
        self._failing_since: float | None = None

    @property
    def status(self) -> RunStatus | None:
        """The run's status as the storage last answered it."""
        return self._status

    @property
    def fenced(self) -> bool:
        """Another process took the run over; what is written now is dropped."""
        return self._fenced

    def write(self, entry: EventLogEntry) -> None:
        """Buffer an entry; blocks only when the storage is away and the buffer is full.

        An entry with an earlier time than the one before gets that one's time.

        :raises StorageFullError: when the buffer is full, and the disk as well.
        :raises InvariantViolationError: after :meth:`close`, or in a forked child.
        """
        if self._fenced:
            return
        encoded = encode_entry(entry)
        self._check_usable()
        with self._lock:
            if entry.timestamp < self._last_time:
                later = attrs.evolve(entry, timestamp=self._last_time)
                encoded = EncodedEntry(later, encoded.body)
            else:
                self._last_time = entry.timestamp
            self._buffer.append(encoded)
            self._bytes += encoded.size
            self._written += 1
            start = not self._ticking
            self._ticking = True
        if start:
            self.timer.call_in(INTERVAL, self._tick)
        if len(self._buffer) >= BATCH_ENTRIES or self._bytes >= BATCH_BYTES:
            self._relieve()

    def flush(self) -> None:
        """Commit what was written before this call; returns when it is acknowledged.

        Waits for a storage that is away: the same batch is sent until it is answered. After a
        signal was noted it waits for a lease's ttl at most.

        :raises FencedError: when another process took the run over.
        :raises StorageFullError: when the disk stayed full for a lease's ttl; the entries are
            kept, and the next call tries once more.
        :raises StorageUnavailableError: when a signal ended the waiting; the entries are kept.
        """
        self._check_process()
        with capture_interrupts():
            target = self._written
            try:
                with self._sending:
                    while self._sent < target:
                        self._send_patiently()
            finally:
                self._notices.deliver()
            if self._fenced:
                raise FencedError(self.run_id, self._lease.fence)

    def close(self) -> None:
        """Commit what is left and stop the thread; may be called again.

        A run that was taken over is no error here: see :attr:`fenced`.

        :raises StorageFullError: as :meth:`flush`.
        :raises StorageUnavailableError: as :meth:`flush`.
        """
        if self._closed:
            return
        try:
            self.flush()
        except FencedError:
            pass
        finally:
            self._closed = True
            self.timer.close()

    def finished(self) -> bool:
        """Tell whether this writer has ended the run; waits for a batch that is being sent."""
        with self._sending:
            return self._status in FINISHED_STATUSES and not self._fenced

    def _check_usable(self) -> None:
        if self._closed:
            raise InvariantViolationError(f"the writer of run {self.run_id} is closed")
        self._check_process()

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise InvariantViolationError(
                f"the events of run {self.run_id} are written by process {self._process};"
                " a forked child must send its own to it"
            )

    def _relieve(self) -> None:
        """Commit in the thread that filled the batch: it slows down to the storage's pace."""
        if self._bytes >= BUFFER_BYTES:
            try:
                self.flush()
            except FencedError:
                pass
        elif self._failing_since is None:
            self._try_to_commit()

    def _tick(self) -> None:
        well = self._try_to_commit()
        with self._lock:
            busy = self._written != self._written_at_tick or self._sent < self._written
            self._written_at_tick = self._written
            self._ticking = busy and not self._fenced
        if self._ticking:
            self.timer.call_in(INTERVAL if well else _LONGEST_PAUSE, self._tick)

    def _try_to_commit(self) -> bool:
        """Commit what is buffered, without patience; skip it when another thread commits.

        :return: whether nothing went wrong.
        """
        with capture_interrupts():
            if not self._sending.acquire(blocking=False):
                return True
            try:
                target = self._written
                while self._sent < target:
                    self._send()
            except (StorageUnavailableError, StorageFullError) as error:
                _logger.debug("run %s: events wait in memory: %s", self.run_id, error)
                return False
            except FencedError as error:
                _logger.warning("%s; its worker stops", error)
            finally:
                self._sending.release()
                self._notices.deliver()
            return True

    def _send_patiently(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                return self._send()
            except StorageUnavailableError as error:
                if check_for_interrupt() and self._is_failing_for_long():
                    raise
                _logger.debug("run %s waits for its storage: %s", self.run_id, error)
            except StorageFullError:
                if self._is_failing_for_long():
                    raise
            self._clock.wait(threading.Event(), pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _is_failing_for_long(self) -> bool:
        since = self._failing_since
        return since is not None and self._clock.monotonic() - since >= self._lease.ttl

    def _send(self) -> None:
        """Send one batch: the one whose answer is still open, or the next."""
        batch = self._pending or self._next_batch()
        try:
            appended = self._storage.append(batch)
        except (StorageUnavailableError, StorageFullError):
            if self._failing_since is None:
                self._failing_since = self._clock.monotonic()
            raise
        except FencedError:
            self._drop_all()
            raise
        self._failing_since = None
        self._pending = None
        self._sent += len(batch.entries)
        self._notices.add(self._as_answered(appended, batch))

    def _as_answered(self, appended: Appended, batch: Batch) -> Appended:
        """Note the status; a batch sent twice tells its listeners what the lost answer said."""
        previous = self._status
        if appended.status is not None:
            self._status = appended.status
        if appended.duplicate:
            return restore_answer(self._storage, batch, appended, previous)
        return appended

    def _next_batch(self) -> Batch:
        with self._lock:
            count, size = 0, 0
            for encoded in self._buffer[:BATCH_ENTRIES]:
                size += encoded.size
                if count and size > BATCH_BYTES:
                    size -= encoded.size
                    break
                count += 1
            entries = tuple(self._buffer[:count])
            del self._buffer[:count]
            self._bytes -= size
        self._number += 1
        self._pending = Batch(self.run_id, entries, self._lease.fence, self._number)
        return self._pending

    def _drop_all(self) -> None:
        with self._lock:
            self._fenced = True
            self._buffer.clear()
            self._bytes = 0
            self._pending = None
            self._sent = self._written
