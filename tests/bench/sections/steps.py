"""No-op steps in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any

from bench.figures import Budget, Figure
from bench.processes import MeasuringError, Runner, Usage, alternate

_NAMES = {
    "memory": "in memory",
    "normal": "SQLite, durability normal",
    "full": "SQLite, durability full",
}
#: Milliseconds a step.
_BUDGETS = {"memory": 0.2, "normal": 0.5, "full": 0.8}
#: Milliseconds that a value on disk adds to a step.
_DISK = {"normal": 0.1, "full": 0.5}
#: The work on which linearity is judged is measured without the reference.
_MANY = 10_000
_SMALL, _LARGE = 100, 1_000
_EVENTS_A_STEP = 6


def chain(runner: Runner) -> Iterator[Figure]:
    """Run steps one after the other, each with the value of the one before."""
    yield from _shape(runner, "chain", (1, 10, _SMALL, _LARGE))


def fan_out(runner: Runner) -> Iterator[Figure]:
    """Run steps that all take the value of the first one."""
    yield from _shape(runner, "fan-out", (1, 10, _SMALL, _LARGE))


def define(runner: Runner) -> Iterator[Figure]:
    """Define jobs without running them."""
    costs = {}
    for count in (_SMALL, _LARGE, _MANY):
        calls = {
            side: partial(_child, runner, side, "chain", count, "memory")
            for side in runner.sides()
            if side == "plugwork" or count < _MANY
        }
        used = alternate(_rounds(runner, count), calls, warm=False)
        costs[count] = _per_step(used["plugwork"], "define", "cpu", count)
        yield Figure(
            section="define",
            what=f"define a chain of {count}, a node, CPU",
            unit="ms",
            plugwork=costs[count],
            dagster=_per_step(used.get("dagster", ()), "define", "cpu", count),
        )
    yield _linear("define", "a node", costs)


def _shape(runner: Runner, shape: str, counts: Sequence[int]) -> Iterator[Figure]:
    # Both durabilities are compared with the one the reference has.
    for stores in (("memory",), ("normal", "full")):
        costs: dict[str, dict[int, list[float]]] = {store: {} for store in stores}
        for count in (*counts, _MANY):
            used = _measure(runner, shape, stores, count)
            for store in stores:
                yield from _figures(shape, store, count, used)
                costs[store][count] = _per_step(used[store], "run", "wall", count)
        for store in stores:
            yield _linear(shape, f"a step {_NAMES[store]}", costs[store])


def _measure(
    runner: Runner, shape: str, stores: Sequence[str], count: int
) -> dict[str, list[Usage]]:
    calls: dict[str, Callable[[], Usage]] = {
        store: partial(_child, runner, "plugwork", shape, count, store) for store in stores
    }
    if runner.reference is not None and count < _MANY:
        calls["dagster"] = partial(_child, runner, "dagster", shape, count, stores[0])
    if count == _LARGE:
        on_disk = [store for store in stores if store != "memory"]
        calls |= {f"floor {store}": _floor(runner, store, count) for store in on_disk}
    return alternate(_rounds(runner, count), calls, warm=False)


def _floor(runner: Runner, store: str, count: int) -> Callable[[], Usage]:
    """Six rows and a commit for each step, with nothing else around."""
    return partial(
        runner.work,
        "plugwork",
        "ingest_raw",
        events=_EVENTS_A_STEP * count,
        size=_EVENTS_A_STEP,
        durability=store,
        indexed=True,
    )


def _figures(
    shape: str, store: str, count: int, used: Mapping[str, Sequence[Usage]]
) -> Iterator[Figure]:
    ours, theirs = used[store], used.get("dagster", ())
    floor = [usage.answer for usage in used.get(f"floor {store}", ())]
    for measure in ("wall", "cpu") if count == _LARGE else ("wall",):
        what = "a run of 1 step" if count == 1 else f"{shape} of {count}, a step"
        # In short runs the cost of the run itself is no step's.
        budget = Budget(_BUDGETS[store]) if count >= _LARGE else None
        yield Figure(
            section=shape,
            what=f"{what}, {_NAMES[store]}, {'CPU' if measure == 'cpu' else 'wall'}",
            unit="ms",
            plugwork=_per_step(ours, "run", measure, count),
            dagster=_per_step(theirs, "run", measure, count),
            floor=[each[measure] * 1000 / count for each in floor],
            budget=budget,
        )
    if count == _LARGE:
        yield Figure(
            section=shape,
            what=f"{shape} of {count}, {_NAMES[store]}, peak memory of the process",
            unit="MiB",
            plugwork=[usage.answer["peak"] for usage in ours],
            dagster=[usage.answer["peak"] for usage in theirs],
        )


def _linear(section: str, what: str, costs: dict[int, list[float]]) -> Figure:
    """How many times more a part adds to the largest work than to a small one.

    :param costs: of a part, by the number of parts; where there is one of a single part, that much
        is the cost of the whole.
    """
    totals = {count: median(cost) * count for count, cost in costs.items()}
    alone = totals.get(1, 0.0)
    added = {count: (totals[count] - alone) / count for count in (_SMALL, _MANY)}
    return Figure(
        section=section,
        what=f"{what}: {_MANY} against {_SMALL}",
        unit="times",
        plugwork=[added[_MANY] / added[_SMALL]],
        budget=Budget(1.2),
    )


def values(runner: Runner) -> Iterator[Figure]:
    """What it adds that each value is stored as a file."""
    for store, limit in _DISK.items():
        calls: dict[str, Callable[[], Usage]] = {
            "memory": partial(_child, runner, "plugwork", "chain", _LARGE, store),
            "disk": partial(_child, runner, "plugwork", "chain", _LARGE, store, disk=True),
            "floor": partial(
                runner.work, "plugwork", "files_raw", count=_LARGE, synced=store == "full"
            ),
        }
        used = alternate(_rounds(runner, _LARGE), calls, warm=False)
        without = _per_step(used["memory"], "run", "wall", _LARGE)
        stored = _per_step(used["disk"], "run", "wall", _LARGE)
        yield Figure(
            section="values",
            what=f"an output on disk adds to a step, {_NAMES[store]}, wall",
            unit="ms",
            plugwork=[cost - median(without) for cost in stored],
            floor=[usage.answer["wall"] * 1000 / _LARGE for usage in used["floor"]],
            budget=Budget(limit),
        )


def _child(runner: Runner, side: str, shape: str, count: int, store: str, **more: Any) -> Usage:
    usage = runner.work(side, f"steps_{side}", shape=shape, steps=count, store=store, **more)
    # Both tell the same story of a step: six events, four for the first.
    if usage.answer["events"] < _EVENTS_A_STEP * count - 2:
        raise MeasuringError(f"{side} stored only {usage.answer['events']} events of {count} steps")
    return usage


def _per_step(used: Sequence[Usage], part: str, measure: str, count: int) -> list[float]:
    return [usage.answer[part][measure] * 1000 / count for usage in used]


def _rounds(runner: Runner, count: int) -> int:
    if runner.quick:
        return 1
    return runner.rounds // 2 if count < _LARGE else 3
