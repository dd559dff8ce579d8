from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from plugwork import job, op
from plugwork.abc import RetryMode
from plugwork.errors import InvalidDefinitionError, InvariantViolationError, UnknownStepStateError
from plugwork.model import TagCounts, TagLimit
from plugwork.plan import ActiveExecution, ExecutionStep, create_plan


@op(pool="db")
def in_db() -> None: ...


@op
def free() -> None: ...


class FakeClock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def wait(self, event: threading.Event, timeout: float) -> bool:
        self.time += timeout
        return event.is_set()


class Pool:
    """A pool that other runs take slots of."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held: set[str] = set()
        self.asked: list[str] = []
        self.wake: Callable[[str], None] = lambda pool: None
        self.active: ActiveExecution | None = None

    def claim(self, pool: str, step: ExecutionStep, attempt: int) -> int | None:
        self.asked.append(step.key)
        if len(self.held) >= self.limit:
            return None
        self.held.add(step.key)
        return self.limit - len(self.held)

    def left(self, pool: str) -> None:
        assert self.active is not None
        self.held &= {*self.active.in_flight, "another run's"}

    def give_back(self, step_key: str) -> None:
        self.held.discard(step_key)

    def watch(self, pool: str, wake: Callable[[str], None]) -> None:
        self.wake = wake

    def close(self) -> None: ...


def start(
    definition: Any, pool: Pool | None = None, limits: Iterable[TagLimit] = (), **more: Any
) -> tuple[ActiveExecution, FakeClock]:
    clock = FakeClock()
    active = ActiveExecution(
        create_plan(definition),
        RetryMode.ENABLED,
        clock,
        claims=pool,
        tag_limits=limits,
        **more,
    )
    if pool is not None:
        pool.active = active
    return active, clock


def keys(steps: Iterable[ExecutionStep]) -> list[str]:
    return [step.key for step in steps]


def let_end(active: ActiveExecution, pool: Pool, clock: FakeClock) -> None:
    """Give the pool room, and run what is left."""
    pool.limit = 9
    clock.time += 15
    run_all(active)


def run_all(active: ActiveExecution) -> list[str]:
    """Run one step after another to the end; return their keys."""
    ran = []
    while not active.is_complete:
        (step,) = active.get_steps_to_execute(limit=1)
        ran.append(step.key)
        active.mark_success(step.key)
    return ran


@job
def three_in_db() -> None:
    in_db()
    in_db()
    in_db()


def test_a_step_without_a_slot_stays_and_is_handed_out_when_one_is_free() -> None:
    pool = Pool(1)
    active, _ = start(three_in_db, pool)
    with active:
        assert keys(active.get_steps_to_execute()) == ["in_db"]
        assert active.get_steps_to_execute() == []
        active.mark_success("in_db")
        assert keys(active.get_steps_to_execute()) == ["in_db_2"]
        active.mark_success("in_db_2")
        assert keys(active.get_steps_to_execute()) == ["in_db_3"]
        active.mark_success("in_db_3")
        assert active.is_complete


def test_a_run_asks_for_its_first_step_only_and_not_before_the_next_check() -> None:
    pool = Pool(1)
    pool.held.add("another run's")
    active, clock = start(three_in_db, pool)
    with active:
        for _ in range(5):
            assert active.get_steps_to_execute() == []
        assert pool.asked == ["in_db"]
        assert active.seconds_til_ready() == 1.0
        active.sleep_til_ready()
        assert active.seconds_til_ready() == 0.0
        assert active.get_steps_to_execute() == []
        assert pool.asked == ["in_db", "in_db"]
        pool.limit = 9
        clock.time += 2
        assert keys(active.get_steps_to_execute()) == ["in_db", "in_db_2", "in_db_3"]
        for step in active.in_flight:
            active.mark_success(step)


def test_checks_become_rarer_up_to_a_bound() -> None:
    pool = Pool(0)
    active, clock = start(three_in_db, pool)
    pauses: list[float] = []
    with active:
        for _ in range(60):
            active.get_steps_to_execute()
            pauses.append(round(active.seconds_til_ready() or 0, 6))
            active.sleep_til_ready()
        assert clock.time == pytest.approx(sum(pauses))
        let_end(active, pool, clock)
    assert pauses[:3] == pytest.approx([1.0, 1.1, 1.21])
    assert pauses == sorted(pauses)
    assert pauses[-1] == 15.0


def test_the_log_is_told_at_first_and_every_five_minutes() -> None:
    active, clock = start(three_in_db, pool := Pool(0))
    told = []
    with active:
        while clock.time < 700:
            active.get_steps_to_execute()
            told += [(clock.time, *one) for one in active.take_blocked()]
            active.sleep_til_ready()
        let_end(active, pool, clock)
    assert [(key, pool) for _, key, pool in told] == [("in_db", "db")] * 3
    assert told[0][0] == 0
    assert all(300 <= later[0] - first[0] <= 315 for first, later in itertools.pairwise(told))


def test_a_slot_given_back_by_another_run_of_the_process_is_asked_for_at_once() -> None:
    woken: list[str] = []
    pool = Pool(1)
    pool.held.add("another run's")
    active, _ = start(three_in_db, pool, wake=lambda: woken.append("woken"))
    with active:
        assert active.get_steps_to_execute() == []
        pool.held.clear()
        thread = threading.Thread(target=pool.wake, args=("db",))
        thread.start()
        thread.join()
        assert woken == ["woken"]
        assert active.seconds_til_ready() == 0.0
        assert keys(active.get_steps_to_execute(limit=1)) == ["in_db"]
        active.mark_success("in_db")
        assert run_all(active) == ["in_db_2", "in_db_3"]


def test_a_step_of_no_pool_passes_those_that_wait() -> None:
    @job
    def mixed() -> None:
        in_db()
        free()

    active, clock = start(mixed, pool := Pool(0))
    with active:
        assert keys(active.get_steps_to_execute()) == ["free"]
        active.mark_success("free")
        let_end(active, pool, clock)


def test_a_slot_is_given_back_when_nobody_knows_how_the_step_ended() -> None:
    pool = Pool(1)
    active, _ = start(three_in_db, pool)

    def lose() -> None:
        with active:
            active.get_steps_to_execute()
            pool.left = lambda pool: None  # type: ignore[method-assign]
            active.mark_unknown_state("in_db")
            assert pool.held == set()
            pool.limit = 9
            assert run_all(active) == ["in_db_2", "in_db_3"]

    with pytest.raises(UnknownStepStateError):
        lose()


def test_a_thousand_steps_of_a_small_pool_are_asked_for_a_few_times_each() -> None:
    @job
    def many() -> None:
        for _ in range(1000):
            in_db()

    pool = Pool(2)
    active, _ = start(many, pool)
    with active:
        while not active.is_complete:
            active.get_steps_to_execute()
            assert len(pool.held) == min(2, len(active.in_flight))
            active.mark_success(active.in_flight[0])
    assert len(pool.asked) <= 2100


def test_no_more_steps_than_allowed_are_in_flight() -> None:
    active, _ = start(three_in_db, max_concurrent=2)
    with active:
        assert len(active.get_steps_to_execute()) == 2
        assert active.get_steps_to_execute(limit=5) == []
        active.mark_success("in_db")
        assert len(active.get_steps_to_execute(limit=5)) == 1
        active.mark_success("in_db_2")
        active.mark_success("in_db_3")


@job
def tagged() -> None:
    for value in ("a", "a", "b", "b", "c"):
        free.tag({"size": value})()
    free.alias("plain")()


@pytest.mark.parametrize(
    ("limits", "together"),
    [
        ([TagLimit("size", 2)], 3),
        ([TagLimit("size", 1, "a")], 5),
        ([TagLimit("size", 1, per_value=True)], 4),
        ([TagLimit("size", 1, per_value=True), TagLimit("size", 2)], 3),
        ([TagLimit("size", 5), TagLimit("size", 2)], 3),
        ([TagLimit("size", 9), TagLimit("other", 0)], 6),
    ],
)
def test_steps_with_a_tag_are_limited(limits: list[TagLimit], together: int) -> None:
    active, _ = start(tagged, limits=limits)
    counts = TagCounts(limits)
    with active:
        first = active.get_steps_to_execute()
        assert len(first) == together
        ran = 0
        running = {step.key: step for step in first}
        for step in first:
            assert counts.blocking(step.tags) is None
            counts.add(step.tags)
        while running:
            key, step = running.popitem()
            active.mark_success(key)
            counts.remove(step.tags)
            ran += 1
            for one in active.get_steps_to_execute():
                assert counts.blocking(one.tags) is None
                counts.add(one.tags)
                running[one.key] = one
        assert ran == 6
        assert active.is_complete


def test_a_limit_that_no_step_can_ever_pass_is_an_error() -> None:
    active, _ = start(tagged, limits=[TagLimit("size", 0)])

    def drive() -> None:
        with active:
            assert keys(active.get_steps_to_execute()) == ["plain"]
            active.mark_success("plain")
            active.get_steps_to_execute()

    with pytest.raises(InvariantViolationError, match="never run: the limit of tag 'size' is 0"):
        drive()


def test_many_parked_steps_are_not_looked_at_again_and_again() -> None:
    looked = 0

    class Counting(TagCounts):
        def blocking(self, tags: Any) -> Any:
            nonlocal looked
            looked += 1
            return super().blocking(tags)

    @job
    def many() -> None:
        for _ in range(2000):
            free.tag({"size": "a"})()

    active, _ = start(many, limits=[TagLimit("size", 1)])
    assert active._gates is not None
    active._gates._tags = Counting([TagLimit("size", 1)])
    with active:
        assert len(run_all(active)) == 2000
    assert looked <= 6000


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="give 0 or more"):
        TagLimit("a", -1)


def test_limits_are_read_from_config() -> None:
    assert repr(TagLimit.from_config({"key": "a", "limit": 1})) == "<TagLimit a (any value): 1>"
    one = TagLimit.from_config(
        {"key": "a", "value": {"applyLimitPerUniqueValue": True}, "limit": 2}
    )
    assert one.per_value
    assert TagLimit.from_config({"key": "a", "value": "x", "limit": 1}).value == "x"
    assert math.isfinite(one.limit)
