"""The executors of one process, and graphs of other shapes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import median

from bench.figures import Budget, Figure
from bench.processes import MeasuringError, Runner, Usage, alternate

_EXECUTORS = ("in_process", "threads", "async")
_STORES = {"memory": "in memory", "normal": "SQLite, durability normal"}
#: Milliseconds that threads and tasks may add to a step.
_ADDED = 0.5
_LARGE, _MANY = 1_000, 10_000
_SLEEPING = 200
_EVENTS_A_STEP = 6


def executors(runner: Runner) -> Iterator[Figure]:
    """Run the same steps one after another, in threads, and beside an event loop."""
    for store in _STORES:
        for shape in ("fan-out", "chain", "async"):
            yield from _compared(runner, shape, _LARGE, store)
    for shape in ("fan-out", "chain"):
        yield from _compared(runner, shape, _MANY, "memory")
    yield from _sleeping(runner)


def _compared(runner: Runner, shape: str, count: int, store: str) -> Iterator[Figure]:
    calls = {one: partial(_child, runner, shape, count, store, one) for one in _EXECUTORS}
    used = alternate(1 if runner.quick else 3, calls, warm=False)
    costs = {one: [u.answer["run"]["wall"] * 1000 / count for u in used[one]] for one in used}
    serial = median(costs["in_process"])
    for one in _EXECUTORS:
        yield Figure(
            section="executors",
            what=f"{one}, {shape} of {count}, a step {_STORES[store]}, wall",
            unit="ms",
            plugwork=costs[one],
            budget=Budget(serial + _ADDED) if one != "in_process" else None,
        )


def _sleeping(runner: Runner) -> Iterator[Figure]:
    for one in ("in_process", "async"):
        call = partial(_child, runner, "sleeping", _SLEEPING, "memory", one)
        used = alternate(1 if runner.quick else 3, {one: call}, warm=False)
        yield Figure(
            section="executors",
            what=f"{one}, {_SLEEPING} async steps that sleep 50 ms, the run, wall",
            unit="ms",
            plugwork=[usage.answer["run"]["wall"] * 1000 for usage in used[one]],
        )


def _child(runner: Runner, shape: str, count: int, store: str, executor: str) -> Usage:
    usage = runner.work(
        "plugwork", "executors_plugwork", shape=shape, steps=count, store=store, executor=executor
    )
    if usage.answer["events"] < _EVENTS_A_STEP * count - 2:
        raise MeasuringError(f"{executor} stored only {usage.answer['events']} events")
    return usage


def shapes(runner: Runner) -> Iterator[Figure]:
    """Run dynamic steps, and steps in nested graphs, one after another in memory."""
    for shape, what in (("mapped", "mapped steps"), ("nested", "steps ten graphs deep")):
        for count in (100, _LARGE, _MANY):
            sides = runner.sides() if count < _MANY else ("plugwork",)
            calls = {side: partial(_in_memory, runner, side, shape, count) for side in sides}
            used = alternate(1 if runner.quick else 3, calls, warm=False)
            costs = {side: [_cost(one, count) for one in found] for side, found in used.items()}
            yield Figure(
                section="shapes",
                what=f"{count} {what}, a step in memory, wall",
                unit="ms",
                plugwork=costs["plugwork"],
                dagster=costs.get("dagster", ()),
            )


def _cost(usage: Usage, count: int) -> float:
    cost: float = usage.answer["run"]["wall"] * 1000 / count
    return cost


def _in_memory(runner: Runner, side: str, shape: str, count: int) -> Usage:
    return runner.work(side, f"steps_{side}", shape=shape, steps=count, store="memory")
