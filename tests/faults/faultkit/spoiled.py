"""The command line with one thing spoiled: a program, run in the place of ``plugwork``.

Variables say what: ``PLUGWORK_FAULT_POINT`` where it kills itself, ``PLUGWORK_FAULT_BUSY`` how many
seconds SQLite waits for a lock.

Points: ``created`` right after the run was stored; ``before N``, ``within N``, ``after N`` of the
n-th batch, or with ``end`` of the one that ends the run: before its transaction, before its commit,
before its answer.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from plugwork.abc.specs import ComponentContext
from plugwork.cli.main import main
from plugwork.model import Batch, EventType, Run
from plugwork_sqlite import storage
from plugwork_sqlite.settings import SqliteSettings
from plugwork_sqlite.storage import SqliteStorage

ENDS = {EventType.RUN_SUCCESS, EventType.RUN_FAILURE, EventType.RUN_CANCELED}


class SpoiledStorage(SqliteStorage):
    """Kills its process at the point that the environment names."""

    _when, _, _number = os.environ.get("PLUGWORK_FAULT_POINT", "").partition(" ")
    _own = ""
    _appends = 0

    def create_run(self, run: Run, *arguments: Any, **named: Any) -> Any:
        created = super().create_run(run, *arguments, **named)
        self._own = run.run_id
        if self._when == "created":
            die()
        return created

    def append(self, batch: Batch) -> Any:
        if batch.run_id != self._own:
            return super().append(batch)  # a dead run of another process, which is ended here
        self._appends += 1
        ends = any(encoded.entry.event_type in ENDS for encoded in batch.entries)
        due = self._number == ("end" if ends else str(self._appends))
        if due and self._when == "before":
            die()
        if due and self._when == "within":
            self._die_before_commit()
        appended = super().append(batch)
        if due and self._when == "after":
            die()
        return appended

    def _die_before_commit(self) -> None:
        write = self.database.write

        @contextmanager
        def deadly_write() -> Iterator[Any]:
            with write() as cursor:
                yield cursor
                die()

        self.database.write = deadly_write  # type: ignore[method-assign]  # that is the fault


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def open_storage(settings: SqliteSettings, context: ComponentContext) -> SqliteStorage:
    """Take the place of the plugin's own factory."""
    busy = float(os.environ.get("PLUGWORK_FAULT_BUSY", "30"))
    home = context.home or context.storage_dir
    return SpoiledStorage(home, context.durability, context.clock, busy)


if __name__ == "__main__":
    storage.open_storage = open_storage
    main()
