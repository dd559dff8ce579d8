"""The events of a step as a run really writes them, over and over under new step keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import attrs

import plugwork
from bench.work.ours import opened
from bench.work.shapes import build_job
from plugwork.model import EventLogEntry

T = TypeVar("T")


def make_entries(run_id: str, count: int) -> list[EventLogEntry]:
    """Return entries of a run: the six of one step, then the six of the next."""
    with opened("memory") as instance:
        ran = build_job(plugwork, "chain", 2).execute_in_process(instance=instance)
        logs = instance.all_logs(ran.run_id)
    six = [entry for entry in logs if entry.step_key == "step_1"]
    return [_renamed(six[at % len(six)], run_id, f"step_{at // len(six)}") for at in range(count)]


def _renamed(entry: EventLogEntry, run_id: str, step_key: str) -> EventLogEntry:
    event = attrs.evolve(entry.get_event(), step_key=step_key)
    return attrs.evolve(entry, run_id=run_id, step_key=step_key, event=event)


def groups(entries: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the entries in groups of a size."""
    for start in range(0, len(entries), size):
        yield entries[start : start + size]
