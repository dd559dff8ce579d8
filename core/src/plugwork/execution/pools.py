"""Slots of pools for the steps of one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plugwork.errors import StorageUnavailableError
from plugwork.instance.pools import default_limit
from plugwork.model.pools import MAX_POOL_SLOTS
from plugwork.model.run import RUN_PRIORITY_TAG

if TYPE_CHECKING:
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
        self._storage = instance.storage.event_log_storage
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
        """Tell the other runs of this process that a slot is free."""
        self._watchers.freed(pool, self._wake)

    def give_back(self, step_key: str) -> None:
        """Give a slot back that no event gives back; the end of the run does if this fails."""
        try:
            self._storage.free_concurrency_slot_for_step(self._run_id, step_key)
        except StorageUnavailableError:
            return

    def watch(self, pool: str, wake: Callable[[str], None]) -> None:
        """Have a function called when another run of this process gives a slot back."""
        self._wake = wake
        self._watchers.add(pool, wake)

    def close(self) -> None:
        """Watch no more."""
        if self._wake is not None:
            self._watchers.remove(self._wake)

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
