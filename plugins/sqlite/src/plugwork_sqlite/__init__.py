"""Storage in one SQLite file, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork_sqlite.storage import SqliteStorage as SqliteStorage

__all__ = ["SqliteStorage"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from plugwork_sqlite import storage  # announcing it must not import the driver

        return getattr(storage, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
