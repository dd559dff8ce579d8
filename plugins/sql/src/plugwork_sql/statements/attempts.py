"""Attempts of steps."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from plugwork_sql.statements.parts import Insert, P, Statement, listed
from plugwork_sql.tables import run_logs, step_attempts


def attempt_statements(conflict: Insert) -> dict[str, Statement]:
    table = step_attempts
    names = tuple(column.name for column in table.columns)
    new = conflict(table).values({name: P(name) for name in names})
    of_log = (
        table.c.log_id
        == select(run_logs.c.id).where(run_logs.c.run_id == P("run")).scalar_subquery()
    )
    found = select(
        table.c.step_key,
        table.c.attempt,
        table.c.status,
        table.c.started,
        table.c.ended,
        table.c.error,
        table.c.logs,
    ).where(of_log)
    return {
        "attempt_put": Statement(
            new.on_conflict_do_update(
                index_elements=[table.c.log_id, table.c.step_key, table.c.attempt],
                set_={
                    "status": new.excluded.status,
                    "started": func.coalesce(new.excluded.started, table.c.started),
                    "ended": new.excluded.ended,
                    "error": new.excluded.error,
                    "logs": func.coalesce(new.excluded.logs, table.c.logs),
                },
            ),
            names,
        ),
        "attempts": Statement(found.order_by(table.c.position), ("run",)),
        "attempts_of": Statement(
            found.where(table.c.step_key.in_(listed("steps"))).order_by(table.c.position),
            ("run", "steps"),
        ),
        "attempts_delete": Statement(delete(table).where(table.c.log_id == P("log")), ("log",)),
    }
