"""What every storage must do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork_testkit.storage.conformance import OpenStorage as OpenStorage
    from plugwork_testkit.storage.conformance import (
        PersistentStorageConformance as PersistentStorageConformance,
    )
    from plugwork_testkit.storage.conformance import StorageConformance as StorageConformance

_HOMES = {
    "OpenStorage": "conformance",
    "PersistentStorageConformance": "conformance",
    "StorageConformance": "conformance",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # pytest rewrites the assertions of what is imported now

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
