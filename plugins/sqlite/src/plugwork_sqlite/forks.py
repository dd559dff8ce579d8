"""No connection and no lock crosses a fork: a child forgets what its parent opened.

Closing it there would not do: SQLite must not touch, in a child, a file that its parent has open.
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork_sqlite.database import SqliteDatabase

_OPENED: weakref.WeakSet[SqliteDatabase] = weakref.WeakSet()
#: Kept until the process ends, so that nothing closes it.
ABANDONED: list[Any] = []


def watch(database: SqliteDatabase) -> None:
    """Have a database forgotten in forked children."""
    _OPENED.add(database)


def _forget() -> None:
    for database in list(_OPENED):
        database.abandon()


os.register_at_fork(after_in_child=_forget)
