"""Read sales from a CSV file, check each day on its own, and write a report."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from plugwork import Config, DynamicOut, DynamicOutput, RetryPolicy, job, op

HERE = Path(__file__).parent
Row = dict[str, str]


class Source(Config):
    path: str = str(HERE / "sales.csv")


class Report(Config):
    path: str = str(HERE / "report.txt")


@op(out=DynamicOut(), retry_policy=RetryPolicy(max_retries=2, delay=1))
def days(config: Source) -> Iterator[DynamicOutput[list[Row]]]:
    """Give the rows of each day."""
    by_day: dict[str, list[Row]] = defaultdict(list)
    with open(config.path, newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            by_day[row["day"]].append(row)
    for day, rows in sorted(by_day.items()):
        yield DynamicOutput(rows, mapping_key=day.replace("-", "_"))


@op
def total(rows: list[Row]) -> tuple[str, float]:
    """Add up one day; a negative total is a mistake in the data."""
    amount = sum(float(row["amount"]) for row in rows)
    if amount < 0:
        raise ValueError(f"bad day {rows[0]['day']}: total {amount:.2f} is negative")
    return rows[0]["day"], amount


@op
def report(config: Report, totals: list[tuple[str, float]]) -> None:
    """Write the totals, and their sum."""
    lines = [f"{day}  {amount:10.2f}" for day, amount in totals]
    lines.append(f"{'sum':10}  {sum(amount for _, amount in totals):10.2f}")
    Path(config.path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


@job
def sales() -> None:
    report(days().map(total).collect())
