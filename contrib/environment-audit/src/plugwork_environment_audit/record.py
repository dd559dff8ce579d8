"""``RECORD``: which files a distribution installed, and what they should be."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import attrs

from plugwork_environment_audit.metadata import read_text


@attrs.frozen
class RecordEntry:
    """One installed file."""

    #: As recorded: relative to the folder of the import path, ``/`` between its parts.
    path: str
    #: Name of the hash function; None when the file was recorded without a hash.
    algorithm: str | None = None
    #: The hash, URL-safe base 64 without padding.
    digest: str | None = None
    #: Size in bytes; None when it was not recorded.
    size: int | None = None


def read_record(metadata_path: Path) -> tuple[RecordEntry, ...] | None:
    """Read the files of a distribution from ``RECORD``, or from the older lists without hashes.

    :returns: None when the distribution keeps no list of its files.
    :raises OSError: if a list exists and cannot be read.
    """
    if metadata_path.is_file():
        return None
    record = metadata_path / "RECORD"
    if record.is_file():
        return parse_record(read_text(record))
    return _read_installed_files(metadata_path)


def parse_record(text: str) -> tuple[RecordEntry, ...]:
    """Parse the lines of ``RECORD``; later lines about the same file are left out."""
    entries = {entry.path: entry for entry in reversed(list(_entries(text)))}
    return tuple(reversed(entries.values()))


def _entries(text: str) -> Iterator[RecordEntry]:
    for row in csv.reader(text.replace("\0", "").splitlines()):
        path, hashed, size = (*row, "", "", "")[:3]
        if not path.strip():
            continue
        algorithm, _, digest = hashed.partition("=")
        yield RecordEntry(
            path=path.replace("\\", "/"),
            algorithm=algorithm.lower() if digest else None,
            digest=digest.rstrip("=") or None,
            size=int(size) if size.strip().isdecimal() else None,
        )


def _read_installed_files(metadata_path: Path) -> tuple[RecordEntry, ...] | None:
    """Read ``installed-files.txt``, whose paths are relative to the metadata folder."""
    listing = metadata_path / "installed-files.txt"
    if not listing.is_file():
        return None
    lines = filter(None, map(str.strip, read_text(listing).splitlines()))
    parent = metadata_path.name
    return tuple(RecordEntry(path=f"{parent}/{line}") for line in dict.fromkeys(lines))
