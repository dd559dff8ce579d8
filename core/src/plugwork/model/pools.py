"""Pools: how many steps may run at a time, over all runs that share a storage."""

from __future__ import annotations

from enum import Enum

import attrs

from plugwork.errors import CheckError, InvalidInvocationError

#: How many slots a pool may have.
MAX_POOL_SLOTS = 1000
#: Seconds after which a step that waits and no longer asks does not keep others waiting.
CLAIM_PATIENCE = 30.0
_PRIORITIES = 1 << 31


class ConcurrencySlotStatus(Enum):
    """Whether a step has a slot."""

    BLOCKED = "BLOCKED"
    CLAIMED = "CLAIMED"


@attrs.frozen
class ConcurrencyClaimStatus:
    """What became of a claim. Times are seconds since the epoch."""

    concurrency_key: str
    slot_status: ConcurrencySlotStatus
    priority: int = 0
    #: When the slot was taken; None while the step waits.
    assigned_timestamp: float | None = None
    #: When the step began to wait; None for one that never did, or is not known.
    enqueued_timestamp: float | None = None
    #: How many slots are free after it.
    free_slots: int = 0

    @property
    def is_claimed(self) -> bool:
        return self.slot_status is ConcurrencySlotStatus.CLAIMED


@attrs.frozen
class ClaimedSlotInfo:
    """A slot that is taken."""

    run_id: str
    step_key: str
    attempt: int
    #: Seconds since the epoch.
    claimed_timestamp: float


@attrs.frozen
class PendingStepInfo:
    """A step that waits for a slot."""

    run_id: str
    step_key: str
    priority: int
    #: Seconds since the epoch.
    enqueued_timestamp: float


@attrs.frozen
class ConcurrencyKeyInfo:
    """One pool."""

    concurrency_key: str
    #: How many steps may have a slot; those of a limit that was lowered go on with theirs.
    slot_count: int
    #: In the order of their slots.
    claimed_slots: tuple[ClaimedSlotInfo, ...] = ()
    #: The one that is next comes first.
    pending_steps: tuple[PendingStepInfo, ...] = ()
    #: None: the pool has no limit.
    limit: int | None = None
    using_default_limit: bool = False


@attrs.frozen
class PoolLimit:
    """The limit of a pool."""

    name: str
    limit: int
    #: It follows the default of the instance.
    from_default: bool = False


def check_pool_limit(pool: str, limit: int) -> None:
    """Refuse a number of slots that no pool can have.

    :raises InvalidInvocationError: naming the pool and the range.
    """
    if not 0 <= limit <= MAX_POOL_SLOTS:
        raise InvalidInvocationError(
            f"pool {pool!r} cannot have {limit} slots: give 0 to {MAX_POOL_SLOTS}"
        )


def check_priority(pool: str, priority: int) -> None:
    """Refuse a priority that no database column holds.

    :raises CheckError: naming the pool.
    """
    if not -_PRIORITIES < priority < _PRIORITIES:
        raise CheckError(f"the priority {priority} in pool {pool!r} is not below 2**31")
