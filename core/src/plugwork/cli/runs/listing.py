"""``plugwork runs list``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plugwork.cli.group import Command
from plugwork.cli.output import colored, emit, note, say, short_id, table
from plugwork.cli.settings import Settings
from plugwork.cli.words import ago, plain_error, status_color, status_word, took

if TYPE_CHECKING:
    from plugwork.model import RunRecord, RunsFilter

_STATUSES = {
    "queued": "QUEUED",
    "starting": "STARTING",
    "running": "STARTED",
    "success": "SUCCESS",
    "failed": "FAILURE",
    "canceling": "CANCELING",
    "canceled": "CANCELED",
}


@click.command("list", cls=Command)
@click.option("--job", metavar="NAME", help="Only runs of this job.")
@click.option(
    "--status", "statuses", type=click.Choice(list(_STATUSES)), multiple=True, help="Only these."
)
@click.option("--tag", "tags", metavar="KEY=VALUE", multiple=True, help="Only runs with this tag.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1))
@click.option("--after", "cursor", metavar="RUN", help="Go on below this run.")
@click.pass_obj
def list_runs(
    settings: Settings,
    job: str | None,
    statuses: tuple[str, ...],
    tags: tuple[str, ...],
    limit: int,
    cursor: str | None,
) -> None:
    """List runs, newest first."""
    from plugwork.cli.names import remember_runs
    from plugwork.cli.opening import opened
    from plugwork.cli.run_ids import find_run
    from plugwork.cli.runs.document import run_summary

    with opened(settings) as instance:
        filters = _filter(job, statuses, tags)
        below = find_run(instance, cursor).cursor if cursor else None
        records = list(instance.get_run_records(filters, limit=limit + 1, cursor=below))
        has_more, records = len(records) > limit, records[:limit]
        now = instance.clock.now()
    remember_runs((each.run.run_id, each.run.job_name) for each in records)
    if settings.json:
        emit("runs/1", {"runs": [run_summary(each) for each in records], "has_more": has_more})
        return
    if not records:
        say("no runs" if filters else "no runs yet; start one: plugwork run FILE.py")
        return
    table(
        ["RUN", "JOB", "STATUS", "STARTED", "TOOK", "STEPS", "NOTE"],
        [_row(each, now) for each in records],
    )
    if has_more:
        last = short_id(records[-1].run.run_id)
        note(settings, f"older ones: plugwork runs list --after {last}")


def _filter(job: str | None, statuses: tuple[str, ...], tags: tuple[str, ...]) -> RunsFilter | None:
    from plugwork.cli.target import read_tags
    from plugwork.model import RunsFilter, RunStatus

    if not (job or statuses or tags):
        return None
    chosen: Any = tuple(RunStatus(_STATUSES[each]) for each in statuses) or None
    return RunsFilter(job_name=job, statuses=chosen, tags=read_tags(tags) or None)


def _row(record: RunRecord, now: float) -> list[str]:
    run, summary = record.run, record.summary
    word = status_word(run.status)
    done = summary.steps_succeeded + summary.steps_failed + summary.steps_skipped
    planned = summary.steps_planned
    started = record.start_time
    end = record.end_time if run.is_finished else now
    return [
        short_id(run.run_id),
        run.job_name,
        colored(word, status_color(word)),
        ago(now - started) if started is not None else "-",
        took(end - started) if started is not None and end is not None else "-",
        f"{done}/{planned}" if planned is not None else str(done),
        _note(record),
    ]


def _note(record: RunRecord) -> str:
    failure = record.summary.failure
    if failure is None or not record.run.is_failure_or_canceled:
        return ""
    where = f"{failure.step_key}: " if failure.step_key else ""
    return where + plain_error(failure.message)
