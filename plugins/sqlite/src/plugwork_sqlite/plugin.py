"""Announces the storage."""

from __future__ import annotations

from plugwork.plugin import StorageSpec, hookimpl


@hookimpl
def plugwork_storages() -> list[StorageSpec]:
    return [
        StorageSpec(
            name="sqlite",
            factory="plugwork_sqlite.storage:open_storage",
            settings="plugwork_sqlite.settings:SqliteSettings",
            summary="one file on a local disk, for the processes of one machine",
            api=1,
        )
    ]
