"""PoolStorage: slots of pools, which limit steps over all runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugwork.model import ConcurrencyClaimStatus, ConcurrencyKeyInfo, PoolLimit


class PoolStorage(ABC):
    """Pools and their slots; a part of the event log storage.

    A slot belongs to one attempt of a step, and lives and ends with its run's lease: it is free
    when an event that ends the attempt is appended, in the same transaction; and all slots of a
    run are, in the transaction that ends it or in which another process takes it over. Safe for
    threads and for several processes: of two that claim the last slot, one gets it.
    """

    #: Whether pools work at all.
    supports_global_concurrency_limits: bool = True

    @abstractmethod
    def set_concurrency_slots(self, concurrency_key: str, num: int) -> None:
        """Give a pool so many slots; makes it if it is new.

        Steps that have a slot of a limit that was higher go on; their slots count until they end.

        :raises InvalidInvocationError: for less than 0 or more than 1000.
        """

    @abstractmethod
    def delete_concurrency_limit(self, concurrency_key: str) -> None:
        """Make a pool unlimited again; silent for one that has no limit. Nobody waits any more."""

    @abstractmethod
    def initialize_concurrency_limit_to_default(
        self, concurrency_key: str, default_limit: int | None
    ) -> bool:
        """Give a pool the instance's default, unless it has a limit of its own.

        :param default_limit: None takes away a limit that an earlier default gave.
        :returns: whether the pool has a limit now.
        :raises InvalidInvocationError: for a limit that no pool can have.
        """

    @abstractmethod
    def get_concurrency_keys(self) -> set[str]:
        """Return the pools that have a limit."""

    @abstractmethod
    def get_pool_limits(self) -> Sequence[PoolLimit]:
        """Return the limits, by the pools' names."""

    @abstractmethod
    def get_concurrency_info(self, concurrency_key: str) -> ConcurrencyKeyInfo:
        """Return who has the slots of a pool, and who waits; nobody, for an unknown one."""

    @abstractmethod
    def claim_concurrency_slot(
        self,
        concurrency_key: str,
        run_id: str,
        step_key: str,
        priority: int = 0,
        attempt: int = 1,
        fence: int | None = None,
    ) -> ConcurrencyClaimStatus:
        """Take a slot for a step, or wait for one.

        Who is refused waits, and asks again: a free slot is for the waiting step of the highest
        priority, of equal ones for the one that has waited longest. A step that waits and has not
        asked for half a minute keeps nobody waiting. A claim that is repeated changes nothing; an
        unknown pool has no free slot.

        :param attempt: the slot is free when an event that ends this attempt is appended.
        :param fence: of the run's lease; None: the caller is no worker.
        :raises FencedError: when the lease is not held with this fence.
        :raises CheckError: for a priority of 2**31 or more, on either side.
        """

    @abstractmethod
    def check_concurrency_claim(
        self, concurrency_key: str, run_id: str, step_key: str
    ) -> ConcurrencyClaimStatus:
        """Return what a step has; changes nothing."""

    @abstractmethod
    def free_concurrency_slot_for_step(self, run_id: str, step_key: str) -> None:
        """Free what a step has, and let it wait no longer; silent when it has nothing."""

    @abstractmethod
    def free_concurrency_slots_for_run(self, run_id: str) -> None:
        """Free what the steps of a run have, and let them wait no longer."""

    @abstractmethod
    def get_concurrency_run_ids(self) -> set[str]:
        """Return the runs of which a step has a slot, or waits for one."""
