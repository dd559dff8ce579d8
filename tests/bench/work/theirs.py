"""Instances of Dagster to measure with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dagster import (  # type: ignore[import-not-found]  # in an environment of its own
    DagsterInstance,
)

#: Its console logger prints every event; ours prints none, so neither does it.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@contextmanager
def opened(store: str) -> Iterator[DagsterInstance]:
    """Open a fresh instance.

    :param store: ``memory``, or anything else for SQLite, whose durability cannot be chosen.
    """
    if store == "memory":
        with DagsterInstance.ephemeral() as instance:
            yield instance
        return
    with TemporaryDirectory() as folder:
        prepare_home(Path(folder))
        with DagsterInstance.from_config(folder) as instance:
            yield instance


def prepare_home(folder: Path) -> None:
    """Write an instance's file that asks for nothing but silence."""
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
