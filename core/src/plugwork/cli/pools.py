"""What is shown of pools: how full they are, and which steps wait for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.cli.output import short_id
from plugwork.cli.words import took

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugwork.instance import Instance
    from plugwork.model import ConcurrencyKeyInfo


def all_pools(instance: Instance) -> Sequence[ConcurrencyKeyInfo]:
    """Return the pools that have a limit, by name."""
    pools = instance.event_log_storage
    return [pools.get_concurrency_info(one.name) for one in pools.get_pool_limits()]


def pool_document(pool: ConcurrencyKeyInfo) -> dict[str, Any]:
    """Return a pool as JSON."""
    return {
        "name": pool.concurrency_key,
        "limit": pool.limit,
        "from_default": pool.using_default_limit,
        "used": [
            {
                "run": one.run_id,
                "step": one.step_key,
                "attempt": one.attempt,
                "since": one.claimed_timestamp,
            }
            for one in pool.claimed_slots
        ],
        "waiting": [
            {
                "run": one.run_id,
                "step": one.step_key,
                "priority": one.priority,
                "since": one.enqueued_timestamp,
            }
            for one in pool.pending_steps
        ],
    }


def fullness(pool: ConcurrencyKeyInfo) -> str:
    """Return ``1/2``: slots that are used, and how many there are."""
    return f"{len(pool.claimed_slots)}/{pool.slot_count}"


def waiting_lines(instance: Instance, run_id: str, step_key: str | None = None) -> list[str]:
    """Tell which steps of a run wait for which pool, who has it, and what helps.

    :param step_key: of that step only.
    """
    now, lines = instance.clock.now(), []
    for pool in all_pools(instance):
        for place, one in enumerate(pool.pending_steps):
            if one.run_id != run_id or step_key not in (None, one.step_key):
                continue
            name = pool.concurrency_key
            lines.append(
                f"  step {one.step_key} has waited {took(now - one.enqueued_timestamp)} for pool "
                f'"{name}" ({fullness(pool)} used)'
            )
            lines += [
                f"    held by  {short_id(held.run_id)} / {held.step_key} for "
                f"{took(now - held.claimed_timestamp)}"
                for held in pool.claimed_slots
            ]
            if place:
                lines.append(f"    ahead    {place} of other runs or of higher priority")
            lines.append(f"    to raise plugwork queue set-limit {name} {pool.slot_count + 1}")
    return lines
