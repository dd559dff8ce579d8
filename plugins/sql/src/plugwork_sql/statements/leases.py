"""Leases."""

from __future__ import annotations

from sqlalchemy import delete, literal_column, null, select, update

from plugwork_sql.statements.parts import Insert, P, Statement
from plugwork_sql.tables import leases


def lease_statements(conflict: Insert) -> dict[str, Statement]:
    of_place = (leases.c.kind == P("kind"), leases.c.key == P("key"))
    mine = (*of_place, leases.c.fence == P("fence"), leases.c.holder.is_not(None))
    names = tuple(column.name for column in leases.columns)
    new = conflict(leases).values({name: P(name) for name in names})
    held = select(leases).where(leases.c.holder.is_not(None)).order_by(leases.c.kind, leases.c.key)
    return {
        "lease_find": Statement(
            select(leases.c.holder, leases.c.fence, leases.c.beat).where(*of_place),
            ("kind", "key"),
        ),
        "lease_put": Statement(
            new.on_conflict_do_update(
                index_elements=[leases.c.kind, leases.c.key],
                set_={name: new.excluded[name] for name in names[2:]},
            ),
            names,
        ),
        "lease_renew": Statement(
            update(leases)
            .values(beat=leases.c.beat + literal_column("1"), renewed_at=P("now"))
            .where(*mine),
            ("now", "kind", "key", "fence"),
        ),
        "lease_release": Statement(
            update(leases).values(holder=null()).where(*mine), ("kind", "key", "fence")
        ),
        "lease_end": Statement(
            delete(leases).where(
                leases.c.kind == literal_column("'run'"), leases.c.key == P("key")
            ),
            ("key",),
        ),
        "leases": Statement(held),
        "leases_of": Statement(held.where(leases.c.kind == P("kind")), ("kind",)),
        "leases_free": Statement(update(leases).values(holder=null())),
        "leases_of_runs_delete": Statement(
            delete(leases).where(leases.c.kind == literal_column("'run'"))
        ),
    }
