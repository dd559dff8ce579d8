"""The index of installed plugins, made of package metadata alone: nothing is imported."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterable, Sequence

from plugwork.clock import SYSTEM_CLOCK, Clock
from plugwork.registry.cache import FolderCache, cache_dir
from plugwork.registry.entries import Distribution, Entry, normalised
from plugwork.registry.metadata import KERNEL, scan


class Index:
    """The entry points of every installed plugin. Immutable, thus shared by threads.

    :param distributions: in the order of ``sys.path``; of two with one name the first counts.
    """

    def __init__(self, distributions: Iterable[Distribution]) -> None:
        first: dict[str, Distribution] = {}
        for each in distributions:
            first.setdefault(normalised(each.name), each)
        kernel = first.get(KERNEL)
        #: The kernel's release; empty when it runs without being installed.
        self.kernel_version = kernel.version if kernel else ""
        #: Distributions whose metadata is damaged.
        self.damaged = tuple(each for each in first.values() if each.problem)
        self.entries: tuple[Entry, ...] = tuple(
            sorted(
                {entry for each in first.values() for entry in each.entries()},
                key=lambda entry: (entry.kind, entry.name, entry.distribution, entry.target),
            )
        )
        self._by_kind: dict[str, dict[str, list[Entry]]] = {}
        for entry in self.entries:
            self._by_kind.setdefault(entry.kind, {}).setdefault(entry.name, []).append(entry)

    def names(self, kind: str) -> list[str]:
        """Return the names that installed distributions announce, sorted."""
        return list(self._by_kind.get(kind, ()))

    def find(self, kind: str, name: str) -> Sequence[Entry]:
        """Return the entries of a name: more than one in a conflict, none if unknown."""
        return self._by_kind.get(kind, {}).get(name, [])

    def sharing(self, entry: Entry) -> list[Entry]:
        """Return the entries of the same distribution that point to the same module."""
        return [
            each
            for each in self.entries
            if each.target == entry.target and each.distribution == entry.distribution
        ]


def installed_plugins() -> Index:
    """Return the index of this process, read once for each state of ``sys.path``."""
    return _index_of(tuple(sys.path))


@functools.lru_cache(maxsize=4)
def _index_of(path: tuple[str, ...]) -> Index:
    return read_index(path)


def read_index(path: Sequence[str], clock: Clock = SYSTEM_CLOCK) -> Index:
    """Read the index of the given ``sys.path``; from the cache where a folder has not changed."""
    place = cache_dir()
    folders = dict.fromkeys(os.path.abspath(folder or os.curdir) for folder in path)
    found: list[Distribution] = []
    for folder in folders:
        found += _read_folder(folder, FolderCache(place, folder) if place else None, clock)
    return Index(found)


def _read_folder(folder: str, cache: FolderCache | None, clock: Clock) -> list[Distribution]:
    try:
        changed = os.stat(folder).st_mtime_ns
        known = cache.read(changed) if cache else None
        if known is not None:
            return known
        read_at = int(clock.now() * 1e9)
        found, count = scan(folder)
    except OSError:
        # Entries of sys.path that are missing, or are archives, bring no plugins.
        return []
    if cache and count:
        cache.write(changed, read_at, found)
    return found
