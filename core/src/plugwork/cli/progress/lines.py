"""Progress as plain lines: ``[3 of 5] orders ok, 0.3s``."""

from __future__ import annotations

import logging
from typing import TextIO

import click

from plugwork.cli.failure import error_text
from plugwork.cli.output import short_id
from plugwork.cli.progress.steps import StepState, StepView
from plugwork.cli.progress.view import RunView
from plugwork.cli.words import counted, took
from plugwork.model import EventLogRecord

#: Beyond so many steps, good news is told every hundredth part only.
_MANY = 100
_WORDS = {
    StepState.OK: ("ok", "green"),
    StepState.FAILED: ("failed", "red"),
    StepState.SKIPPED: ("skipped", None),
    StepState.RETRYING: ("failed, next attempt follows", "yellow"),
}


class Lines:
    """Writes a line when a step ends; warnings of the user's code in between.

    :param verbose: also write when a step starts, and every line that the code logs.
    """

    def __init__(self, view: RunView, stream: TextIO, verbose: bool) -> None:
        self._view = view
        self._stream = stream
        self._level = logging.DEBUG if verbose else logging.WARNING
        self._verbose = verbose
        self._told = 0

    def start(self) -> None:
        view = self._view
        steps = f", {counted(view.total, 'step')}" if view.total else ""
        self._write(f"run {short_id(view.run_id)} of {view.job_name}{steps}")

    def note(self, record: EventLogRecord) -> None:
        before = self._view.engine
        step = self._view.note(record)
        if step is not None:
            self._step(step)
        elif self._view.engine != before:
            self._write(click.style(self._view.engine, dim=True))
        elif record.event_type is None:
            self._logged(record)

    def tell(self, text: str) -> None:
        self._write(text)

    def stop(self) -> None:
        """Nothing is left to draw."""

    def _step(self, step: StepView) -> None:
        if step.state is StepState.RUNNING and self._verbose:
            self._write(f"{self._count()} {step.key} starts")
        if step.state not in _WORDS or (step.state is StepState.OK and not self._is_due()):
            return
        word, color = _WORDS[step.state]
        parts = [f"{step.key} {click.style(word, fg=color)}"]
        if step.state is StepState.FAILED and step.attempts > 1:
            parts[0] += f" after {step.attempts} attempts"
        if step.started is not None and step.ended is not None:
            parts.append(took(step.ended - step.started))
        text = ", ".join(parts)
        if step.error is not None and step.state in (StepState.FAILED, StepState.RETRYING):
            text += f": {error_text(step.error.unwrapped())}"
        self._write(f"{self._count()} {text}")

    def _count(self) -> str:
        total = max(self._view.total, self._view.done)
        return f"[{self._view.done:>{len(str(total))}} of {total}]"

    def _is_due(self) -> bool:
        view = self._view
        due = view.total <= _MANY or view.done - self._told >= view.total / 100
        if due or view.done == view.total:
            self._told = view.done
            return True
        return False

    def _logged(self, record: EventLogRecord) -> None:
        entry = record.event_log_entry
        step = self._view.steps.get(entry.step_key or "")
        never_began = bool(entry.step_key) and (step is None or step.attempts == 0)
        if entry.level < self._level or never_began:
            return  # the scheduler's own words on a step that it left out are told at the end
        level = logging.getLevelName(entry.level).lower()
        where = f"{entry.step_key}: " if entry.step_key else ""
        self._write(f"{level} {where}{entry.user_message.rstrip()}")

    def _write(self, text: str) -> None:
        click.echo(text, file=self._stream)
