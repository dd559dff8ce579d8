"""Pieces of HTML that the sections share; every text given here is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """Write a table; numbers are aligned to the right, their columns' heads too.

    :param caption: what the table shows, for those who do not see what is around it.
    """
    lines = [list(row) for row in rows]
    numeric = [bool(lines) and isinstance(cell, int) for cell in (lines[0] if lines else head)]
    heads = "".join(
        _cell("th", name, n, ' scope="col"') for name, n in zip(head, numeric, strict=True)
    )
    body = "".join(f"<tr>{_cells(line)}</tr>" for line in lines)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def details(summary: str, content: str) -> str:
    """Fold content away under a line."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def section(anchor: str, title: str, lead: str, *content: str) -> str:
    """Write a section with its heading and one explaining sentence."""
    return (
        f'<section id="{anchor}" aria-labelledby="{anchor}-title">'
        f'<h2 id="{anchor}-title">{escape(title)}</h2><p class="lead">{escape(lead)}</p>'
        f"{''.join(content)}</section>"
    )


def _cells(line: Sequence[str | int]) -> str:
    first, *rest = line
    head = _cell("th", first, isinstance(first, int), ' scope="row"')
    return head + "".join(_cell("td", cell, isinstance(cell, int)) for cell in rest)


def _cell(tag: str, value: str | int, numeric: bool, more: str = "") -> str:
    text = f"{value:,}" if isinstance(value, int) else escape(value)
    style = ' class="number"' if numeric else ""
    return f"<{tag}{style}{more}>{text}</{tag}>"
