"""Events into SQLite, against raw inserts of the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from bench.figures import Budget, Figure
from bench.processes import Runner, Usage, alternate

_GROUP = 100
_EVENTS = 30_000
_ONE_BY_ONE = 3_000
#: The reference stores some hundred a second.
_THEIRS = 600
#: Events a second: one by one, each synced; and grouped.
_SYNCED, _GROUPED = 3_000, 20_000


def ingest(runner: Runner) -> Iterator[Figure]:
    """Write events grouped, and one by one."""
    for durability in ("normal", "full"):
        yield from _compare(runner, durability, _GROUP, _EVENTS)
    yield from _compare(runner, "full", 1, _ONE_BY_ONE)


def _compare(runner: Runner, durability: str, size: int, events: int) -> Iterator[Figure]:
    ours: dict[str, Any] = {"events": events, "size": size, "durability": durability}
    writer = partial(runner.work, "plugwork", "ingest_plugwork", door="writer", **ours)
    append = partial(runner.work, "plugwork", "ingest_plugwork", door="append", **ours)
    bare = partial(runner.work, "plugwork", "ingest_raw", indexed=False, **ours)
    indexed = partial(runner.work, "plugwork", "ingest_raw", indexed=True, **ours)
    calls: dict[str, Callable[[], Usage]] = {
        "writer": writer,
        "append": append,
        "bare": bare,
        "indexed": indexed,
    }
    if runner.reference is not None:
        calls["dagster"] = partial(
            runner.work, "dagster", "ingest_dagster", events=_THEIRS, size=size
        )
    used = alternate(1 if runner.quick else runner.rounds // 2, calls, warm=False)
    rates = {
        name: _rates(found, _THEIRS if name == "dagster" else events)
        for name, found in used.items()
    }
    yield from _rows(durability, size, rates)
    yield _size(durability, size, used, events)


def _rows(durability: str, size: int, rates: dict[str, list[float]]) -> Iterator[Figure]:
    how = f"{size} at a time" if size > 1 else "one by one"
    rate = Budget(_GROUPED if size > 1 else _SYNCED, at_least=True)
    half = Budget(0.5, at_least=True, of_floor=True) if size > 1 else None
    for door, text, floor, budget in (
        ("writer", "through the writer, encoding included", "indexed", rate),
        ("append", "encoded before", "indexed", half),
        ("append", "encoded before; the floor without our indexes", "bare", None),
    ):
        yield Figure(
            section="ingest",
            what=f"events, {how}, {durability}, {text}",
            unit="/s",
            plugwork=rates[door],
            dagster=rates.get("dagster", ()) if floor == "indexed" else (),
            floor=rates[floor],
            budget=budget,
            more_is_better=True,
        )


def _size(durability: str, size: int, used: dict[str, list[Usage]], events: int) -> Figure:
    return Figure(
        section="ingest",
        what=f"bytes of the file for an event, {size} at a time, {durability}",
        unit="bytes",
        plugwork=_bytes(used["append"], events),
        dagster=_bytes(used.get("dagster", ()), _THEIRS),
        floor=_bytes(used["indexed"], events),
    )


def _rates(used: Sequence[Usage], events: int) -> list[float]:
    return [events / usage.answer["wall"] for usage in used]


def _bytes(used: Sequence[Usage], events: int) -> list[float]:
    return [usage.answer["bytes"] / events for usage in used]
