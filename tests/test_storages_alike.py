"""Memory and SQLite, asked the same, answer alike."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

from hypothesis import HealthCheck, settings

from plugwork.abc import Storage
from plugwork_memory import MemoryStorage
from plugwork_sqlite import SqliteStorage
from plugwork_testkit.clock import ManualClock
from plugwork_testkit.storage.alike import StoragesAlike


class MemoryAndSqlite(StoragesAlike):
    def open_storages(self, clock: ManualClock) -> Sequence[Storage]:
        self.directory = tempfile.TemporaryDirectory()
        return [MemoryStorage(clock), SqliteStorage(self.directory.name, clock=clock)]

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "directory"):
            self.directory.cleanup()


TestMemoryAndSqlite = MemoryAndSqlite.TestCase
TestMemoryAndSqlite.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
