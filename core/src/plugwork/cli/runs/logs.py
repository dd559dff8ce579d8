"""``plugwork runs logs``: what steps printed, and what they logged."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from plugwork.cli.group import Command
from plugwork.cli.output import bold, dim, emit, say, short_id
from plugwork.cli.settings import Settings
from plugwork.cli.words import status_word

if TYPE_CHECKING:
    from plugwork.cli.runs.captured import Captures
    from plugwork.instance import Instance
    from plugwork.model import EventLogEntry, StepAttempt


@click.command(cls=Command)
@click.argument("run")
@click.argument("step", required=False)
@click.option("--attempt", type=click.IntRange(min=1), help="Only this attempt of the step.")
@click.pass_obj
def logs(settings: Settings, run: str, step: str | None, attempt: int | None) -> None:
    """Print what the steps of RUN, or its STEP, printed and logged."""
    from plugwork.cli.opening import opened
    from plugwork.cli.run_ids import find_run
    from plugwork.cli.runs.captured import Captures

    with opened(settings) as instance:
        run_id = find_run(instance, run).run.run_id
        attempts = list(_attempts(instance, run_id, step, attempt))
        lines = _logged(instance, run_id, step, attempt)
        every = instance.event_log_storage.get_step_attempts(run_id)
        captures = Captures(instance, run_id, every)
        told = [_document(captures, each, lines) for each in attempts]
        unclaimed = captures.unclaimed() if step is None else []
    rest = [_line(each) for each in lines if each.attempt is None and step is None]
    if settings.json:
        last = [each._asdict() for each in unclaimed]
        emit("logs/1", {"run": run_id, "attempts": told, "lines": rest, "unclaimed": last})
        return
    shown = [each for each in told if each["stdout"] or each["stderr"] or each["lines"]]
    for each in shown:
        _print(each, len(attempts) > 1)
    for printed in unclaimed:
        _print_streams(printed.stdout, printed.stderr)
    for line in rest:
        say(_words(line))
    if not shown and not rest and not unclaimed:
        where = f" of {step}" if step else ""
        say(dim(f"nothing was printed or logged by run {short_id(run_id)}{where}"))


def _attempts(
    instance: Instance, run_id: str, step: str | None, number: int | None
) -> Iterator[StepAttempt]:
    from plugwork.errors import ExecutionStepNotFoundError

    found = instance.event_log_storage.get_step_attempts(run_id, [step] if step else None)
    if step and not found:
        known = instance.event_log_storage.get_step_attempts(run_id)
        names = ", ".join(dict.fromkeys(each.step_key for each in known)) or "none"
        raise ExecutionStepNotFoundError(
            f'run {short_id(run_id)} has run no step "{step}" (it has: {names})', step_keys=[step]
        )
    yield from (each for each in found if number in (None, each.attempt))


def _logged(
    instance: Instance, run_id: str, step: str | None, attempt: int | None
) -> list[EventLogEntry]:
    """Return the log lines, without the events."""
    return [
        entry
        for entry in instance.all_logs(run_id)
        if entry.event is None
        and step in (None, entry.step_key)
        and attempt in (None, entry.attempt)
    ]


def _document(
    captures: Captures, attempt: StepAttempt, lines: Sequence[EventLogEntry]
) -> dict[str, Any]:
    stdout, stderr = captures.of(attempt)
    own = (attempt.step_key, attempt.attempt)
    return {
        "step": attempt.step_key,
        "attempt": attempt.attempt,
        "status": attempt.status.value,
        "stdout": stdout,
        "stderr": stderr,
        "lines": [_line(each) for each in lines if (each.step_key, each.attempt) == own],
    }


def _line(entry: EventLogEntry) -> dict[str, Any]:
    return {
        "time": entry.timestamp,
        "level": logging.getLevelName(entry.level),
        "step": entry.step_key,
        "message": entry.user_message,
    }


def _words(line: dict[str, Any]) -> str:
    where = f"{line['step']}: " if line["step"] else ""
    return f"{line['level'].lower()} {where}{line['message'].rstrip()}"


def _print(told: dict[str, Any], titled: bool) -> None:
    if titled:
        again = f" attempt {told['attempt']}" if told["attempt"] > 1 else ""
        say(f"{bold(told['step'] + again)}  {dim(status_word(told['status']))}")
    _print_streams(told["stdout"], told["stderr"])
    if told["lines"]:
        say(dim("-- log"))
        for line in told["lines"]:
            say(f"{line['level'].lower()} {line['message'].rstrip()}")


def _print_streams(stdout: str, stderr: str) -> None:
    if stdout:
        say(stdout.removesuffix("\n"))
    if stderr:
        say(dim("-- stderr"))
        say(stderr.removesuffix("\n"))
