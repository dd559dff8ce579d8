"""``plugwork runs show``: of a failed run, why comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from plugwork.cli.group import Command
from plugwork.cli.output import bold, colored, dim, emit, facts, say, short_id, table
from plugwork.cli.settings import Settings
from plugwork.cli.words import ago, plain_error, status_color, status_word, took

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.model import Run, RunRecord, StepAttempt

#: Attempts that are listed without -v; those that succeeded are left out first.
_LISTED = 20
#: Tags that a line of its own tells of.
_TOLD_ABOVE = frozenset(
    f"plugwork/{name}" for name in ("parent_run_id", "root_run_id", "is_resume_retry")
)


@click.command(cls=Command)
@click.argument("run")
@click.pass_obj
def show(settings: Settings, run: str) -> None:
    """Show RUN: why it failed, then its steps."""
    from plugwork.cli.opening import opened
    from plugwork.cli.run_ids import find_run
    from plugwork.cli.runs.document import run_document

    with opened(settings) as instance:
        record = find_run(instance, run)
        if settings.json:
            emit("run/1", run_document(instance, record))
            return
        _headline(record, instance.clock.now())
        attempts = instance.event_log_storage.get_step_attempts(record.run.run_id)
        show_why(settings, instance, record, attempts)
        _facts(record)
        _attempts(attempts, instance.clock.now(), settings.verbose > 0)


def _headline(record: RunRecord, now: float) -> None:
    run = record.run
    word = status_word(run.status)
    parts = [bold(run.job_name), colored(short_id(run.run_id), "cyan")]
    parts.append(colored(word, status_color(word)))
    if record.start_time is not None:
        end = record.end_time if run.is_finished and record.end_time else now
        parts += [ago(now - record.start_time), f"took {took(end - record.start_time)}"]
    say("  ".join(parts))


def show_why(
    settings: Settings, instance: Instance, record: RunRecord, attempts: Sequence[StepAttempt]
) -> None:
    """Print why a run failed, or waits; nothing for one that is well."""
    from plugwork.cli.failure import failure_lines
    from plugwork.cli.runs.document import failure_of

    failure = record.summary.failure
    if failure is None:
        for line in _why_not_over(instance, record):
            say(line)
        return
    event = instance.event_log_storage.get_record(record.run.run_id, failure.seq)
    error, source = failure_of(event) if event is not None else (None, None)
    lines = failure_lines(
        failure.step_key or record.run.job_name,
        error,
        message=failure.message,
        source=source,
        attempts=sum(each.step_key == failure.step_key for each in attempts),
        full_trace=settings.full_trace,
    )
    for line in lines:
        say(line)
    others = record.summary.steps_failed - 1
    if failure.step_key and others > 0:
        say(dim(f"    and {others} more failed, see below"))


def _why_not_over(instance: Instance, record: RunRecord) -> list[str]:
    from plugwork.cli.pools import waiting_lines
    from plugwork.journal.holder import describe_holder

    run = record.run
    if run.is_finished:
        return []
    leases = {lease.key: lease for lease in instance.storage.get_leases("run")}
    lease = leases.get(run.run_id)
    if lease is None or lease.holder is None:
        return [f"  held by no process; cancel it: plugwork runs cancel {short_id(run.run_id)}"]
    silent = max(instance.clock.now() - lease.renewed_at, 0)
    return [
        f"  held by {describe_holder(lease.holder)}, last sign of life {took(silent)} ago "
        f"(given up after {took(lease.ttl)} of silence)",
        *waiting_lines(instance, run.run_id),
    ]


def _facts(record: RunRecord) -> None:
    run, summary = record.run, record.summary
    counts = {
        "ok": summary.steps_succeeded,
        "failed": summary.steps_failed,
        "skipped": summary.steps_skipped,
        "retried": summary.steps_retried,
    }
    told = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    planned = f" of {summary.steps_planned} planned" if summary.steps_planned is not None else ""
    pairs = [("id", run.run_id), ("steps", f"{told or 'none ended'}{planned}")]
    if summary.reason is not None:
        pairs.append(("reason", summary.reason.value.replace("_", " ").lower()))
    if run.parent_run_id is not None:
        pairs.append(("again", _again(run)))
    if run.job_code_origin is not None:
        pairs.append(("code", run.job_code_origin.code.describe()))
    tags = {key: value for key, value in run.tags.items() if key not in _TOLD_ABOVE}
    if tags:
        pairs.append(("tags", " ".join(f"{key}={value}" for key, value in tags.items())))
    say()
    facts(pairs, "  ")


def _again(run: Run) -> str:
    """Tell which run this one does again, and which was the first of all."""
    what = "from the failure of " if run.is_resume_retry else ""
    parent, root = short_id(run.parent_run_id or ""), short_id(run.root_run_id or "")
    return f"{what}{parent}" + (f", first run {root}" if root != parent else "")


def _attempts(attempts: Sequence[StepAttempt], now: float, every: bool) -> None:
    shown = list(attempts)
    if len(shown) > _LISTED and not every:
        shown = [each for each in shown if each.status.value != "SUCCESS"][:_LISTED]
    if shown:
        say()
        table(["STEP", "ATTEMPT", "STATUS", "TOOK", "ERROR"], [_row(each, now) for each in shown])
    if len(shown) < len(attempts):
        say(dim(f"and {len(attempts) - len(shown)} more attempts; all of them: -v"))


def _row(attempt: StepAttempt, now: float) -> list[str]:
    word = status_word(attempt.status)
    ended = attempt.ended if attempt.ended is not None else now
    return [
        attempt.step_key,
        str(attempt.attempt),
        colored(word, status_color(word)),
        took(ended - attempt.started) if attempt.started is not None else "-",
        plain_error(attempt.error or ""),
    ]
