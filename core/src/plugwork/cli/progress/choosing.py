"""Which kind of progress is shown."""

from __future__ import annotations

import enum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, TextIO

import click

from plugwork.cli.progress.view import RunView
from plugwork.cli.settings import Settings
from plugwork.cli.terminal import Terminal

if TYPE_CHECKING:
    from plugwork.clock import Clock
    from plugwork.model import EventLogRecord


class Mode(enum.StrEnum):
    """What ``--progress`` takes."""

    TREE = "tree"
    LINES = "lines"
    JSON = "json"
    NONE = "none"


class Progress(Protocol):
    """Shows a run while it goes."""

    def start(self) -> None:
        """Begin, before the first event."""

    def note(self, record: EventLogRecord) -> None:
        """Show one event; called by one thread at a time."""

    def tell(self, text: str) -> None:
        """Show a remark of the command itself; from any thread, at any time."""

    def stop(self) -> None:
        """End, after the last event."""


class Silent:
    """Keeps the view up to date, and shows only what the command itself has to say."""

    def __init__(self, view: RunView, stream: TextIO) -> None:
        self._view = view
        self._stream = stream

    def start(self) -> None:
        """Nothing is shown."""

    def note(self, record: EventLogRecord) -> None:
        self._view.note(record)

    def tell(self, text: str) -> None:
        click.echo(text, file=self._stream)

    def stop(self) -> None:
        """Nothing was shown."""


def choose_mode(wanted: str | None, settings: Settings, terminal: Terminal) -> Mode:
    """Return how progress is shown: as asked for; else a tree where one can be drawn.

    :param wanted: what ``--progress`` gave.
    """
    can_draw = terminal.err.isatty() and find_spec("rich") is not None
    if wanted is not None:
        mode = Mode(wanted)
        return Mode.LINES if mode is Mode.TREE and not can_draw else mode
    if settings.quiet or settings.json:
        return Mode.NONE
    return Mode.TREE if can_draw and terminal.is_calm else Mode.LINES


def make_progress(
    mode: Mode, view: RunView, terminal: Terminal, settings: Settings, clock: Clock
) -> Progress:
    """Make what shows a run in this mode."""
    if mode is Mode.TREE:
        from plugwork.cli.progress.live import LiveTree

        ctx = click.get_current_context(silent=True)
        return LiveTree(view, terminal.err, clock, color=ctx is None or ctx.color is not False)
    if mode is Mode.LINES:
        from plugwork.cli.progress.lines import Lines

        return Lines(view, terminal.err, settings.verbose > 0)
    if mode is Mode.JSON:
        from plugwork.cli.progress.json_lines import JsonLines

        return JsonLines(view, terminal.out, terminal.err)
    return Silent(view, terminal.err)
