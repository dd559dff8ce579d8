"""Pages and counts of runs.

A page is merged from branches. A branch has at most one value for each column that an index
begins with, so that it walks that index in the order of the page and stops at the limit; several
statuses, or several values of a tag, are several branches. Branches have no run in common.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import attrs

from plugwork_sql.records import datetime_to_micros
from plugwork_sql.tags import count_uses, find_tag
from plugwork_sql.text import to_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plugwork.model import RunsFilter
    from plugwork_sql.database import Cursor, SqlDatabase

#: Ids in one statement; SQLite took 999 parameters for long.
_CHUNK = 500
#: A tag of more runs than this is as good as any other to begin with.
_COMMON = 1000
_NO_LIMIT = 2**62


@attrs.frozen
class Condition:
    """A condition by its statement's name, and its values."""

    name: str
    values: tuple[Any, ...] = ()


@attrs.frozen
class RunQuery:
    """A filter, worked out: what every branch asks, and in what they differ."""

    database: SqlDatabase
    common: tuple[Condition, ...]
    branches: tuple[tuple[Condition, ...], ...]
    #: Begins with the runs of a tag.
    by_tag: bool

    def page(
        self, cursor: Cursor, limit: int | None, ascending: bool, place: int | None
    ) -> list[Any]:
        """Return rows of ``runs_from``, in the order of their ids.

        :param place: the id of the run after which the page begins.
        """
        sql = self.database.sql
        order = sql["runs_order_tag" if self.by_tag else "runs_order"]
        tail = f" ORDER BY {order} {'ASC' if ascending else 'DESC'}"
        tail += f" LIMIT {self.database.placeholder}"
        beyond = self._beyond(ascending, place)
        most = _NO_LIMIT if limit is None else limit
        rows: list[Any] = []
        for branch in self.branches:
            text, values = self._select("runs_from", (*branch, *beyond, *self.common))
            cursor.execute(text + tail, (*values, most))
            rows += cursor.fetchall()
        if len(self.branches) > 1:
            rows.sort(key=lambda row: row[0], reverse=not ascending)
        return rows[:limit]

    def count(self, cursor: Cursor) -> int:
        """Return how many runs match."""
        total = 0
        for branch in self.branches:
            text, values = self._select("runs_count", (*branch, *self.common))
            cursor.execute(text, values)
            total += cursor.fetchone()[0]
        return total

    def _beyond(self, ascending: bool, place: int | None) -> tuple[Condition, ...]:
        if place is None:
            return ()
        column = "if_tag" if self.by_tag else "if"
        return (Condition(f"{column}_{'newer' if ascending else 'older'}", (place,)),)

    def _select(self, head: str, conditions: Sequence[Condition]) -> tuple[str, tuple[Any, ...]]:
        text = self.database.sql[f"{head}_tag" if self.by_tag else head]
        wheres = [
            self.database.fill(self.database.sql[one.name], len(one.values)) for one in conditions
        ]
        if wheres:
            text += f" WHERE {' AND '.join(wheres)}"
        return text, tuple(value for one in conditions for value in one.values)


def plan(database: SqlDatabase, cursor: Cursor, filters: RunsFilter) -> RunQuery:
    """Work a filter out; the cursor is for looking up tags."""
    tags = _find_tags(database, cursor, filters)
    if tags is None:
        return RunQuery(database, (), (), by_tag=False)
    driver = tags[0] if tags else []
    choices: tuple[Sequence[Condition | None], ...] = (
        [Condition("if_tag", (tag,)) for tag in driver],
        [Condition("if_status", (one.value,)) for one in dict.fromkeys(filters.statuses or ())],
        [Condition("if_run", chunk) for chunk in _chunks(filters.run_ids)],
    )
    branches = tuple(
        tuple(one for one in choice if one is not None)
        for choice in product(*(choice or [None] for choice in choices))
    )
    others = (Condition("if_tagged", tuple(tag)) for tag in tags[1:])
    return RunQuery(database, (*others, *_scalars(filters)), branches, by_tag=bool(driver))


def _chunks(run_ids: Sequence[str] | None) -> Iterator[tuple[str, ...]]:
    ids = [to_column(run_id) for run_id in dict.fromkeys(run_ids or ())]
    for start in range(0, len(ids), _CHUNK):
        yield tuple(ids[start : start + _CHUNK])


def _scalars(filters: RunsFilter) -> Iterator[Condition]:
    if filters.job_name is not None:
        yield Condition("if_job", (to_column(filters.job_name),))
    if filters.snapshot_id is not None:
        yield Condition("if_snapshot", (to_column(filters.snapshot_id),))
    if filters.exclude_subruns:
        yield Condition("if_not_subrun")
    for name in ("updated_after", "updated_before", "created_after", "created_before"):
        time = getattr(filters, name)
        if time is not None:
            yield Condition(f"if_{name}", (datetime_to_micros(time),))


def _find_tags(
    database: SqlDatabase, cursor: Cursor, filters: RunsFilter
) -> list[list[int]] | None:
    """Return the ids of each tag asked for, the rarest first; None when one has no run."""
    found: list[list[int]] = []
    for key, value in (filters.tags or {}).items():
        values = (value,) if isinstance(value, str) else dict.fromkeys(value)
        ids = [find_tag(database, cursor, key, one) for one in values]
        known = [tag for tag in ids if tag is not None]
        if not known:
            return None
        found.append(known)
    if len(found) > 1:
        found.sort(key=lambda ids: sum(count_uses(database, cursor, tag, _COMMON) for tag in ids))
    return found
