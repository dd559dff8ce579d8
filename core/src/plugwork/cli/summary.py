"""The end of a run, for people: failures, counts, and the commands that follow."""

from __future__ import annotations

from collections.abc import Iterator

import click

from plugwork.cli.failure import failure_lines
from plugwork.cli.output import dim, short_id
from plugwork.cli.progress.steps import StepState, StepView
from plugwork.cli.progress.view import RunView
from plugwork.cli.settings import Settings
from plugwork.cli.words import took
from plugwork.model import RunStatus

#: Failures that are shown whole, and steps that are named as not run.
_FAILURES = 2
_NAMED = 6


def summary_lines(view: RunView, following: tuple[str, str], settings: Settings) -> Iterator[str]:
    """Yield what is printed when a run has ended.

    :param following: what the last line's command does, and the command; empty when nobody knows
        it.
    """
    failed = view.in_state(StepState.FAILED)
    for step in failed[:_FAILURES]:
        yield from step_failure_lines(step, settings)
        yield ""
    if len(failed) > _FAILURES:
        names = ", ".join(step.key for step in failed[_FAILURES:][:_NAMED])
        yield f"  and {len(failed) - _FAILURES} more failed: {names}"
    if not failed and view.status is RunStatus.FAILURE:
        yield from failure_lines(
            view.job_name, view.error, message=view.message, full_trace=settings.full_trace
        )
        yield ""
    yield _counts(view)
    yield from _not_run(view.in_state(StepState.NOT_RUN), view)
    if view.status is not RunStatus.SUCCESS:
        yield from _commands(view, failed, *following)


def step_failure_lines(step: StepView, settings: Settings) -> Iterator[str]:
    """Yield the lines of a failed step."""
    return failure_lines(
        step.key,
        step.error,
        message=step.message,
        source=step.source,
        attempts=step.attempts,
        op=step.op,
        full_trace=settings.full_trace,
    )


def _not_run(steps: list[StepView], view: RunView) -> Iterator[str]:
    if not steps:
        return
    names = ", ".join(step.key for step in steps[:_NAMED])
    more = f" and {len(steps) - _NAMED} more" if len(steps) > _NAMED else ""
    blamed = {view.first_failure_before(step) for step in steps}
    why = f" (needs {blamed.pop()})" if len(blamed) == 1 and None not in blamed else ""
    yield f"  {dim('not run')} {names}{more}{dim(why)}"


def _counts(view: RunView) -> str:
    words = {
        StepState.OK: "ok",
        StepState.FAILED: "failed",
        StepState.SKIPPED: "skipped",
        StepState.NOT_RUN: "not run",
    }
    parts = [f"{view.counts[state]} {word}" for state, word in words.items() if view.counts[state]]
    parts += [f"{view.retries} retried"] if view.retries else []
    spent = took((view.ended or 0) - (view.started or view.ended or 0))
    outcome = {
        RunStatus.SUCCESS: click.style("success", fg="green", bold=True),
        RunStatus.FAILURE: click.style("failed", fg="red", bold=True),
        RunStatus.CANCELED: click.style("canceled", fg="magenta", bold=True),
    }.get(view.status, view.status.value.lower())
    told = ", ".join(parts) or "no step ran"
    return f"{outcome}: {told} in {spent}  {dim(f'run {short_id(view.run_id)}')}"


def _commands(view: RunView, failed: list[StepView], does: str, command: str) -> Iterator[str]:
    step = f" {failed[0].key}" if len(failed) == 1 else ""
    run_id = short_id(view.run_id)
    yield f"  {dim('why')}     plugwork runs show {run_id}"
    yield f"  {dim('logs')}    plugwork runs logs {run_id}{step}"
    if command:
        yield f"  {dim(does)}   {command}"
