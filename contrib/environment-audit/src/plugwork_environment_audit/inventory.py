"""Which distributions are installed in the folders of an environment."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from plugwork_environment_audit.environment import METADATA_SUFFIXES
from plugwork_environment_audit.metadata import (
    CoreMetadata,
    canonical_name,
    read_metadata,
    split_folder_name,
)

#: Words that plugwork keeps for itself and that distributions may be called.
RESERVED = {"conf", "config", "context", "dict", "input", "int", "meta", "output", "str", "type"}


@attrs.frozen
class FoundDistribution:
    """A distribution that is installed, not looked into yet."""

    #: Unique in the audit, and fit for a mapping key: letters, digits and ``_``.
    key: str
    name: str
    version: str
    #: Folder of the import path that holds it.
    location: str
    #: Its ``*.dist-info`` or ``*.egg-info``.
    metadata_path: str
    #: Whether the same distribution stands earlier on the import path, so that this one is dead.
    shadowed: bool = False


def find_distributions(paths: Iterable[str]) -> Iterator[FoundDistribution]:
    """Find what is installed, in the order of the import path, then by name.

    Metadata that cannot be read is no error here: the folder's name tells enough to go on.

    :raises OSError: if a folder cannot be listed.
    """
    keys: set[str] = set()
    names: set[str] = set()
    for location in paths:
        for metadata_path in _metadata_paths(Path(location)):
            metadata = _readable_metadata(metadata_path)
            canonical = canonical_name(metadata.name)
            yield _found(metadata_path, metadata, keys, shadowed=canonical in names)
            names.add(canonical)


def mapping_key(name: str, taken: set[str]) -> str:
    """Escape a name to letters, digits and ``_``, and number it if it is taken.

    :param taken: keys given before; the new one is added.
    """
    base = re.sub(r"[^A-Za-z0-9_]", "_", name) or "unnamed"
    if keyword.iskeyword(base) or base in RESERVED:
        base += "_"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    taken.add(key)
    return key


def _metadata_paths(location: Path) -> list[Path]:
    """List metadata in a stable order; installers leave ``~name`` behind when interrupted."""
    found = [path for path in location.iterdir() if path.name.endswith(METADATA_SUFFIXES)]
    return sorted(found, key=lambda path: (path.name.lower(), path.name))


def _readable_metadata(metadata_path: Path) -> CoreMetadata:
    try:
        return read_metadata(metadata_path)
    except OSError:
        return CoreMetadata(*split_folder_name(metadata_path.name))


def _found(
    metadata_path: Path, metadata: CoreMetadata, keys: set[str], *, shadowed: bool
) -> FoundDistribution:
    return FoundDistribution(
        key=mapping_key(metadata.name, keys),
        name=metadata.name or metadata_path.name,
        version=metadata.version,
        location=str(metadata_path.parent),
        metadata_path=str(metadata_path),
        shadowed=shadowed,
    )
