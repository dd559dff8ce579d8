"""Slots of pools in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from plugwork.abc import PoolStorage
from plugwork.errors import FencedError
from plugwork.model import (
    CLAIM_PATIENCE,
    ClaimedSlotInfo,
    ConcurrencyClaimStatus,
    ConcurrencyKeyInfo,
    ConcurrencySlotStatus,
    PendingStepInfo,
    PoolLimit,
    check_pool_limit,
    check_priority,
)
from plugwork_memory.state import as_stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugwork_memory.state import State

_BLOCKED = ConcurrencySlotStatus.BLOCKED
_CLAIMED = ConcurrencySlotStatus.CLAIMED


@attrs.define
class Waiting:
    """A step that waits for a slot."""

    #: In which they came.
    order: int
    info: PendingStepInfo
    #: When it asked last; seconds since the epoch.
    asked: float


class MemoryPools(PoolStorage):
    """The pools of a :class:`~plugwork_memory.storage.MemoryStorage`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def set_concurrency_slots(self, concurrency_key: str, num: int) -> None:
        check_pool_limit(concurrency_key, num)
        with self._state.lock:
            self._state.pools[concurrency_key] = PoolLimit(concurrency_key, num)

    def delete_concurrency_limit(self, concurrency_key: str) -> None:
        with self._state.lock:
            self._make_unlimited(concurrency_key)

    def _make_unlimited(self, pool: str) -> None:
        self._state.pools.pop(pool, None)
        for place in [place for place in self._state.waits if place[0] == pool]:
            del self._state.waits[place]

    def initialize_concurrency_limit_to_default(
        self, concurrency_key: str, default_limit: int | None
    ) -> bool:
        if default_limit is not None:
            check_pool_limit(concurrency_key, default_limit)
        pools = self._state.pools
        with self._state.lock:
            found = pools.get(concurrency_key)
            if found is not None and not found.from_default:
                return True
            if default_limit is not None:
                pools[concurrency_key] = PoolLimit(concurrency_key, default_limit, True)
            elif found is not None:
                self._make_unlimited(concurrency_key)
        return default_limit is not None

    def get_concurrency_keys(self) -> set[str]:
        with self._state.lock:
            return set(self._state.pools)

    def get_pool_limits(self) -> Sequence[PoolLimit]:
        with self._state.lock:
            return sorted(self._state.pools.values(), key=lambda one: one.name)

    def get_concurrency_info(self, concurrency_key: str) -> ConcurrencyKeyInfo:
        state = self._state
        with state.lock:
            pool = state.pools.get(concurrency_key)
            held = state.slots.get(concurrency_key, {})
            waiting = [one for place, one in state.waits.items() if place[0] == concurrency_key]
            waiting.sort(key=lambda one: (-one.info.priority, one.order))
            return ConcurrencyKeyInfo(
                concurrency_key,
                pool.limit if pool else 0,
                tuple(held[n] for n in sorted(held)),
                tuple(one.info for one in waiting),
                pool.limit if pool else None,
                pool is not None and pool.from_default,
            )

    def claim_concurrency_slot(
        self,
        concurrency_key: str,
        run_id: str,
        step_key: str,
        priority: int = 0,
        attempt: int = 1,
        fence: int | None = None,
    ) -> ConcurrencyClaimStatus:
        check_priority(concurrency_key, priority)
        with self._state.lock:
            if fence is not None:
                self._check_fence(run_id, fence)
            return self._claim(concurrency_key, run_id, step_key, priority, attempt)

    def _check_fence(self, run_id: str, fence: int) -> None:
        lease = self._state.leases.get(("run", run_id))
        if lease is None or lease.holder is None or lease.fence != fence:
            raise FencedError(run_id, fence)

    def _claim(
        self, pool: str, run_id: str, step_key: str, priority: int, attempt: int
    ) -> ConcurrencyClaimStatus:
        state, now = self._state, as_stored(self._state.clock.now()) or 0.0
        limit = state.pools[pool].limit if pool in state.pools else 0
        held = state.slots.setdefault(pool, {})
        free = limit - len(held)
        for n, one in held.items():
            if (one.run_id, one.step_key) == (run_id, step_key):
                held[n] = attrs.evolve(one, attempt=attempt)
                since = one.claimed_timestamp
                return ConcurrencyClaimStatus(pool, _CLAIMED, priority, since, None, max(0, free))
        place = (pool, run_id, step_key)
        waiting = state.waits.get(place)
        if free > 0 and self._count_before(pool, priority, waiting, now) < free:
            n = min(set(range(len(held) + 1)) - set(held))
            held[n] = ClaimedSlotInfo(run_id, step_key, attempt, now)
            enqueued = state.waits.pop(place).info.enqueued_timestamp if waiting else None
            return ConcurrencyClaimStatus(pool, _CLAIMED, priority, now, enqueued, free - 1)
        if waiting is None:
            state.last_wait += 1
            info = PendingStepInfo(run_id, step_key, priority, now)
            waiting = state.waits[place] = Waiting(state.last_wait, info, now)
        waiting.asked = now
        waiting.info = attrs.evolve(waiting.info, priority=priority)
        enqueued = waiting.info.enqueued_timestamp
        return ConcurrencyClaimStatus(pool, _BLOCKED, priority, None, enqueued)

    def _count_before(self, pool: str, priority: int, waiting: Waiting | None, now: float) -> int:
        order = waiting.order if waiting else self._state.last_wait + 1
        mine = (-priority, order)
        return sum(
            1
            for place, one in self._state.waits.items()
            if place[0] == pool
            and (-one.info.priority, one.order) < mine
            and one.asked >= now - CLAIM_PATIENCE
        )

    def check_concurrency_claim(
        self, concurrency_key: str, run_id: str, step_key: str
    ) -> ConcurrencyClaimStatus:
        with self._state.lock:
            for one in self._state.slots.get(concurrency_key, {}).values():
                if (one.run_id, one.step_key) == (run_id, step_key):
                    return ConcurrencyClaimStatus(
                        concurrency_key, _CLAIMED, 0, one.claimed_timestamp
                    )
            waiting = self._state.waits.get((concurrency_key, run_id, step_key))
            if waiting is None:
                return ConcurrencyClaimStatus(concurrency_key, _BLOCKED)
            info = waiting.info
            return ConcurrencyClaimStatus(
                concurrency_key, _BLOCKED, info.priority, None, info.enqueued_timestamp
            )

    def free_concurrency_slot_for_step(self, run_id: str, step_key: str) -> None:
        with self._state.lock:
            free_slots(self._state, run_id, step_key)
            for place in [one for one in self._state.waits if one[1:] == (run_id, step_key)]:
                del self._state.waits[place]

    def free_concurrency_slots_for_run(self, run_id: str) -> None:
        with self._state.lock:
            end_slots(self._state, run_id)

    def get_concurrency_run_ids(self) -> set[str]:
        with self._state.lock:
            held = {one.run_id for taken in self._state.slots.values() for one in taken.values()}
            return held | {run_id for _, run_id, _ in self._state.waits}


def free_slots(
    state: State, run_id: str, step_key: str | None = None, attempt: int | None = None
) -> None:
    """Free the slots of a run, of one step, or of attempts up to one; the lock is held."""
    for taken in state.slots.values():
        for n, one in list(taken.items()):
            if (
                one.run_id == run_id
                and step_key in (None, one.step_key)
                and (attempt is None or one.attempt <= attempt)
            ):
                del taken[n]


def end_slots(state: State, run_id: str) -> None:
    """Free all that a run has of pools; the lock is held."""
    free_slots(state, run_id)
    for place in [place for place in state.waits if place[1] == run_id]:
        del state.waits[place]
