"""Logs and their events."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, literal_column, select, update

from plugwork_sql.statements.parts import COUNTS, P, Statement, limited, listed, new_row
from plugwork_sql.tables import counters, events, run_logs, runs

_status = select(runs.c.status).where(runs.c.run_id == P("run")).scalar_subquery()


def log_statements() -> dict[str, Statement]:
    opened = (run_logs.c.id, run_logs.c.last_seq, _status)
    more = run_logs.c.last_seq + P("n", number=True)
    of_run = run_logs.c.run_id == P("run")
    marked = events.c.mark.is_not(None)
    row = (
        events.c.storage_id,
        events.c.seq,
        events.c.time,
        events.c.type,
        events.c.level,
        events.c.step_key,
        events.c.attempt,
        events.c.asset_key,
        events.c.partition,
        events.c.body,
    )
    log_id = select(run_logs.c.id).where(of_run).scalar_subquery()
    page = select(*row).where(events.c.log_id == log_id)
    onward = page.where(events.c.seq > P("seq"))
    back = page.where(events.c.seq < P("seq"))
    typed = events.c.type.in_(listed("types"))
    over_runs = (
        select(run_logs.c.run_id, *row)
        .join(run_logs, run_logs.c.id == events.c.log_id)
        .where(events.c.type == P("type"), marked)
    )
    after, before = events.c.storage_id > P("place"), events.c.storage_id < P("place")
    of_asset = events.c.asset_key == P("asset")
    by_id, by_id_down = events.c.storage_id.asc(), events.c.storage_id.desc()
    up, down = events.c.seq.asc(), events.c.seq.desc()
    place = ("run", "seq")
    return {
        "append_fenced": Statement(
            update(run_logs)
            .values(last_seq=more, last_batch=P("batch"))
            .where(of_run, run_logs.c.fence == P("fence"), run_logs.c.last_batch < P("batch"))
            .returning(*opened),
            ("n", "batch", "run", "fence", "batch", "run"),
        ),
        "append_open": Statement(
            update(run_logs).values(last_seq=more).where(of_run).returning(*opened),
            ("n", "run", "run"),
        ),
        "log_state": Statement(
            select(run_logs.c.fence, run_logs.c.last_batch, _status).where(of_run), ("run", "run")
        ),
        "log_add": Statement(
            insert(run_logs).values(run_id=P("run"), last_seq=P("seq")).returning(run_logs.c.id),
            ("run", "seq"),
        ),
        "log_find": Statement(
            select(run_logs.c.id, run_logs.c.last_seq, run_logs.c.fence).where(of_run), ("run",)
        ),
        "log_move_to": Statement(
            update(run_logs).values(last_seq=P("seq")).where(run_logs.c.id == P("log")),
            ("seq", "log"),
        ),
        "log_plan": Statement(
            update(run_logs).values(steps_planned=P("n")).where(run_logs.c.id == P("log")),
            ("n", "log"),
        ),
        "log_fence": Statement(
            update(run_logs).values(fence=P("fence"), last_batch=literal_column("0")).where(of_run),
            ("fence", "run"),
        ),
        "log_count": Statement(
            update(run_logs)
            .values({name: run_logs.c[name] + P(name, number=True) for name in COUNTS})
            .where(run_logs.c.id == P("log")),
            (*COUNTS, "log"),
        ),
        "log_counts": Statement(
            select(
                run_logs.c.id,
                run_logs.c.steps_succeeded,
                run_logs.c.steps_failed,
                run_logs.c.materializations,
            ).where(of_run),
            ("run",),
        ),
        "log_delete": Statement(delete(run_logs).where(run_logs.c.id == P("log")), ("log",)),
        "event_last": Statement(
            select(
                select(func.max(events.c.storage_id)).scalar_subquery(),
                select(counters.c.value)
                .where(counters.c.name == literal_column("'deleted_event'"))
                .scalar_subquery(),
            )
        ),
        "event_add": new_row(events),
        "events_up": Statement(limited(onward.order_by(up)), (*place, "limit")),
        "events_down": Statement(limited(back.order_by(down)), (*place, "limit")),
        "events_up_typed": Statement(
            limited(onward.where(typed).order_by(up)), (*place, "types", "limit")
        ),
        "events_down_typed": Statement(
            limited(back.where(typed).order_by(down)), (*place, "types", "limit")
        ),
        # The same for types that have a mark: an index of their own leads to them.
        "events_up_marked": Statement(
            limited(onward.where(typed, marked).order_by(up)), (*place, "types", "limit")
        ),
        "events_down_marked": Statement(
            limited(back.where(typed, marked).order_by(down)), (*place, "types", "limit")
        ),
        # Over all runs, by storage id.
        "of_type_up": Statement(
            limited(over_runs.where(after).order_by(by_id)), ("type", "place", "limit")
        ),
        "of_type_down": Statement(
            limited(over_runs.where(before).order_by(by_id_down)), ("type", "place", "limit")
        ),
        "of_type_up_asset": Statement(
            limited(over_runs.where(after, of_asset).order_by(by_id)),
            ("type", "place", "asset", "limit"),
        ),
        "of_type_down_asset": Statement(
            limited(over_runs.where(before, of_asset).order_by(by_id_down)),
            ("type", "place", "asset", "limit"),
        ),
        "event_times": Statement(
            select(events.c.type, events.c.time)
            .where(events.c.log_id == P("log"), typed, marked)
            .order_by(up),
            ("log", "types"),
        ),
        "events_delete": Statement(delete(events).where(events.c.log_id == P("log")), ("log",)),
    }
