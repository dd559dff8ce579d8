"""One measured thing: the samples of each side, and the budget they are held against."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import attrs


@attrs.frozen
class Budget:
    """A bound that the median should keep.

    :param of_floor: the limit is a multiple of the floor's median.
    """

    limit: float
    at_least: bool = False
    of_floor: bool = False


@attrs.frozen(kw_only=True)
class Figure:
    """A row of the result.

    :param floor: what the machine allows, where that can be measured.
    :param more_is_better: a rate, not a cost.
    """

    section: str
    what: str
    unit: str
    plugwork: Sequence[float]
    dagster: Sequence[float] = ()
    floor: Sequence[float] = ()
    budget: Budget | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times better than the reference."""
        if not self.dagster or not self.plugwork:
            return None
        ours, theirs = median(self.plugwork), median(self.dagster)
        better, worse = (ours, theirs) if self.more_is_better else (theirs, ours)
        return better / worse if min(better, worse) > 0 else None

    @property
    def limit(self) -> float | None:
        """The budget as a value of this figure's unit."""
        if self.budget is None or (self.budget.of_floor and not self.floor):
            return None
        return self.budget.limit * (median(self.floor) if self.budget.of_floor else 1)

    @property
    def verdict(self) -> str:
        """``ok``, ``over``, or nothing without a budget."""
        if self.limit is None or self.budget is None:
            return ""
        value = median(self.plugwork)
        kept = value >= self.limit if self.budget.at_least else value <= self.limit
        return "ok" if kept else "over"

    def as_json(self) -> dict[str, Any]:
        return {
            "section": self.section,
            "what": self.what,
            "unit": self.unit,
            "plugwork": summary(self.plugwork),
            "dagster": summary(self.dagster),
            "floor": summary(self.floor),
            "ratio": self.ratio,
            "budget": self.limit,
            "verdict": self.verdict,
        }


def summary(samples: Sequence[float]) -> dict[str, Any] | None:
    """Return median, extremes and samples; None without samples."""
    if not samples:
        return None
    return {
        "median": median(samples),
        "min": min(samples),
        "max": max(samples),
        "samples": list(samples),
    }
