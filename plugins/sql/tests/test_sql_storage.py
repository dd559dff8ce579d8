"""The base classes over the smallest database there is: one connection, behind one lock."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from plugwork.clock import SYSTEM_CLOCK
from plugwork_sql import SqlDatabase, SqlStorage
from plugwork_sql.compiling import compile_schema, compile_statements
from plugwork_testkit.storage import OpenStorage, StorageConformance

DIALECT = sqlite.dialect(paramstyle="qmark")
STATEMENTS = compile_statements(DIALECT, sqlite.insert)


class SmallDatabase(SqlDatabase):
    sql = STATEMENTS

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False
        )
        for statement in compile_schema(DIALECT):
            self._connection.execute(statement)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Cursor]:
        with self._lock, self._connection:
            cursor = self._connection.execute("BEGIN")
            yield cursor

    read = write

    def info(self) -> Mapping[str, Any]:
        return {"storage": "small"}

    def close(self) -> None:
        self._connection.close()


class TestSqlStorage(StorageConformance):
    @pytest.fixture
    def open_storage(self) -> OpenStorage:
        storage = SqlStorage(SmallDatabase(), SYSTEM_CLOCK)
        return lambda: storage


def test_the_id_of_a_storage_is_made_on_first_use() -> None:
    database = SmallDatabase()
    storage = SqlStorage(database, SYSTEM_CLOCK)
    with database.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM meta").fetchone() == (0,)
    assert storage.get_storage_id() == storage.get_storage_id()
    assert storage.info() == {"storage": "small", "runs": 0}
    storage.dispose()
