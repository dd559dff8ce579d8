"""What the statements are written with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import BigInteger, Integer, bindparam, insert, literal_column

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, Select, Table
    from sqlalchemy.sql.elements import BindParameter

#: Makes the dialect's own ``INSERT``, which knows ``ON CONFLICT``.
Insert = Any


@attrs.frozen
class Statement:
    """A statement or a condition, and the names of its parameters in the order of its text."""

    clause: ClauseElement
    parameters: tuple[str, ...] = ()


def P(name: str, *, number: bool = False) -> BindParameter[Any]:
    """Stand for a parameter.

    SQLAlchemy keeps a column's own name for itself, so its name gets a ``p_`` before it.
    """
    return bindparam(f"p_{name}", type_=BigInteger() if number else None)


def listed(name: str) -> BindParameter[Any]:
    """Stand for a list of parameters, its length open until the statement is run."""
    return bindparam(f"p_{name}", expanding=True)


def limited(query: Select[Any]) -> Select[Any]:
    """Add a limit, the parameter ``limit``."""
    # Without an offset SQLite's dialect adds one as a parameter.
    return query.limit(bindparam("p_limit", type_=Integer)).offset(literal_column("0"))


def new_row(table: Table, *columns: str) -> Statement:
    """Insert a row; the parameters are its columns in the table's order."""
    names = columns or tuple(column.name for column in table.columns)
    values = {name: P(name) for name in names}
    return Statement(insert(table).values(values), tuple(names))


#: The counters of a log.
COUNTS = (
    "steps_succeeded",
    "steps_failed",
    "steps_skipped",
    "steps_retried",
    "materializations",
)
#: The parts of a failure, each a column of its run.
FAILURE = ("seq", "step", "class", "message", "fingerprint")
