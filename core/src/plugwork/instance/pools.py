"""Pools as the instance's configuration has them, and who in this process waits for their slots."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from plugwork.instance.instance import Instance


def _section(instance: Instance) -> Mapping[str, Any]:
    section: Mapping[str, Any] = instance.config.sections["concurrency"]
    return section


def default_limit(instance: Instance) -> int | None:
    """Return the limit of pools that have none of their own; None: they are unlimited."""
    section = _section(instance)
    given: int | None = section["pools"]["default_limit"]
    return section["default_op_concurrency_limit"] if given is None else given


def limits_steps(instance: Instance) -> bool:
    """Tell whether each step takes a slot; else the queue counts whole runs."""
    granularity: str = _section(instance)["pools"]["granularity"]
    return granularity == "op"


def announce_slot(instance: Instance, pool: str) -> None:
    """Wake runs of other processes that wait for a pool; a courtesy, as all waking."""
    if instance.storage.persistent:
        from plugwork.journal.wake import announce

        announce(instance.storage.get_storage_id(), bell_of(pool))


def bell_of(pool: str) -> str:
    """Return what is announced when a slot of a pool may be free."""
    return f"pool/{pool}"


class PoolWatchers:
    """Tells runs of this process that another one gave a slot back. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watching: dict[str, list[Callable[[str], None]]] = {}

    def add(self, pool: str, wake: Callable[[str], None]) -> None:
        """Call a function with the pool's name when a slot of it is free; once however often."""
        with self._lock:
            watching = self._watching.setdefault(pool, [])
            if wake not in watching:
                watching.append(wake)

    def remove(self, wake: Callable[[str], None]) -> None:
        """Call a function no longer."""
        with self._lock:
            for watching in self._watching.values():
                if wake in watching:
                    watching.remove(wake)

    def freed(self, pool: str, besides: Callable[[str], None] | None) -> None:
        """Tell who watches a pool that a slot was given back.

        :param besides: the one who gave it back, and knows.
        """
        if self._watching:
            with self._lock:
                watching = list(self._watching.get(pool, ()))
            for wake in watching:
                if wake != besides:
                    wake(pool)
