"""Public names of ``plugwork`` that plugins bring."""

from __future__ import annotations

from typing import Any

from plugwork.registry.entries import NAMES, Entry, normalised
from plugwork.registry.index import installed_plugins
from plugwork.registry.known import NAMES as BRINGERS
from plugwork.registry.objects import import_object


def brought_name(name: str) -> Any:
    """Import what a plugin brings as a public name.

    Of several distributions that bring it, ours counts: no configuration is read at an import.

    :raises ImportError: none is installed; the message tells which to install.
    :raises PluginError: the plugin cannot be imported.
    """
    found = installed_plugins().find(NAMES, name)
    if not found:
        raise ImportError(
            f"plugwork.{name} is brought by a plugin: pip install {BRINGERS[name]}",
            name=f"plugwork.{name}",
        )
    return load_name(next((each for each in found if _is_ours(each)), found[0]))


def load_name(entry: Entry) -> Any:
    """Import the object of an entry of the group ``plugwork.names``.

    :raises PluginError: it cannot be imported.
    """
    return import_object(entry.target, f"{entry.name} of {entry.origin}")


def _is_ours(entry: Entry) -> bool:
    return normalised(entry.distribution) == BRINGERS.get(entry.name)
