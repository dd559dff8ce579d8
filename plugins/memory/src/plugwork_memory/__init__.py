"""Storage in memory: runs and logs that live as long as their process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork_memory.storage import MemoryStorage as MemoryStorage

__all__ = ["MemoryStorage"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from plugwork_memory import storage  # announcing it must not import the records

        return getattr(storage, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
