"""Random graphs under random limits: nothing is lost, and no limit is passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import plugwork as pw
from plugwork.abc import RetryMode
from plugwork.model import StepOutputHandle, TagLimit
from plugwork.plan import ActiveExecution, ExecutionStep, create_plan
from plugwork.plan.gates import Lane
from plugwork_testkit.clock import ManualClock

POOLS = (None, "db", "api")


@pw.op
def nothing(xs: list[int]) -> int:
    return 1


@pw.op(pool="db", name="in_db")
def in_db(xs: list[int]) -> int:
    return 1


@pw.op(pool="api", name="in_api")
def in_api(xs: list[int]) -> int:
    return 1


OPS = (nothing, in_db, in_api)


class Slots:
    """Pools whose slots other runs take and give back."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.limits = limits
        self.others: Counter[str] = Counter()
        self.held: dict[str, str] = {}

    def used(self, pool: str) -> int:
        return self.others[pool] + list(self.held.values()).count(pool)

    def claim(self, pool: str, step: ExecutionStep, attempt: int) -> int | None:
        if self.used(pool) >= self.limits[pool]:
            return None
        self.held[step.key] = pool
        return self.limits[pool] - self.used(pool)

    def left(self, pool: str) -> None: ...

    def give_back(self, step_key: str) -> None:
        self.held.pop(step_key, None)

    def watch(self, pool: str, wake: Callable[[str], None]) -> None: ...

    def close(self) -> None: ...


Shape = list[tuple[int, str, int, list[int]]]


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Return for each step: its op, its tag, its priority, the steps before it."""
    made: Shape = []
    for number in range(draw(st.integers(1, 25))):
        before = draw(st.lists(st.integers(0, number - 1), max_size=3)) if number else []
        tag = draw(st.sampled_from("abc"))
        made.append((draw(st.integers(0, 2)), tag, draw(st.integers(-2, 2)), sorted(set(before))))
    return made


def job_of(shape: Shape) -> pw.JobDefinition:
    @pw.job
    def made() -> None:
        outputs: list[Any] = []
        for number, (op, tag, priority, before) in enumerate(shape):
            tags = {"kind": tag, "priority": str(priority)}
            node = OPS[op].alias(f"s{number}").tag(tags)
            outputs.append(node([outputs[one] for one in before]))

    return made


limits = st.lists(
    st.builds(
        lambda limit, value, each: TagLimit("kind", limit, None if each else value, per_value=each),
        st.integers(1, 3),
        st.sampled_from([None, "a", "b"]),
        st.booleans(),
    ),
    max_size=3,
)


@settings(max_examples=150, deadline=None)
@given(shape=shapes(), tag_limits=limits, most=st.none() | st.integers(1, 4), seed=st.integers())
def test_every_step_runs_once_within_every_limit(
    shape: Shape, tag_limits: list[TagLimit], most: int | None, seed: int
) -> None:
    chance = Random(seed)
    clock = ManualClock()
    slots = Slots({"db": chance.randint(1, 2), "api": chance.randint(1, 3)})
    lane = Lane(lambda step: step.tags["kind"], {"a": 1, "b": 2, "c": None})
    ran: list[str] = []
    retried: set[str] = set()
    active = ActiveExecution(
        create_plan(job_of(shape)),
        RetryMode.ENABLED,
        clock,
        max_concurrent=most,
        tag_limits=tag_limits,
        claims=slots,
        lane=lane,
    )
    running: dict[str, ExecutionStep] = {}
    with active:
        while not active.is_complete:
            for step in active.get_steps_to_execute(limit=chance.choice([None, 1])):
                assert all(one in ran for one in step.upstream_keys)
                running[step.key] = step
            check(running, slots, tag_limits, most)
            if running and chance.random() < 0.7:
                key = chance.choice(sorted(running))
                del running[key]
                slots.held.pop(key, None)
                if key not in retried and chance.random() < 0.2:
                    retried.add(key)
                    active.mark_up_for_retry(key, chance.choice([None, 1.0]))
                    continue
                active.mark_output(StepOutputHandle(key))
                active.mark_success(key)
                ran.append(key)
            else:
                for pool in slots.limits:
                    taken = chance.random() < 0.5 and slots.used(pool) < slots.limits[pool]
                    slots.others[pool] = int(taken)
                clock.advance(20)
    assert sorted(ran) == sorted(f"s{number}" for number in range(len(shape)))


def check(
    running: dict[str, ExecutionStep], slots: Slots, tag_limits: list[TagLimit], most: int | None
) -> None:
    kinds = Counter(step.tags["kind"] for step in running.values())
    assert most is None or len(running) <= most
    assert kinds["a"] <= 1
    assert kinds["b"] <= 2
    for pool, limit in slots.limits.items():
        assert sum(step.pool == pool for step in running.values()) <= limit
    # Of two limits for the same thing the last one holds.
    for one in {(each.value, each.per_value): each for each in tag_limits}.values():
        if one.per_value:
            assert max(kinds.values(), default=0) <= one.limit
        elif one.value is None:
            assert len(running) <= one.limit
        else:
            assert kinds[one.value] <= one.limit
