from __future__ import annotations

import pytest

from plugwork_memory import MemoryStorage
from plugwork_testkit.storage import OpenStorage, StorageConformance


class TestMemoryStorage(StorageConformance):
    @pytest.fixture
    def open_storage(self) -> OpenStorage:
        storage = MemoryStorage()
        return lambda: storage


def test_a_storage_in_memory_does_not_outlive_its_process() -> None:
    assert not MemoryStorage().persistent


def test_two_storages_share_nothing() -> None:
    assert MemoryStorage().get_storage_id() != MemoryStorage().get_storage_id()
