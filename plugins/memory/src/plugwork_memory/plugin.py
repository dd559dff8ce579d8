"""Announces the storage."""

from __future__ import annotations

from plugwork.plugin import StorageSpec, hookimpl


@hookimpl
def plugwork_storages() -> list[StorageSpec]:
    return [
        StorageSpec(
            name="memory",
            factory="plugwork_memory.storage:open_storage",
            summary="runs and logs in memory, gone with the process",
            api=1,
        )
    ]
