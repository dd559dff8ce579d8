"""Keep a small value for each step in a file that appears whole: what the file system allows."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Any

from bench.work.answering import Stopwatch, answer


def main(count: int, synced: bool) -> dict[str, Any]:
    """Write and read the files.

    :param synced: bring each to the disk, and its name.
    """
    with TemporaryDirectory() as folder:
        growing = os.path.join(folder, "growing")
        watch = Stopwatch()
        for number in range(count):
            place = os.path.join(folder, f"step_{number}")
            _write(growing, place, synced)
            with open(os.path.join(place, "result"), "rb") as stream:
                stream.read()
        took = watch.read()
    return took


def _write(growing: str, place: str, synced: bool) -> None:
    with open(growing, "wb") as stream:
        stream.write(b"value")
        if synced:
            stream.flush()
            os.fsync(stream.fileno())
    os.mkdir(place)
    os.replace(growing, os.path.join(place, "result"))
    if synced:
        descriptor = os.open(place, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


if __name__ == "__main__":
    answer(main)
