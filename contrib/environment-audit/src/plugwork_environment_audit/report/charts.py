"""Bar charts, drawn as SVG with widths in percent: they fit any column and leave text alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import attrs

ROW = 42
BAR_TOP = 20
BAR = 11
#: Narrower than this, in percent, a part could not be seen.
VISIBLE = 0.35


@attrs.frozen
class Part:
    """One coloured piece of a bar."""

    #: Name of the style class that gives the colour.
    style: str
    value: int
    #: Shown on hover.
    title: str


@attrs.frozen
class Bar:
    """One line of a bar chart."""

    label: str
    #: Written at the right end.
    note: str
    parts: tuple[Part, ...]

    @property
    def value(self) -> int:
        """Sum of the parts."""
        return sum(part.value for part in self.parts)


def bar_chart(bars: Sequence[Bar], title: str) -> str:
    """Draw bars below each other, the longest over the whole width.

    :param title: what the chart shows, for those who do not see it.
    """
    longest = max((bar.value for bar in bars), default=0) or 1
    rows = "".join(_row(bar, index * ROW, longest) for index, bar in enumerate(bars))
    return _svg(rows, len(bars) * ROW, title)


def split_bar(parts: Iterable[Part], title: str) -> str:
    """Draw one bar over the whole width, split into parts."""
    shown = [part for part in parts if part.value]
    total = sum(part.value for part in shown) or 1
    return _svg(_parts(shown, 0, 22, total), 22, title)


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """Explain colours: pairs of a style class and a text."""
    items = "".join(
        f'<li><svg class="key" aria-hidden="true"><rect class="{style}" width="12" height="12" '
        f'rx="3"/></svg>{escape(text)}</li>'
        for style, text in entries
    )
    return f'<ul class="legend">{items}</ul>'


def _row(bar: Bar, top: int, longest: int) -> str:
    return (
        f'<text class="label" x="0" y="{top + 14}">{escape(bar.label)}</text>'
        f'<text class="note" x="100%" y="{top + 14}">{escape(bar.note)}</text>'
        f'<rect class="track" x="0" y="{top + BAR_TOP}" width="100%" height="{BAR}" rx="3"/>'
        f"{_parts(bar.parts, top + BAR_TOP, BAR, longest)}"
    )


def _parts(parts: Iterable[Part], top: int, height: int, whole: int) -> str:
    drawn, start = [], 0.0
    for part in parts:
        width = max(100 * part.value / whole, VISIBLE) if part.value else 0.0
        width = min(width, 100 - start)
        drawn.append(
            f'<rect class="{part.style}" x="{start:.3f}%" y="{top}" width="{width:.3f}%" '
            f'height="{height}" rx="2"><title>{escape(part.title)}</title></rect>'
        )
        start += width
    return "".join(drawn)


def _svg(content: str, height: int, title: str) -> str:
    return (
        f'<svg class="chart" role="img" width="100%" height="{height}" '
        f'aria-label="{escape(title)}">{content}</svg>'
    )
