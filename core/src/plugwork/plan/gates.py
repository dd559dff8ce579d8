"""What keeps steps that could run from running yet: limits by tag, slots of pools."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Hashable
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Protocol

from plugwork.errors import InvariantViolationError
from plugwork.model.tag_limits import TagCounts

if TYPE_CHECKING:
    from plugwork.clock import Clock
    from plugwork.plan.progress import Progress, Ready
    from plugwork.plan.step import ExecutionStep

#: Seconds between two claims of a slot: the first and the longest time, and how it grows.
FIRST_CHECK = 1.0
LONGEST_CHECK = 15.0
_GROWTH = 1.1
#: Seconds after which it is told again that a pool keeps steps waiting.
TELL_AGAIN = 300.0

#: Of a pool whose first waiting step stands in the queue: when it is asked for next.
_QUEUED = math.inf

#: ("tag", key, value), ("lane", name) or ("pool", name).
Gate = tuple[Hashable, ...]


class SlotClaims(Protocol):
    """Claims slots of pools for the steps of one run. The run's execution brings it."""

    def claim(self, pool: str, step: ExecutionStep, attempt: int) -> int | None:
        """Take a slot for a step.

        :returns: how many slots are free after it; None: the step waits, and is asked for again.
        """

    def left(self, pool: str) -> None:
        """Notice that an attempt ended, and gave its slot back with its last event."""

    def give_back(self, step_key: str) -> None:
        """Give the slot of a step back that no event of it gives back."""

    def watch(self, pool: str, wake: Callable[[str], None]) -> None:
        """Have a function called, from any thread, when another run gave a slot of a pool back."""

    def close(self) -> None:
        """Watch no more."""


class Lane:
    """A number of steps that may run at a time, of those that a function names.

    :param of: tells the name of a step's lane.
    :param limits: of each lane; None: any number.
    """

    def __init__(self, of: Callable[[ExecutionStep], str], limits: dict[str, int | None]) -> None:
        self.of = of
        self.limits = limits
        self.running = dict.fromkeys(limits, 0)


class Gates:
    """Lets a step through when every limit on it has room, and parks it until then.

    A parked step stands before one gate, the one that was found closed, so that a run with many
    parked steps does not look at all of them again and again.
    """

    def __init__(
        self,
        progress: Progress,
        clock: Clock,
        tags: TagCounts,
        claims: SlotClaims | None,
        lane: Lane | None,
        wake: Callable[[], None],
    ) -> None:
        self._progress = progress
        self._clock = clock
        self._tags = tags
        self._claims = claims
        self._lane = lane
        self._wake = wake
        self._parked: dict[Gate, list[Ready]] = {}
        #: Step -> the gate that it has just been taken from.
        self._taken_from: dict[str, Gate] = {}
        #: Pool -> when a slot is asked for next, and how often it was in vain.
        self._checks: dict[str, tuple[float, int]] = {}
        self._told: dict[str, float] = {}
        self._untold: list[tuple[str, str]] = []
        #: Pools of which another run of this process gave slots back; filled from any thread.
        self._freed: deque[str] = deque()

    def pass_through(self, entry: Ready, step: ExecutionStep, attempt: int) -> bool:
        """Let a step run, or park it.

        :param entry: its place in the queue.
        """
        origin = self._taken_from.pop(step.key, None)
        closed = self._find_closed(step) or self._claim(step, attempt, origin)
        if closed is not None:
            heappush(self._parked.setdefault(closed, []), entry)
        else:
            self._count(step)
        if origin is not None and origin != closed and not self._is_waiting(origin):
            self._open(origin)
        return closed is None

    def force(self, step: ExecutionStep, attempt: int) -> None:
        """Count a step as running that an earlier process started; it has a slot if one is free."""
        self._count(step)
        if self._claims is not None and step.pool is not None:
            self._claims.claim(step.pool, step, attempt)

    def _count(self, step: ExecutionStep) -> None:
        self._tags.add(step.tags)
        if self._lane is not None:
            self._lane.running[self._lane.of(step)] += 1

    def leave(self, step: ExecutionStep) -> None:
        """Notice that an attempt of a step is over."""
        for key, value in self._tags.remove(step.tags):
            self._open(("tag", key, value))
        if self._lane is not None:
            name = self._lane.of(step)
            self._lane.running[name] -= 1
            self._open(("lane", name))
        if self._claims is not None and step.pool is not None:
            self._claims.left(step.pool)
            self._reopen(step.pool)

    def give_back(self, step: ExecutionStep) -> None:
        """Give a step's slot back although no event ended its attempt."""
        if self._claims is not None and step.pool is not None:
            self._claims.give_back(step.key)

    def look(self) -> None:
        """Put the first step before each pool that is due back into the queue."""
        while self._freed:
            self._reopen(self._freed.popleft())
        if self._checks:
            now = self._clock.monotonic()
            for pool, (when, tries) in list(self._checks.items()):
                if when <= now:
                    self._ask(pool, tries)

    def seconds_til_check(self) -> float | None:
        """Return the seconds until a slot is asked for again; None when no step waits for one."""
        if self._freed:
            return 0.0
        due = min((when for when, _ in self._checks.values()), default=_QUEUED)
        return None if due == _QUEUED else max(0.0, due - self._clock.monotonic())

    def take_untold(self) -> list[tuple[str, str]]:
        """Return steps that wait, each with its pool, and of which the log should tell now."""
        untold, self._untold = self._untold, []
        return untold

    def check_possible(self) -> None:
        """Check that steps which nothing else holds back can start one day.

        :raises InvariantViolationError: when a limit is 0.
        """
        for gate, entries in self._parked.items():
            if gate[0] == "tag" and entries:
                raise InvariantViolationError(
                    f"step {entries[0][-1]!r} can never run: the limit of tag {gate[1]!r} is 0"
                )

    def close(self) -> None:
        """Stop watching pools."""
        if self._claims is not None:
            self._claims.close()

    def _find_closed(self, step: ExecutionStep) -> Gate | None:
        blocking = self._tags.blocking(step.tags) if self._tags else None
        if blocking is not None:
            return ("tag", *blocking[0])
        lane = self._lane
        if lane is not None:
            name = lane.of(step)
            limit = lane.limits[name]
            if limit is not None and lane.running[name] >= limit:
                return ("lane", name)
        return None

    def _claim(self, step: ExecutionStep, attempt: int, origin: Gate | None) -> Gate | None:
        pool = step.pool
        if self._claims is None or pool is None:
            return None
        gate = ("pool", pool)
        if origin != gate and self._is_waiting(gate):
            return gate  # those before it are asked for first
        left = self._claims.claim(pool, step, attempt)
        if left is None:
            self._wait_for(pool, step.key)
            return gate
        self._checks.pop(pool, None)
        if not left and self._parked.get(gate):
            self._checks[pool] = (self._clock.monotonic() + FIRST_CHECK, 0)
        return None

    def _is_waiting(self, gate: Gate) -> bool:
        """Tell whether a pool was full when it was asked last, and is not to be asked yet."""
        when, _ = (
            self._checks.get(str(gate[1]), (_QUEUED, 0)) if gate[0] == "pool" else (_QUEUED, 0)
        )
        return when != _QUEUED

    def _wait_for(self, pool: str, step_key: str) -> None:
        _, tries = self._checks.get(pool, (0.0, 0))
        if self._claims is not None:
            self._claims.watch(pool, self._note_freed)
        now = self._clock.monotonic()
        self._checks[pool] = (now + min(LONGEST_CHECK, FIRST_CHECK * _GROWTH**tries), tries + 1)
        if now - self._told.get(pool, -math.inf) >= TELL_AGAIN:
            self._told[pool] = now
            self._untold.append((step_key, pool))

    def _note_freed(self, pool: str) -> None:
        self._freed.append(pool)
        self._wake()

    def _reopen(self, pool: str) -> None:
        """Ask for a slot again at once: one was given back in this process."""
        if pool in self._checks:
            self._ask(pool, 0)

    def _ask(self, pool: str, tries: int) -> None:
        """Put the first step before a pool into the queue: when its turn comes, it claims."""
        if self._checks[pool][0] != _QUEUED:
            self._checks[pool] = (_QUEUED, tries)
            self._open(("pool", pool))

    def _open(self, gate: Gate) -> None:
        """Put the first step before a gate back into the queue."""
        entries = self._parked.get(gate)
        if entries:
            entry = heappop(entries)
            self._taken_from[entry[-1]] = gate
            self._progress.push_back(entry)
        elif gate[0] == "pool":
            self._checks.pop(str(gate[1]), None)
