"""Runs and snapshots."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select, update

from plugwork_sql.statements.parts import FAILURE, Insert, P, Statement, limited
from plugwork_sql.tables import runs, snapshots


def run_statements(conflict: Insert) -> dict[str, Statement]:
    of_run = runs.c.run_id == P("run")
    added = tuple(column.name for column in runs.columns if column.name in _RUN_GIVEN)
    return {
        "run_add": Statement(
            insert(runs).values({name: P(name) for name in added}).returning(runs.c.id), added
        ),
        "run_find": Statement(
            select(runs.c.id, runs.c.log_id, runs.c.status).where(of_run), ("run",)
        ),
        "run_place": Statement(select(runs.c.id).where(runs.c.id == P("id")), ("id",)),
        "run_tags_read": Statement(select(runs.c.id, runs.c.tags).where(of_run), ("run",)),
        "run_retag": Statement(
            update(runs)
            .values(
                tags=P("tags"),
                partition=P("partition"),
                backfill_id=P("backfill"),
                updated=P("now"),
            )
            .where(runs.c.id == P("id")),
            ("now", "partition", "backfill", "tags", "id"),
        ),
        "run_move": Statement(
            update(runs)
            .values(
                status=P("status"),
                updated=P("updated"),
                started=func.coalesce(P("started"), runs.c.started),
                ended=func.coalesce(P("ended"), runs.c.ended),
                reason=func.coalesce(P("reason"), runs.c.reason),
            )
            .where(of_run, runs.c.status == P("before")),
            ("status", "updated", "started", "ended", "reason", "run", "before"),
        ),
        "run_fail": Statement(
            update(runs)
            .values({f"failure_{part}": P(part) for part in FAILURE})
            .where(of_run, runs.c.failure_seq.is_(None)),
            (*FAILURE, "run"),
        ),
        "run_delete": Statement(delete(runs).where(runs.c.id == P("id")), ("id",)),
        "runs_by_prefix": Statement(
            limited(
                select(runs.c.run_id)
                .where(runs.c.run_id >= P("from"), runs.c.run_id < P("to"))
                .order_by(runs.c.id.desc())
            ),
            ("from", "to", "limit"),
        ),
        "snapshot_add": Statement(
            conflict(snapshots)
            .values(id=P("id"), kind=P("kind"), body=P("body"))
            .on_conflict_do_nothing(index_elements=[snapshots.c.id]),
            ("id", "kind", "body"),
        ),
        "snapshot_body": Statement(
            select(snapshots.c.body).where(snapshots.c.id == P("id")), ("id",)
        ),
        "snapshot_has": Statement(select(snapshots.c.id).where(snapshots.c.id == P("id")), ("id",)),
    }


#: The columns that a new run is given.
_RUN_GIVEN = frozenset(
    {
        "run_id",
        "log_id",
        "status",
        "created",
        "updated",
        "job_name",
        "job_snapshot_id",
        "plan_snapshot_id",
        "root_run_id",
        "parent_run_id",
        "partition",
        "backfill_id",
        "tags",
        "body",
    }
)
