from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from plugwork_sqlite import SqliteStorage
from plugwork_testkit.storage import OpenStorage, PersistentStorageConformance, StorageConformance


class TestSqliteStorage(PersistentStorageConformance):
    @pytest.fixture
    def open_storage(self, tmp_path: Path) -> OpenStorage:
        return partial(SqliteStorage, str(tmp_path / "home"))


class TestSqliteStorageOfFullDurability(StorageConformance):
    @pytest.fixture
    def open_storage(self, tmp_path: Path) -> OpenStorage:
        return partial(SqliteStorage, str(tmp_path / "home"), durability="full")
