"""Pages and counts of runs."""

from __future__ import annotations

from sqlalchemy import exists, func, literal_column, select

from plugwork_sql.statements.parts import COUNTS, FAILURE, P, Statement, listed
from plugwork_sql.tables import run_logs, run_tags, runs


def query_parts() -> dict[str, Statement]:
    """What a query of runs is put together from: a beginning, and conditions."""
    columns = (
        *(runs.c[name] for name in _RUN_READ),
        *(run_logs.c[name] for name in (*COUNTS, "steps_planned")),
    )
    plain = runs.join(run_logs, run_logs.c.id == runs.c.log_id)
    tagged = run_tags.join(runs, runs.c.id == run_tags.c.run_id).join(
        run_logs, run_logs.c.id == runs.c.log_id
    )
    other = run_tags.alias("other")
    count = select(func.count())
    return {
        "runs_from": Statement(select(*columns).select_from(plain)),
        "runs_from_tag": Statement(select(*columns).select_from(tagged)),
        "runs_count": Statement(count.select_from(runs)),
        "runs_count_tag": Statement(
            count.select_from(run_tags.join(runs, runs.c.id == run_tags.c.run_id))
        ),
        "runs_order": Statement(runs.c.id),
        "runs_order_tag": Statement(run_tags.c.run_id),
        "if_status": Statement(runs.c.status == P("x"), ("x",)),
        "if_job": Statement(runs.c.job_name == P("x"), ("x",)),
        "if_snapshot": Statement(runs.c.job_snapshot_id == P("x"), ("x",)),
        "if_run": Statement(runs.c.run_id.in_(listed("x")), ("x",)),
        "if_tag": Statement(run_tags.c.tag_id == P("x"), ("x",)),
        "if_tagged": Statement(
            # Alone, the condition does not know that the query around it has the runs.
            exists().where(
                other.c.run_id == literal_column("runs.id"), other.c.tag_id.in_(listed("x"))
            ),
            ("x",),
        ),
        "if_updated_after": Statement(runs.c.updated > P("x"), ("x",)),
        "if_updated_before": Statement(runs.c.updated < P("x"), ("x",)),
        "if_created_after": Statement(runs.c.created > P("x"), ("x",)),
        "if_created_before": Statement(runs.c.created < P("x"), ("x",)),
        "if_not_subrun": Statement(runs.c.backfill_id.is_(None)),
        "if_older": Statement(runs.c.id < P("x"), ("x",)),
        "if_newer": Statement(runs.c.id > P("x"), ("x",)),
        "if_tag_older": Statement(run_tags.c.run_id < P("x"), ("x",)),
        "if_tag_newer": Statement(run_tags.c.run_id > P("x"), ("x",)),
    }


#: In the order in which :mod:`plugwork_sql.records` reads them.
_RUN_READ = (
    "id",
    "body",
    "tags",
    "status",
    "created",
    "updated",
    "started",
    "ended",
    "reason",
    *(f"failure_{part}" for part in FAILURE),
)
