"""Instances of plugwork to measure with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from plugwork import Instance


@contextmanager
def opened(store: str) -> Iterator[Instance]:
    """Open a fresh instance.

    :param store: ``memory``, or SQLite by its durability: ``normal`` or ``full``.
    """
    if store == "memory":
        with Instance.ephemeral() as instance:
            yield instance
        return
    settings = {"storage": "sqlite", "durability": store}
    with TemporaryDirectory() as folder, Instance.local_temp(folder, settings) as instance:
        yield instance
