"""SQLAlchemy tables, and storages over any SQL database.

A storage built on this package runs statements that were compiled from the tables beforehand, so
that opening and using it imports no SQLAlchemy: only :mod:`plugwork_sql.tables`,
:mod:`plugwork_sql.statements` and :mod:`plugwork_sql.compiling` do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork_sql.database import Cursor as Cursor
    from plugwork_sql.database import SqlDatabase as SqlDatabase
    from plugwork_sql.events import SqlEventLogStorage as SqlEventLogStorage
    from plugwork_sql.runs import SqlRunStorage as SqlRunStorage
    from plugwork_sql.storage import SqlStorage as SqlStorage

_HOMES = {
    "Cursor": "database",
    "SqlDatabase": "database",
    "SqlEventLogStorage": "events",
    "SqlRunStorage": "runs",
    "SqlStorage": "storage",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
