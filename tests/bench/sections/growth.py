"""Whether memory grows with the events that a process has stored."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.figures import Budget, Figure
from bench.processes import Runner, Usage, alternate

_EVENTS_A_STEP = 6
#: KiB for each thousand events that is still noise of the allocator.
_NOISE = 20.0


def growth(runner: Runner) -> Iterator[Figure]:
    """Store many events in one process, on SQLite, and look at its memory between."""
    work = {
        "plugwork": {"runs": 120, "steps": 300, "lines": 50_000},
        "dagster": {"runs": 8, "steps": 100, "lines": 2_000},
    }
    calls = {
        side: partial(runner.work, side, f"growth_{side}", **work[side]) for side in runner.sides()
    }
    used = alternate(1 if runner.quick else 3, calls, warm=False)
    by_run = {
        side: [_by_run(usage, work[side]["steps"]) for usage in found]
        for side, found in used.items()
    }
    by_line = {
        side: [_by_line(usage, work[side]["lines"]) for usage in found]
        for side, found in used.items()
    }
    for what, found in (("runs of many steps", by_run), ("one step that logs", by_line)):
        yield Figure(
            section="growth",
            what=f"memory by 1000 stored events, {what}",
            unit="KiB",
            plugwork=found["plugwork"],
            dagster=found.get("dagster", ()),
            budget=Budget(_NOISE),
        )


def _by_run(usage: Usage, steps: int) -> float:
    """Growth in the second half of the runs; the first half fills caches to their limits."""
    after = usage.answer["after runs"]
    middle = len(after) // 2
    events = (len(after) - 1 - middle) * steps * _EVENTS_A_STEP
    grown: float = after[-1] - after[middle]
    return grown * 1000 / events


def _by_line(usage: Usage, lines: int) -> float:
    _, some, all_ = usage.answer["after lines"]
    grown: float = all_ - some
    return grown * 1000 / lines
