"""A disk that is soon full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BLOCK = 4096


class MountRefusedError(Exception):
    """This machine does not let us mount; the message is fit for a skipped test."""


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """Mount a file system of so many MiB.

    :raises MountRefusedError: when this user must not, or this machine cannot.
    """
    if os.geteuid() != 0:
        raise MountRefusedError("only on a machine where tests may mount: as root")
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    mounted = subprocess.run(words, capture_output=True, text=True, check=False)
    if mounted.returncode:
        raise MountRefusedError(f"mount was refused: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path, leave: int = 0) -> Path:
    """Take the disk's space with one file.

    :param leave: bytes that stay free.
    :return: the file, to be deleted when there shall be space again.
    """
    filler = place / "filler"
    with open(filler, "ab", buffering=0) as stream:
        while (free := free_bytes(place)) - leave >= BLOCK:
            stream.write(bytes(min(1 << 16, free - leave)))
    return filler


def free_bytes(place: Path) -> int:
    """Return how much room the disk has."""
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize
