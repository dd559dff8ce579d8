from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from plugwork_sql import compiling
from plugwork_sql.compiling import compile_schema, compile_statements
from plugwork_sql.statements.parts import Statement
from plugwork_sql.tables import metadata, runs

POSTGRES = postgresql.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
SQLITE = sqlite.dialect(paramstyle="qmark")


def test_a_statement_whose_parameters_are_told_wrong_is_refused() -> None:
    query = select(runs.c.id).where(
        runs.c.run_id == bindparam("p_run"), runs.c.status == bindparam("p_status")
    )
    with pytest.raises(ValueError, match=r"crooked.*\['run', 'status'\]"):
        compiling.compile_one("crooked", Statement(query, ("status", "run")), SQLITE)


def test_every_statement_can_be_compiled_for_another_database() -> None:
    ours = compile_statements(SQLITE, sqlite.insert)
    theirs = compile_statements(POSTGRES, postgresql.insert)
    assert ours.keys() == theirs.keys()
    assert all("?" not in text for text in theirs.values())
    assert theirs["if_run"] == "runs.run_id IN (...)"


def test_the_schema_has_every_table_and_index() -> None:
    text = "\n".join(compile_schema(SQLITE))
    for table in metadata.tables.values():
        assert f"CREATE TABLE {table.name} " in text
        for index in table.indexes:
            assert f"CREATE INDEX {index.name} " in text


def test_the_base_classes_import_no_sqlalchemy() -> None:
    code = "import sys, plugwork_sql; plugwork_sql.SqlStorage; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert "plugwork_sql.append" in done.stdout.split()
    assert "sqlalchemy" not in done.stdout.split()
