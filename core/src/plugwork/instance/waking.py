"""Telling watchers in other processes that a run has new events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugwork.instance.instance import Instance


def announcer(instance: Instance) -> Callable[[str], None] | None:
    """Return what wakes the watchers of a run; None where no other process can watch."""
    if not instance.storage.persistent:
        return None
    from plugwork.journal.wake import announce

    place = instance.storage.get_storage_id()
    return lambda run_id: announce(place, run_id)
