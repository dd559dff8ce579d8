"""``plugwork queue``: pools of slots, which limit steps over all runs."""

from __future__ import annotations

import click

from plugwork.cli.group import Command
from plugwork.cli.output import dim, emit, say, short_id, table
from plugwork.cli.settings import Settings
from plugwork.cli.words import counted, took

#: In the place of a number: the pool is unlimited again.
_NONE = "none"


@click.command("pools", cls=Command)
@click.pass_obj
def pools(settings: Settings) -> None:
    """List pools: how full they are, who has their slots, who waits."""
    from plugwork.cli.opening import opened
    from plugwork.cli.pools import all_pools, fullness, pool_document

    with opened(settings) as instance:
        found, now = all_pools(instance), instance.clock.now()
    if settings.json:
        emit("pools/1", {"pools": [pool_document(pool) for pool in found]})
        return
    if not found:
        say("no pool has a limit; give one: plugwork queue set-limit POOL N")
        return
    rows = []
    for pool in found:
        held = ", ".join(
            f"{short_id(one.run_id)}/{one.step_key} {took(now - one.claimed_timestamp)}"
            for one in pool.claimed_slots
        )
        source = "default" if pool.using_default_limit else ""
        waits = counted(len(pool.pending_steps), "step") if pool.pending_steps else "-"
        rows.append([pool.concurrency_key, fullness(pool), waits, held or "-", dim(source)])
    table(["POOL", "USED", "WAITING", "HELD BY", ""], rows)


@click.command("set-limit", cls=Command)
@click.argument("pool")
@click.argument("number", metavar=f"N|{_NONE}")
@click.pass_obj
def set_limit(settings: Settings, pool: str, number: str) -> None:
    """Give a pool N slots, over all runs; "none" makes it unlimited again.

    Steps that have a slot go on, also when the limit is lowered.
    """
    from plugwork.cli.opening import opened
    from plugwork.instance.pools import announce_slot

    limit = _read(pool, number)
    with opened(settings) as instance:
        storage = instance.event_log_storage
        if limit is None:
            storage.delete_concurrency_limit(pool)
        else:
            storage.set_concurrency_slots(pool, limit)
        announce_slot(instance, pool)
    if settings.json:
        emit("pool-limit/1", {"name": pool, "limit": limit})
        return
    say(f"pool {pool}: {'no limit' if limit is None else counted(limit, 'slot')}")


def _read(pool: str, number: str) -> int | None:
    from plugwork.errors import CommandLineError, InvalidInvocationError
    from plugwork.model import check_pool_limit

    if number == _NONE:
        return None
    try:
        limit = int(number)
        check_pool_limit(pool, limit)
    except InvalidInvocationError as error:
        raise CommandLineError(str(error)) from error
    except ValueError:
        message = f'the limit of a pool is a number or "{_NONE}", not "{number}"'
        raise CommandLineError(message) from None
    return limit
