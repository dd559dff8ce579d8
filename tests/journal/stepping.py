"""A worker without a plan: takes a run over, writes steps, and prints what was acknowledged.

``python stepping.py <directory> <run id> <ttl> <steps> [<before|after> <n>]``: the last two kill it
before or after its n-th append. ``paced`` steps begin with a line of its input each, and leave the
lease alone: between them it surely holds no lock. Each line of its output is ``ack <last step>``;
``fenced`` when the run was taken from it.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

from plugwork.clock import SYSTEM_CLOCK
from plugwork.errors import FencedError
from plugwork.journal.ending import find_lease
from plugwork.journal.entries import event_entry, log_entry
from plugwork.journal.holder import current_holder
from plugwork.journal.keeper import LeaseKeeper
from plugwork.journal.writer import EventWriter
from plugwork.model import Event, EventType, Record, Run, StepSuccessData
from plugwork_sqlite import SqliteStorage


class Deadly:
    """A storage that kills its process around its n-th append."""

    def __init__(self, storage: SqliteStorage, when: str, number: int) -> None:
        self._storage = storage
        self._when = when
        self._left = number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def append(self, batch: Any) -> Any:
        self._left -= 1
        if self._left == 0 and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        appended = self._storage.append(batch)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return appended


def count_steps(steps: str) -> Iterator[int]:
    if steps == "paced":
        yield from (number for number, _ in enumerate(sys.stdin, 1))
    else:
        yield from itertools.islice(itertools.count(1), int(steps) or None)


def main(folder: str, run_id: str, ttl: str, steps: str, when: str = "", number: str = "0") -> None:
    storage: Any = Deadly(SqliteStorage(folder), when, int(number))
    held = find_lease(storage, run_id)
    lease = storage.acquire_lease("run", run_id, current_holder(), float(ttl), held)
    run = Run(job_name="stepping", run_id=run_id)
    writer = EventWriter(storage, run_id, lease, SYSTEM_CLOCK, lambda appended: None)
    keeper = LeaseKeeper(storage, lease, SYSTEM_CLOCK, float(ttl) / 3, writer=writer)
    if steps != "paced":
        keeper.start()

    def write(kind: EventType, step: str | None = None, data: Record | None = None) -> None:
        event = Event(kind, run.job_name, data, None, step, 1 if step else None)
        writer.write(event_entry(event, run_id, SYSTEM_CLOCK.now()))

    try:
        write(EventType.RUN_START)
        writer.flush()
        for step in count_steps(steps):
            write(EventType.STEP_START, str(step))
            writer.flush()
            writer.write(log_entry(run, 20, f"in {step}", SYSTEM_CLOCK.now()))
            write(EventType.STEP_SUCCESS, str(step), StepSuccessData(1.0))
            writer.flush()
            print("ack", step, flush=True)
        write(EventType.RUN_SUCCESS)
        writer.flush()
    except FencedError:
        print("fenced", flush=True)
    writer.close()
    keeper.stop()
    storage.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
