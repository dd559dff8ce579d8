"""Insert the same bytes with the ``sqlite3`` module and nothing else: what the machine allows."""

from __future__ import annotations

import os
import sqlite3
from tempfile import TemporaryDirectory
from typing import Any

from bench.work.answering import Stopwatch, answer
from bench.work.step_events import groups, make_entries
from plugwork.model import Run, encode_entry
from plugwork.model.envelope import to_row
from plugwork_sqlite.compiled import SCHEMA

_BARE = (
    "CREATE TABLE events (storage_id INTEGER PRIMARY KEY, log_id, seq, time, type, mark, level,"
    " step_key, attempt, asset_key, partition, body)",
)
_INSERT = f"INSERT INTO events VALUES ({', '.join('?' * 12)})"


def main(events: int, size: int, durability: str, indexed: bool) -> dict[str, Any]:
    """Insert the rows, a transaction a group, with the pragmas of our storage.

    :param indexed: into a table with the indexes of ours; else with the primary key alone.
    """
    batches = list(groups(_rows(events), size))
    with TemporaryDirectory() as folder:
        path = os.path.join(folder, "raw.db")
        connection = _open(path, durability, indexed)
        watch = Stopwatch()
        for batch in batches:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, batch)
            connection.execute("COMMIT")
        took = watch.read()
        connection.close()
        stored = os.path.getsize(path)
    return {**took, "bytes": stored}


def _rows(count: int) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for at, entry in enumerate(make_entries(Run("bench").run_id, count), 1):
        row = to_row(encode_entry(entry))
        narrow = (row.type, None, row.level, row.step_key, row.attempt, None, None)
        found.append((at, 1, at, row.time, *narrow, row.body))
    return found


def _open(path: str, durability: str, indexed: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in (
        "journal_mode = WAL",
        f"synchronous = {durability}",
        "wal_autocheckpoint = 4000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    for statement in [text for text in SCHEMA if "events (" in text] if indexed else _BARE:
        connection.execute(statement)
    return connection


if __name__ == "__main__":
    answer(main)
