"""The figures as a Markdown table, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import Figure

_HEAD = ("what", "unit", "plugwork", "Dagster", "times better", "floor", "budget", "")


def table(figures: Iterable[Figure]) -> str:
    """Return a table: medians, with the least and the most in brackets."""
    rows = [_HEAD, *(_row(figure) for figure in figures)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    lines = [_line(row, widths) for row in rows]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def write_json(folder: Path, facts: Mapping[str, Any], figures: Iterable[Figure]) -> Path:
    """Write the whole result, and return its file."""
    folder.mkdir(exist_ok=True)
    stamp = str(facts["date"]).replace(":", "")
    file = folder / f"{stamp}.json"
    result = {"facts": facts, "figures": [figure.as_json() for figure in figures]}
    file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return file


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.what,
        figure.unit,
        _samples(figure.plugwork),
        _samples(figure.dagster),
        "" if figure.ratio is None else f"{_number(figure.ratio)}x",
        _samples(figure.floor),
        _limit(figure),
        figure.verdict,
    )


def _limit(figure: Figure) -> str:
    if figure.limit is None or figure.budget is None:
        return ""
    return f"{'at least ' if figure.budget.at_least else ''}{_number(figure.limit)}"


def _samples(samples: Sequence[float]) -> str:
    if not samples:
        return ""
    middle = _number(median(samples))
    if len(samples) == 1:
        return middle
    return f"{middle} ({_number(min(samples))}–{_number(max(samples))})"


def _number(value: float) -> str:
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 1 else f"{value:.3f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "| " + " | ".join(cells) + " |"
