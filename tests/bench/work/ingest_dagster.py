"""Store the events of no-op steps in SQLite through the public event log storage."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dagster  # type: ignore[import-not-found]  # in an environment of its own

from bench.work.answering import Stopwatch, answer
from bench.work.shapes import build_job
from bench.work.theirs import QUIET, opened, prepare_home


def main(events: int, size: int) -> dict[str, Any]:
    """Store the events of a real step, over and over.

    :param size: entries of a group; 1 stores them one by one.
    """
    with opened("memory") as instance:
        ran = build_job(dagster, "chain", 2).execute_in_process(instance=instance, run_config=QUIET)
        six = [each for each in instance.all_logs(ran.run_id) if each.step_key == "step_1"]
    entries = [six[at % len(six)] for at in range(events)]
    with TemporaryDirectory() as folder:
        prepare_home(Path(folder))
        with dagster.DagsterInstance.from_config(folder) as instance:
            took = _store(instance.event_log_storage, six[0], entries, size)
        stored = sum(file.stat().st_size for file in Path(folder).rglob(f"{ran.run_id}.db"))
    return {**took, "bytes": stored}


def _store(storage: Any, first: Any, entries: list[Any], size: int) -> dict[str, float]:
    # The first event of a run makes the run's own file.
    storage.store_event(first)
    watch = Stopwatch()
    if size == 1:
        for entry in entries:
            storage.store_event(entry)
    else:
        for start in range(0, len(entries), size):
            storage.store_event_batch(entries[start : start + size])
    return watch.read()


if __name__ == "__main__":
    answer(main)
