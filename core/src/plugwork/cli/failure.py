"""A failure as it is shown: what, in which line of the user's, after how many attempts, why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from plugwork.cli.frames import Frame, frame_of, source_block
from plugwork.cli.words import plain_error

if TYPE_CHECKING:
    from plugwork.model import SerializableErrorInfo

_LABELS = {
    "USER_CODE_ERROR": "step-error",
    "FRAMEWORK_ERROR": "framework-error",
    "UNEXPECTED_ERROR": "unexpected-error",
    "INTERRUPT": "interrupted",
}
_OP = re.compile(r'op "([^"]+)"')
#: Causes that are shown; the rest is in the log.
_CAUSES = 3


def error_text(error: SerializableErrorInfo) -> str:
    """Return class and message on one line: ``ValueError: bad day``."""
    return plain_error(error.message)


def label_of(source: str | None, error: SerializableErrorInfo | None) -> str:
    """Return the word in brackets: whose mistake it was."""
    if error is not None and error.unwrapped().cls_name == "WorkerLostError":
        return "worker-lost"
    return _LABELS.get(source or "", "run-error")


def failure_lines(
    name: str,
    error: SerializableErrorInfo | None,
    *,
    message: str = "",
    source: str | None = None,
    attempts: int = 0,
    op: str | None = None,
    full_trace: bool = False,
) -> Iterator[str]:
    """Yield the lines of one failure.

    :param name: the step's key, or the job's name when the run itself failed.
    :param message: shown where there is no error.
    """
    root = error.unwrapped() if error is not None else None
    told = error_text(root) if root is not None else message
    mark = click.style("x", fg="red", bold=True)
    label = click.style(f"[{label_of(source, error)}]", dim=True)
    yield f"{mark} {click.style(name, bold=True)}  {click.style(told, fg='red')}  {label}"
    if error is None or root is None:
        return
    yield from _frame_lines(frame_of(root))
    facts = [f"attempts: {attempts}"] if attempts > 1 else []
    op = op or _op_of(error)
    facts += [f"op: {op}"] if op and op != name.partition("[")[0].rpartition(".")[2] else []
    if facts:
        yield f"    {'    '.join(facts)}"
    yield from _causes(root)
    if full_trace:
        yield from ("    " + line for line in error.to_string().rstrip().splitlines())


def _frame_lines(frame: Frame | None) -> Iterator[str]:
    if frame is None:
        return
    where = "" if frame.function == "<module>" else f"  in {frame.function}"
    yield f"    {click.style(frame.place(), fg='cyan')}{where}"
    for line in source_block(frame):
        yield f"  {click.style(line, bold=True) if line.startswith('>') else line}"


def _causes(error: SerializableErrorInfo) -> Iterator[str]:
    for n, cause in enumerate(list(error.chain())[1:]):
        if n == _CAUSES:
            yield "    ... (all causes: --full-trace)"
            return
        frame = frame_of(cause)
        place = f"  {frame.place()} in {frame.function}" if frame else ""
        yield f"    cause: {error_text(cause)}{click.style(place, dim=True)}"


def _op_of(error: SerializableErrorInfo) -> str | None:
    found = _OP.search(error.message)
    return found[1] if found else None
