"""Slots of pools for the steps of one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plugwork.errors import StorageUnavailableError
from plugwork.instance.pools import bell_of, default_limit
from plugwork.journal.wake import announce
from plugwork.model.pools import MAX_POOL_SLOTS
from plugwork.model.run import RUN_PRIORITY_TAG

if TYPE_CHECKING:
    from plugwork.execution.pool_bell import PoolBell
    from plugwork.instance import Instance
    from plugwork.model import Run
    from plugwork.plan import ExecutionStep

#: Seconds after which a pool that had no limit is looked up again: somebody may have given it one.
_TRUSTED = 15.0


class RunSlots:
    """Claims slots for the run that this process executes. Used by its scheduler, in one thread.

    :param fence: of the run's lease; None: the run has none, and slots are claimed without.
    """

    def __init__(self, instance: Instance, run: Run, fence: int | None) -> None:
        storage = instance.storage
        self._storage = storage.event_log_storage
        #: Names the storage to other processes; None: there are none.
        self._place = storage.get_storage_id() if storage.persistent else None
        self._clock = instance.clock
        self._watchers = instance.pool_watchers
        self._default = default_limit(instance)
        self._run_id = run.run_id
        self._fence = fence
        self._priority = _number(run.tags.get(RUN_PRIORITY_TAG))
        #: Pool -> when it was seen to have no limit, on the monotonic clock.
        self._unlimited: dict[str, float] = {}
        self._limited: set[str] = set()
        self._wake: Callable[[str], None] | None = None
        self._bells: dict[str, PoolBell] = {}

    def claim(self, pool: str, step: ExecutionStep, attempt: int) -> int | None:
        """Take a slot; see :class:`plugwork.plan.gates.SlotClaims`.

        A storage that is away has no slot to give.

        :raises FencedError: when another process took the run over.
        """
        try:
            if not self._has_limit(pool):
                return MAX_POOL_SLOTS
            status = self._storage.claim_concurrency_slot(
                pool,
                self._run_id,
                step.key,
                self._priority + step.priority,
                attempt,
                self._fence,
            )
        except StorageUnavailableError:
            return None
        if not status.is_claimed:
            self._limited.discard(pool)  # when asked again, it may have no limit any more
            return None
        return status.free_slots

    def left(self, pool: str) -> None:
        """Tell the other runs, of this process and of others, that a slot is free."""
        self._watchers.freed(pool, self._wake)
        if self._place is not None:
            announce(self._place, bell_of(pool))

    def give_back(self, step_key: str) -> None:
        """Give a slot back that no event gives back; the end of the run does if this fails."""
        try:
            self._storage.free_concurrency_slot_for_step(self._run_id, step_key)
        except StorageUnavailableError:
            return

    def watch(self, pool: str, wake: Callable[[str], None]) -> None:
        """Have a function called, from any thread, when another run gives a slot back."""
        self._wake = wake
        self._watchers.add(pool, wake)
        if pool not in self._bells and self._place is not None:
            from plugwork.execution.pool_bell import PoolBell

            self._bells[pool] = PoolBell(self._place, pool, wake)

    def close(self) -> None:
        """Watch no more."""
        if self._wake is not None:
            self._watchers.remove(self._wake)
        while self._bells:
            self._bells.popitem()[1].close()

    def _has_limit(self, pool: str) -> bool:
        if pool in self._limited:
            return True
        seen = self._unlimited.get(pool)
        now = self._clock.monotonic()
        if seen is not None and now - seen < _TRUSTED:
            return False
        if self._look_up(pool):
            self._limited.add(pool)
            return True
        self._unlimited[pool] = now
        return False

    def _look_up(self, pool: str) -> bool:
        found = {one.name: one for one in self._storage.get_pool_limits()}.get(pool)
        own = found is not None and not found.from_default
        if own or (found.limit if found is not None else None) == self._default:
            return found is not None
        return self._storage.initialize_concurrency_limit_to_default(pool, self._default)


def _number(text: str | None) -> int:
    try:
        return int(text or 0)
    except ValueError:
        return 0
