from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from plugwork_sql.compiling import render_module
from plugwork_sqlite import compiled

#: Tables that grow with use: no statement may read the whole of one.
GROWING = ("events", "run_logs", "runs", "run_tags", "step_attempts", "tags", "snapshots")
#: What pages are put together from; they are tested with their conditions.
PARTS = re.compile(r"runs_(from|order|count)(_tag)?$")
#: Statements that are meant to read whole tables: counts of all, deletions of all, keys in use.
WHOLE = re.compile(r"wipe_|tag_keys$")

NAMES = [name for name in compiled.SQL if not WHOLE.match(name) and not PARTS.match(name)]


def test_the_compiled_module_is_what_the_tables_say() -> None:
    source = Path(str(compiled.__file__)).read_text(encoding="utf-8")
    rendered = render_module(sqlite.dialect(paramstyle="qmark"), sqlite.insert)
    assert source == rendered, (
        "render plugwork_sqlite/compiled.py again: run tests/render_compiled.py"
    )


@pytest.fixture(scope="module")
def tables() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in compiled.SCHEMA:
            connection.execute(statement)
        yield connection


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_walks_an_index(tables: sqlite3.Connection, name: str) -> None:
    text = compiled.SQL[name].replace("(...)", "(?, ?)")
    if name.startswith("if_"):
        head = "runs_from_tag" if name.startswith("if_tag") and name != "if_tagged" else "runs_from"
        order = compiled.SQL["runs_order_tag" if head == "runs_from_tag" else "runs_order"]
        text = f"{compiled.SQL[head]} WHERE {text} ORDER BY {order} DESC LIMIT 25"
    values = [1] * text.count("?")
    plan = [row[3] for row in tables.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    scanned = [
        line
        for line in plan
        for table in GROWING
        if re.match(rf"SCAN {table}\b", line) and "LIMIT" not in text
    ]
    assert not scanned, plan


@pytest.mark.parametrize(
    ("conditions", "tagged"),
    [
        ((), False),
        (("if_status",), False),
        (("if_status", "if_older"), False),
        (("if_job", "if_older"), False),
        (("if_snapshot",), False),
        (("if_tag",), True),
        (("if_tag", "if_tag_older", "if_tagged"), True),
        (("if_tag", "if_tag_newer", "if_status"), True),
    ],
)
def test_a_page_is_read_in_the_order_of_an_index(
    tables: sqlite3.Connection, conditions: tuple[str, ...], tagged: bool
) -> None:
    suffix = "_tag" if tagged else ""
    wheres = " AND ".join(compiled.SQL[name].replace("(...)", "(?)") for name in conditions)
    text = f"{compiled.SQL[f'runs_from{suffix}']}{' WHERE ' if wheres else ''}{wheres}"
    text += f" ORDER BY {compiled.SQL[f'runs_order{suffix}']} DESC LIMIT 25"
    plan = [row[3] for row in tables.execute(f"EXPLAIN QUERY PLAN {text}", [1] * text.count("?"))]
    assert not [line for line in plan if "TEMP B-TREE" in line], plan
