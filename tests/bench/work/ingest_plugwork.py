"""Store the events of no-op steps in SQLite, as a run's worker does."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Any

from bench.work.answering import Stopwatch, answer
from bench.work.step_events import groups, make_entries
from plugwork.clock import SYSTEM_CLOCK
from plugwork.journal.holder import current_holder
from plugwork.journal.writer import EventWriter
from plugwork.model import Batch, EventLogEntry, Lease, Run, RunStatus
from plugwork_sqlite import SqliteStorage


def main(door: str, events: int, size: int, durability: str) -> dict[str, Any]:
    """Write the events.

    :param door: ``writer``: through the run's writer, encoding included, a flush for each group;
        ``append``: batches that are encoded already.
    :param size: entries of a group.
    """
    run = Run("bench", status=RunStatus.STARTED)
    entries = make_entries(run.run_id, events)
    with TemporaryDirectory() as folder:
        storage = SqliteStorage(folder, durability=durability)
        lease = storage.create_run(run, holder=current_holder(), ttl=60.0)
        if lease is None:
            raise RuntimeError("the run was stored without a lease")
        write = _write if door == "writer" else _append
        took = write(storage, lease, entries, size)
        storage.dispose()
        stored = os.path.getsize(os.path.join(folder, "plugwork.db"))
    return {**took, "bytes": stored}


def _write(
    storage: SqliteStorage, lease: Lease, entries: list[EventLogEntry], size: int
) -> dict[str, float]:
    writer = EventWriter(
        storage, lease.key, lease, SYSTEM_CLOCK, lambda _: None, status=RunStatus.STARTED
    )
    watch = Stopwatch()
    for group in groups(entries, size):
        for entry in group:
            writer.write(entry)
        writer.flush()
    took = watch.read()
    writer.close()
    return took


def _append(
    storage: SqliteStorage, lease: Lease, entries: list[EventLogEntry], size: int
) -> dict[str, float]:
    batches = [
        Batch.of(lease.key, group, lease.fence, number)
        for number, group in enumerate(groups(entries, size), 1)
    ]
    watch = Stopwatch()
    for batch in batches:
        storage.append(batch)
    return watch.read()


if __name__ == "__main__":
    answer(main)
