"""What SQLite's errors mean for the caller."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from plugwork.errors import (
    StorageDamagedError,
    StorageError,
    StorageFullError,
    StoragePlaceError,
    StorageUnavailableError,
)

if TYPE_CHECKING:
    from pathlib import Path

_MEND = "restore it from a backup, or choose another directory"


def translate(error: sqlite3.Error, path: Path) -> StorageError | None:
    """Return the error to raise, or None for one that is a defect of ours.

    :param path: of the database.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StorageUnavailableError(f"{path} is locked by a program that is not plugwork")
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and _is_full(path)):
        return StorageFullError(
            f"the disk is full: nothing was written to {path}; free space there"
        )
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return StorageDamagedError(f"{path} was moved or deleted while it was open; {_MEND}")
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StoragePlaceError(f"{path} cannot be written any more: {error}; change its mode")
    if primary == sqlite3.SQLITE_CANTOPEN:
        return StorageDamagedError(f"{path} cannot be opened: {error}; {_MEND}")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR):
        return StorageDamagedError(f"{path} is damaged: {error}; {_MEND}")
    if str(error).startswith(("no such table", "no such column")):
        return StorageDamagedError(f"{path} is not whole: {error}; {_MEND}")
    return None


def is_final(error: sqlite3.Error) -> bool:
    """Whether the file must be left alone: what a failed sync held is lost, whatever is told."""
    code = getattr(error, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)


def missing(path: Path) -> StorageDamagedError:
    """Return the error for a database that is not there any more."""
    lock = f"{path.name}.lock"
    return StorageDamagedError(
        f"{path} is missing or empty, but was made before; restore it from a backup, or delete"
        f" {lock} beside it to begin anew"
    )


def _is_full(path: Path) -> bool:
    """Whether an I/O error has no other cause than a full disk."""
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < 1 << 16
