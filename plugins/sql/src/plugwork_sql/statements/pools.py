"""Pools, their slots, and who waits for one."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, literal_column, or_, select, update

from plugwork_sql.statements.parts import Insert, P, Statement, new_row
from plugwork_sql.tables import leases, pools, slot_waits, slots


def pool_statements(conflict: Insert) -> dict[str, Statement]:
    named = pools.c.name == P("pool")
    new = conflict(pools).values(name=P("pool"), slots=P("slots"), from_default=P("from_default"))
    return {
        "pool_put": Statement(
            new.on_conflict_do_update(
                index_elements=[pools.c.name],
                set_={"slots": new.excluded.slots, "from_default": new.excluded.from_default},
            ),
            ("pool", "slots", "from_default"),
        ),
        # Who claims holds this row until the commit, so that two never count the same slots.
        "pool_lock": Statement(update(pools).values(slots=pools.c.slots).where(named), ("pool",)),
        "pool_find": Statement(select(pools.c.slots, pools.c.from_default).where(named), ("pool",)),
        "pool_delete": Statement(delete(pools).where(named), ("pool",)),
        "pools": Statement(
            select(pools.c.name, pools.c.slots, pools.c.from_default).order_by(pools.c.name)
        ),
        # Who claims for a run holds its lease's row, so that nobody takes it over meanwhile.
        "lease_lock": Statement(
            update(leases)
            .values(beat=leases.c.beat)
            .where(
                leases.c.kind == literal_column("'run'"),
                leases.c.key == P("run"),
                leases.c.fence == P("fence"),
                leases.c.holder.is_not(None),
            ),
            ("run", "fence"),
        ),
        **_slot_statements(),
        **_wait_statements(),
    }


def _slot_statements() -> dict[str, Statement]:
    of_step = (slots.c.run_id == P("run"), slots.c.step_key == P("step"))
    return {
        "slot_add": new_row(slots),
        "slots_of": Statement(
            select(slots.c.n, slots.c.run_id, slots.c.step_key, slots.c.attempt, slots.c.claimed)
            .where(slots.c.pool == P("pool"))
            .order_by(slots.c.n),
            ("pool",),
        ),
        "slot_keep": Statement(
            update(slots)
            .values(attempt=P("attempt"))
            .where(slots.c.pool == P("pool"), slots.c.n == P("n")),
            ("attempt", "pool", "n"),
        ),
        "slot_free": Statement(delete(slots).where(*of_step), ("run", "step")),
        "slot_free_attempt": Statement(
            delete(slots).where(*of_step, slots.c.attempt <= P("attempt")),
            ("run", "step", "attempt"),
        ),
        "slots_end": Statement(delete(slots).where(slots.c.run_id == P("run")), ("run",)),
        "slot_runs": Statement(select(slots.c.run_id).union(select(slot_waits.c.run_id))),
    }


def _wait_statements() -> dict[str, Statement]:
    waits = slot_waits
    of_step = (waits.c.run_id == P("run"), waits.c.step_key == P("step"))
    mine = (*of_step, waits.c.pool == P("pool"))
    before = or_(
        waits.c.priority > P("priority"),
        (waits.c.priority == P("priority")) & (waits.c.id < P("id")),
    )
    added = ("run_id", "step_key", "pool", "priority", "enqueued", "asked")
    return {
        "wait_add": Statement(insert(waits).values({name: P(name) for name in added}), added),
        "wait_find": Statement(
            select(waits.c.id, waits.c.priority, waits.c.enqueued).where(*mine),
            ("run", "step", "pool"),
        ),
        "wait_ask": Statement(
            update(waits)
            .values(asked=P("asked"), priority=P("priority"))
            .where(waits.c.id == P("id")),
            ("priority", "asked", "id"),
        ),
        "wait_delete": Statement(delete(waits).where(waits.c.id == P("id")), ("id",)),
        "waits_before": Statement(
            select(func.count())
            .select_from(waits)
            .where(waits.c.pool == P("pool"), waits.c.asked >= P("since"), before),
            ("pool", "since", "priority", "priority", "id"),
        ),
        "waits_of": Statement(
            select(waits.c.run_id, waits.c.step_key, waits.c.priority, waits.c.enqueued)
            .where(waits.c.pool == P("pool"))
            .order_by(waits.c.priority.desc(), waits.c.id),
            ("pool",),
        ),
        "waits_of_step_delete": Statement(delete(waits).where(*of_step), ("run", "step")),
        "waits_of_pool_delete": Statement(
            delete(waits).where(waits.c.pool == P("pool")), ("pool",)
        ),
        "waits_end": Statement(delete(waits).where(waits.c.run_id == P("run")), ("run",)),
    }
