"""The tree, drawn and redrawn on a terminal; needs rich."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from plugwork.cli.progress.tree import Line, tree_lines
from plugwork.cli.progress.view import RunView

if TYPE_CHECKING:
    from plugwork.clock import Clock
    from plugwork.model import EventLogRecord

_PER_SECOND = 10


class LiveTree:
    """Draws a run at most ten times a second, on a thread of its own."""

    def __init__(self, view: RunView, stream: TextIO, clock: Clock, color: bool) -> None:
        self._view = view
        self._clock = clock
        self._lock = threading.Lock()
        self._console = Console(
            file=stream, no_color=not color, highlight=False, force_terminal=True
        )
        self._live = Live(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=_PER_SECOND,
            # What steps print is captured by the run; it must not be drawn over the tree.
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def start(self) -> None:
        self._live.start()

    def note(self, record: EventLogRecord) -> None:
        with self._lock:
            self._view.note(record)

    def tell(self, text: str) -> None:
        self._console.print(text, markup=False)

    def stop(self) -> None:
        self._live.stop()

    def _draw(self) -> Group:
        width, height = self._console.size
        with self._lock:
            lines = tree_lines(self._view, self._clock.now(), width, height - 1)
        return Group(*map(_text, lines))


def _text(line: Line) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    for piece, style in line:
        text.append(piece, style=style or None)
    return text
