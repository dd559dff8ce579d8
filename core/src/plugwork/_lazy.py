"""Packages whose names are imported when they are used (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazily(
    namespace: dict[str, Any], names: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    :param namespace: the package's ``globals()``; what was imported is kept there.
    :param names: module -> the names of it; ``".batch"`` is a module of the package itself.
    """
    package = namespace["__name__"]
    homes = {name: module for module, found in names.items() for name in found}

    def find(name: str) -> Any:
        module = homes.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = namespace[name] = getattr(import_module(module, package), name)
        return value

    return find, lambda: sorted({*namespace, *homes}), sorted(homes)
