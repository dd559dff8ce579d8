"""Schedule storage: the state of schedules and sensors, and their ticks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any


class ScheduleStorage(ABC):
    """Keeps instigators (schedules and sensors) and their ticks.

    An instigator is named by its selector id: the stable hash of code location, repository and
    name. Safe for threads and processes: a tick is unique by (instigator, time), so that two
    daemons that evaluate the same tick store it once.
    """

    @abstractmethod
    def all_instigator_state(
        self, instigator_type: str | None = None, statuses: Sequence[str] | None = None
    ) -> Sequence[Any]:
        """Return the stored states; an empty sequence of statuses is no filter."""

    @abstractmethod
    def get_instigator_state(self, selector_id: str) -> Any | None:
        """Return one state, or None."""

    @abstractmethod
    def add_instigator_state(self, state: Any) -> None:
        """Store a new state.

        :raises InvariantViolationError: when the instigator has one already.
        """

    @abstractmethod
    def update_instigator_state(self, state: Any) -> None:
        """Replace a state.

        :raises InvariantViolationError: when the instigator has none.
        """

    @abstractmethod
    def delete_instigator_state(self, selector_id: str) -> None:
        """Delete a state.

        :raises InvariantViolationError: when the instigator has none.
        """

    @abstractmethod
    def create_tick(self, tick_data: Any) -> Any:
        """Store a tick and return it with its id, a growing int."""

    @abstractmethod
    def update_tick(self, tick: Any) -> Any:
        """Replace a tick.

        :raises InvariantViolationError: when the id is unknown.
        """

    @abstractmethod
    def get_ticks(
        self,
        selector_id: str,
        before: float | None = None,
        after: float | None = None,
        limit: int | None = None,
        statuses: Sequence[str] | None = None,
    ) -> Sequence[Any]:
        """Return ticks, newest first; the bounds are strict."""

    @abstractmethod
    def purge_ticks(
        self, selector_id: str, before: float, statuses: Sequence[str] | None = None
    ) -> None:
        """Delete ticks of times before the bound; without statuses, all of them."""

    @abstractmethod
    def wipe(self) -> None:
        """Delete all of it."""
