"""The storage as a whole."""

from __future__ import annotations

from sqlalchemy import delete, select

from plugwork_sql.statements.parts import Insert, P, Statement, new_row
from plugwork_sql.tables import (
    alembic_version,
    counters,
    events,
    meta,
    pools,
    run_logs,
    run_tags,
    runs,
    slot_waits,
    slots,
    snapshots,
    step_attempts,
    tag_keys,
    tags,
)


def whole_statements(conflict: Insert) -> dict[str, Statement]:
    new = conflict(counters).values(name=P("name"), value=P("value"))
    return {
        "schema_revision": Statement(select(alembic_version.c.version_num)),
        "schema_stamp": new_row(alembic_version),
        "meta_get": Statement(select(meta.c.value).where(meta.c.name == P("name")), ("name",)),
        "meta_add": new_row(meta),
        "counter_put": Statement(
            new.on_conflict_do_update(
                index_elements=[counters.c.name], set_={"value": new.excluded.value}
            ),
            ("name", "value"),
        ),
        **{
            f"wipe_{table.name}": Statement(delete(table))
            for table in (
                events,
                step_attempts,
                run_tags,
                tags,
                tag_keys,
                runs,
                run_logs,
                snapshots,
                pools,
                slots,
                slot_waits,
            )
        },
    }
