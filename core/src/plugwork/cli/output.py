"""What goes to standard output, and what to standard error."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from plugwork.cli.settings import Settings

#: Characters of a run id in tables and messages.
SHORT = 8


def say(text: str = "") -> None:
    """Print a line of the result."""
    click.echo(text)


def note(settings: Settings, text: str) -> None:
    """Print a remark to standard error, unless --quiet."""
    if not settings.quiet:
        click.echo(text, err=True)


def emit(schema: str, body: Mapping[str, Any]) -> None:
    """Print the result as one JSON document.

    :param schema: name and number: ``"run/1"``. Within a number, fields are only added.
    """
    document = {"schema": f"plugwork.{schema}", **body}
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def short_id(run_id: str) -> str:
    """Return the part of a run id that people type."""
    return run_id[:SHORT]


def bold(text: str) -> str:
    return click.style(text, bold=True)


def dim(text: str) -> str:
    return click.style(text, dim=True)


def colored(text: str, color: str | None) -> str:
    return click.style(text, fg=color) if color else text


def one_line(text: str) -> str:
    """Return a text with its line breaks and runs of blanks made single blanks."""
    return " ".join(text.split())


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns; on a terminal the last column is cut to the width."""
    lines = [list(headers), *([*row] for row in rows)]
    widths = [max(len(click.unstyle(line[n])) for line in lines) for n in range(len(headers))]
    room = _room(sum(widths[:-1]) + 2 * (len(widths) - 1))
    for number, line in enumerate(lines):
        cells = [_padded(cell, width) for cell, width in zip(line[:-1], widths, strict=False)]
        text = "  ".join([*cells, _cut(line[-1], room)]).rstrip()
        say(text if number else bold(text))


def facts(pairs: Sequence[tuple[str, str]], indent: str = "") -> None:
    """Print names and values in two columns."""
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        say(f"{indent}{dim(name.ljust(width))}  {value}".rstrip())


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - len(click.unstyle(cell)))


def _room(taken: int) -> int | None:
    if not sys.stdout.isatty():
        return None
    return max(shutil.get_terminal_size().columns - taken, 12)


def _cut(cell: str, room: int | None) -> str:
    plain = click.unstyle(cell)
    return cell if room is None or len(plain) <= room else f"{plain[: room - 3]}..."
