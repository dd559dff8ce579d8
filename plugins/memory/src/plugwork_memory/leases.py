"""Leases in memory. Every function is called with the state's lock held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from plugwork.model import FINISHED_STATUSES, Lease
from plugwork_memory.pools import end_slots

if TYPE_CHECKING:
    from plugwork.model import Holder, LeaseKind
    from plugwork_memory.state import State


def acquire(
    state: State, kind: LeaseKind, key: str, holder: Holder, ttl: float, seen: Lease | None
) -> Lease | None:
    """Take a lease that is free, or that was seen; see the interface."""
    found = state.leases.get((kind, key))
    held = found is not None and found.holder is not None
    if seen is None and held:
        return None
    if seen is not None and (found is None or (found.fence, found.beat) != (seen.fence, seen.beat)):
        return None
    fence = found.fence if found is not None else 0
    if kind == "run":
        run = state.runs.get(key)
        if run is None or run.status in FINISHED_STATUSES:
            return None
        log = state.logs[key]
        fence = log.fence
        if fence:  # its former holder may have taken slots
            end_slots(state, key)
        log.fence, log.last_batch = fence + 1, 0
    lease = Lease(kind, key, holder, fence + 1, 1, ttl, state.now() / 1_000_000)
    state.leases[kind, key] = lease
    return lease


def renew(state: State, lease: Lease) -> bool:
    """Raise the beat of a lease that is still the caller's."""
    found = state.leases.get((lease.kind, lease.key))
    if found is None or found.holder is None or found.fence != lease.fence:
        return False
    renewed = attrs.evolve(found, beat=found.beat + 1, renewed_at=state.now() / 1_000_000)
    state.leases[lease.kind, lease.key] = renewed
    return True


def release(state: State, lease: Lease) -> None:
    """Free a lease that is still the caller's; its fence stays."""
    found = state.leases.get((lease.kind, lease.key))
    if found is not None and found.fence == lease.fence:
        state.leases[lease.kind, lease.key] = attrs.evolve(found, holder=None)
        if lease.kind == "run":
            end_slots(state, lease.key)
