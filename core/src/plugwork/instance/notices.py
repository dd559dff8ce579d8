"""Who is told of what was committed: listeners, plugins, and watchers in other processes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugwork.abc import RunStorage
    from plugwork.model import Appended, EventLogRecord, Run
    from plugwork.registry.facade import Hooks

Listener = Callable[["EventLogRecord"], None]


class Notices:
    """Told after each commit, in the process that committed. Thread-safe.

    :param runs: where the run of a status change is read.
    :param announce: wakes the watchers of a run in other processes; None: there can be none.
    """

    def __init__(
        self, hooks: Hooks, runs: RunStorage, announce: Callable[[str], None] | None
    ) -> None:
        self._hooks = hooks
        self._runs = runs
        self._announce = announce
        self._listeners: dict[str, list[Listener]] = {}
        self._lock = threading.Lock()

    def add_listener(self, run_id: str, listener: Listener) -> None:
        """Call a function with each record of a run that this process commits, in order."""
        with self._lock:
            self._listeners.setdefault(run_id, []).append(listener)

    def remove_listeners(self, run_id: str) -> None:
        with self._lock:
            self._listeners.pop(run_id, None)

    def created(self, run: Run) -> None:
        """Tell the plugins of a run that was just stored."""
        self._hooks.run_status_changed(run, None, run.status)

    def committed(self, run_id: str, appended: Appended) -> None:
        """Tell everybody of a batch; what a listener raises is logged, and harms nobody else."""
        if appended.duplicate:
            return
        for listener in self._listeners.get(run_id, ()):
            self._tell(listener, appended)
        self._hooks.events_logged([encoded.entry for encoded in appended.entries])
        if appended.status is not None and appended.status is not appended.previous:
            self._status_changed(run_id, appended)
        if self._announce is not None:
            self._announce(run_id)

    def _tell(self, listener: Listener, appended: Appended) -> None:
        from plugwork.model.event import EventLogRecord

        try:
            for offset, encoded in enumerate(appended.entries):
                listener(
                    EventLogRecord(
                        appended.first_storage_id + offset,
                        encoded.entry,
                        appended.first_seq + offset,
                    )
                )
        except Exception:
            logging.getLogger(__name__).exception("a listener of run events failed")

    def _status_changed(self, run_id: str, appended: Appended) -> None:
        if not self._hooks.notifies("plugwork_run_status_changed"):
            return
        record = self._runs.get_run_record(run_id)
        if record is not None and appended.status is not None:
            self._hooks.run_status_changed(record.run, appended.previous, appended.status)
