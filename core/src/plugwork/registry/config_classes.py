"""What plugins bring to read the classes of other libraries as config classes."""

from __future__ import annotations

import functools
import sys

from plugwork.abc.config_classes import ConfigClasses
from plugwork.errors import PluginApiError, PluginError
from plugwork.registry.entries import CONFIG_CLASSES, Entry
from plugwork.registry.index import installed_plugins
from plugwork.registry.objects import import_object

#: Bases that make no class one of a library.
_NO_LIBRARY = sys.stdlib_module_names | {"plugwork"}


def reader_of(cls: type) -> ConfigClasses | None:
    """Return what reads a class, by the libraries that its bases come from.

    :raises PluginError: it is installed and cannot be used.
    """
    roots = dict.fromkeys(base.__module__.partition(".")[0] for base in cls.__mro__)
    for root in roots:
        found = () if root in _NO_LIBRARY else installed_plugins().find(CONFIG_CLASSES, root)
        if found:
            return load_reader(found[0])
    return None


@functools.lru_cache(maxsize=16)
def load_reader(entry: Entry) -> ConfigClasses:
    """Import the reader of an entry of the group ``plugwork.config_classes``.

    :raises PluginError: it cannot be imported, or is none.
    :raises PluginApiError: it was written for another interface number.
    """
    owner = f"{entry.key} of {entry.origin}"
    found = import_object(entry.target, owner)
    reader = found() if isinstance(found, type) else found
    if not isinstance(reader, ConfigClasses):
        raise PluginError(f"{owner}: {entry.target} is no ConfigClasses")
    if reader.api != ConfigClasses.api:
        raise PluginApiError(
            f"{owner} was written for number {reader.api} of ConfigClasses; this kernel serves "
            f"{ConfigClasses.api}"
        )
    return reader
