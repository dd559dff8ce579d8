"""``plugwork explain``: an error code, or why a run or a step is as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from plugwork.cli.group import Command
from plugwork.cli.output import bold, emit, say, short_id
from plugwork.cli.settings import Settings
from plugwork.cli.words import took

if TYPE_CHECKING:
    from plugwork.cli.progress.steps import StepView
    from plugwork.instance import Instance
    from plugwork.model import RunRecord

_CODE = re.compile(r"(pw-)?[a-z]+-\d+", re.IGNORECASE)


@click.command(cls=Command)
@click.argument("what", metavar="CODE|RUN[/STEP]")
@click.pass_obj
def explain(settings: Settings, what: str) -> None:
    """Tell what an error code means, or why a run, or a step of one, is as it is."""
    if _CODE.fullmatch(what):
        _code(settings, what.upper())
    else:
        run, _, step = what.partition("/")
        _run(settings, run, step)


def _code(settings: Settings, name: str) -> None:
    import difflib

    from plugwork.errors import CODES, CommandLineError

    name = name if name.startswith("PW-") else f"PW-{name}"
    code = CODES.get(name)
    if code is None:
        close = difflib.get_close_matches(name, CODES, n=3)
        better = f"; did you mean {', '.join(close)}?" if close else ""
        raise CommandLineError(f'there is no error code "{name}"{better}')
    if settings.json:
        emit("code/1", {"code": name, "summary": code.summary, "cure": code.cure})
        return
    say(f"{bold(name)}  {code.summary}")
    say(f"  {code.cure}")


def _run(settings: Settings, run: str, step: str) -> None:
    from plugwork.cli.opening import opened
    from plugwork.cli.run_ids import find_run
    from plugwork.cli.runs.document import run_document
    from plugwork.cli.runs.show import show_why

    with opened(settings) as instance:
        record = find_run(instance, run)
        if settings.json:
            emit("run/1", run_document(instance, record))
            return
        if step:
            _step(settings, instance, record, step)
            return
        attempts = instance.event_log_storage.get_step_attempts(record.run.run_id)
        say(_sentence(record))
        show_why(settings, instance, record, attempts)


def _sentence(record: RunRecord) -> str:
    from plugwork.model import RunStatus

    run, summary = record.run, record.summary
    name = f"run {short_id(run.run_id)} of {run.job_name}"
    if run.status is RunStatus.SUCCESS:
        return f"{name} succeeded: {summary.steps_succeeded} steps ok"
    if run.status is RunStatus.CANCELED:
        return f"{name} was canceled"
    if run.status is RunStatus.FAILURE:
        reason = summary.reason.value.replace("_", " ").lower() if summary.reason else "unknown"
        return f"{name} failed: {reason}"
    return f"{name} is {run.status.value.replace('_', ' ').lower()}"


def _step(settings: Settings, instance: Instance, record: RunRecord, key: str) -> None:
    from plugwork.cli.pools import waiting_lines
    from plugwork.cli.progress.steps import StepState
    from plugwork.cli.progress.view import view_of
    from plugwork.cli.summary import step_failure_lines
    from plugwork.errors import ExecutionStepNotFoundError

    view = view_of(instance, record.run)
    for each in instance.get_records_for_run(record.run.run_id).records:
        view.note(each)
    step = view.steps.get(key)
    if step is None:
        names = ", ".join(list(view.steps)[:10])
        raise ExecutionStepNotFoundError(
            f'run {short_id(view.run_id)} has no step "{key}" (it has: {names})', step_keys=[key]
        )
    if step.state is StepState.FAILED:
        for line in step_failure_lines(step, settings):
            say(line)
        return
    blamed = view.first_failure_before(step)
    spent = took(step.seconds(instance.clock.now()))
    words: dict[StepState, str] = {
        StepState.OK: f"succeeded in {spent}, attempts: {step.attempts}",
        StepState.NOT_RUN: f"did not run: it needs {blamed}, which failed"
        if blamed
        else "did not run: the run ended before",
        StepState.SKIPPED: "was skipped: an output that it needs was not given",
        StepState.RUNNING: f"has been running for {spent}, attempt {step.attempts}",
        StepState.RETRYING: f"waits for attempt {step.attempts + 1}",
        StepState.WAITING: f"waits for {_upstream(step)}",
    }
    say(f"step {key} {words[step.state]}")
    if step.state is StepState.WAITING:
        for line in waiting_lines(instance, record.run.run_id, key):
            say(line)


def _upstream(step: StepView) -> str:
    return ", ".join(step.upstream) or "its turn"
