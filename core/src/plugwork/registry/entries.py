"""What is known of a plugin before it is imported.

Named tuples, not attrs: commands that only list names must not pay for the import of attrs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Every entry-point group of plugins begins so; the rest is the kind of the entry.
PREFIX = "plugwork."
#: Kinds of entries that are no kinds of components.
PLUGIN, NAMES, COMMAND = "plugin", "names", "command"
CONFIG_CLASSES = "config_classes"


class Entry(NamedTuple):
    """One entry point, and the distribution that announces it."""

    #: ``"storage"``, ``"executor"`` ..., or :data:`PLUGIN`, :data:`NAMES`, :data:`COMMAND`,
    #: :data:`CONFIG_CLASSES`.
    kind: str
    name: str
    #: ``"package.module"`` or ``"package.module:attribute"``.
    target: str
    distribution: str
    version: str
    #: The distribution's one-line description.
    summary: str
    #: The releases of the kernel that the distribution asks for: ``">=0.1,<0.2"``; empty for any.
    requires: str

    @property
    def key(self) -> str:
        """Return what ``plugins: prefer:`` calls it: ``"storage.postgres"``."""
        return f"{self.kind}.{self.name}"

    @property
    def origin(self) -> str:
        """Return the distribution and its version, for messages."""
        return f"{self.distribution} {self.version}"


class Distribution(NamedTuple):
    """A distribution that announces plugins, or the kernel's own."""

    name: str
    version: str
    summary: str
    requires: str
    #: The file with the entry points, and its time of change (ns) when it was read.
    file: str
    changed: int
    #: Kind, name and target of each entry point.
    points: tuple[tuple[str, str, str], ...] = ()
    #: Why its metadata cannot be used; empty when it can.
    problem: str = ""

    def entries(self) -> list[Entry]:
        """Return its entry points."""
        about = (self.name, self.version, self.summary, self.requires)
        return [Entry(*point, *about) for point in self.points]


def normalised(distribution: str) -> str:
    """Return the name of a distribution in the spelling that compares."""
    return re.sub(r"[-_.]+", "-", distribution).lower()
