"""Following a run's log: what is there at once, then what comes, until the run is over."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from plugwork.abc import Storage
from plugwork.errors import RunNotFoundError
from plugwork.journal.wake import Listener
from plugwork.model import EventLogRecord, EventType

_ENDS = frozenset({EventType.RUN_SUCCESS, EventType.RUN_FAILURE, EventType.RUN_CANCELED})
#: Records that are read at once.
_PAGE = 1000


def watch_records(
    storage: Storage,
    run_id: str,
    cursor: str | None = None,
    stop: threading.Event | None = None,
    *,
    settle: float = 0.5,
    poll: float = 1.0,
) -> Iterator[EventLogRecord]:
    """Yield a run's records in order: history at once, then each as it is committed.

    Ends after the run's terminal event, or when the run is deleted. Whoever commits in another
    process wakes it; it looks by itself every ``poll`` seconds as well.

    :param cursor: go on after this place.
    :param stop: ends it early, within ``poll`` seconds.
    :param settle: seconds without news after a terminal event that came while watching: engine
        events may follow it.
    :raises RunNotFoundError: when there is no such run.
    """
    if not storage.run_storage.has_run(run_id):
        raise RunNotFoundError(invalid_run_id=run_id)
    with Listener(storage.get_storage_id(), run_id) as listener:
        reader = _Reader(storage, run_id, cursor)
        yield from reader.read()
        over = reader.ended or _is_over(storage, run_id)
        if over:
            yield from reader.read()  # it may have ended between the two looks
            return
        while not (stop is not None and stop.is_set()):
            woken = listener.wait(settle if reader.ended else poll)
            before = reader.cursor
            yield from reader.read()
            quiet = not woken and reader.cursor == before
            if quiet and (reader.ended or _is_over(storage, run_id)):
                yield from reader.read()
                return


class _Reader:
    """Reads on from a cursor, and notes a terminal event."""

    def __init__(self, storage: Storage, run_id: str, cursor: str | None) -> None:
        self._log = storage.event_log_storage
        self._run_id = run_id
        self.cursor = cursor
        self.ended = False

    def read(self) -> Iterator[EventLogRecord]:
        more = True
        while more:
            page = self._log.get_records_for_run(self._run_id, self.cursor, limit=_PAGE)
            self.cursor, more = page.cursor, page.has_more
            for record in page.records:
                self.ended = self.ended or record.event_type in _ENDS
                yield record


def _is_over(storage: Storage, run_id: str) -> bool:
    record = storage.run_storage.get_run_record(run_id)
    return record is None or record.run.is_finished
