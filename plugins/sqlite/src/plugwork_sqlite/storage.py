"""The storage of one machine: one file, ``plugwork.db``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from plugwork.clock import SYSTEM_CLOCK
from plugwork_sql.storage import SqlStorage
from plugwork_sqlite.database import SqliteDatabase

if TYPE_CHECKING:
    from plugwork.clock import Clock
    from plugwork.plugin import ComponentContext
    from plugwork_sqlite.settings import SqliteSettings

FILE_NAME = "plugwork.db"


def open_storage(settings: SqliteSettings, context: ComponentContext) -> SqliteStorage:
    """Open the storage of an instance, and make it on first use."""
    home = context.home or context.storage_dir
    base_dir = Path(settings.base_dir).expanduser() if settings.base_dir else home
    return SqliteStorage(base_dir, durability=context.durability, clock=context.clock)


class SqliteStorage(SqlStorage):
    """Everything in one SQLite file, so that one commit holds a whole batch.

    Any number of processes of one machine work on it at once.

    :param base_dir: directory of the file; it is made if it is missing.
    :param durability: ``normal`` or ``full``.
    :param busy_timeout: seconds to wait for a program that is not plugwork and locks the file.
    """

    def __init__(
        self,
        base_dir: str | Path,
        durability: str = "normal",
        clock: Clock = SYSTEM_CLOCK,
        busy_timeout: float = 30.0,
    ) -> None:
        path = Path(base_dir).absolute() / FILE_NAME
        super().__init__(SqliteDatabase(path, durability, busy_timeout), clock)
