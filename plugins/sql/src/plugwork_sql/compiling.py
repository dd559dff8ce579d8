"""Tables and statements as the text of one database.

A plugin keeps what :func:`render_module` returns beside its code, so that running a statement
needs no SQLAlchemy; a test of the plugin renders it again and compares.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy.schema import CreateIndex, CreateTable

from plugwork_sql.database import LIST
from plugwork_sql.statements import all_statements
from plugwork_sql.tables import REVISION, metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Dialect, Table

    from plugwork_sql.statements.parts import Statement

_OPEN_LIST = re.compile(r"\(__\[POSTCOMPILE_\w+\]\)")
_HEAD = '''\
"""Tables and statements as this database wants them; made by ``render_module``, never by hand."""

from __future__ import annotations

# fmt: off
# ruff: noqa: E501
'''


def compile_statements(dialect: Dialect, insert: Callable[[Table], Any]) -> Mapping[str, str]:
    """Return the text of every statement, by its name.

    :param dialect: with a positional parameter style.
    :param insert: the dialect's own.
    """
    return {
        name: compile_one(name, statement, dialect)
        for name, statement in all_statements(insert).items()
    }


def compile_one(name: str, statement: Statement, dialect: Dialect) -> str:
    """Return a statement as text, with "(...)" where a list of values stands.

    :raises ValueError: when its parameters come in another order than it says.
    """
    compiled = statement.clause.compile(dialect=dialect)
    order = [word.removeprefix("p_") for word in getattr(compiled, "positiontup", None) or ()]
    if order != list(statement.parameters):
        raise ValueError(f"{name}: its parameters are {order}, not {list(statement.parameters)}")
    return _OPEN_LIST.sub(LIST, " ".join(str(compiled).split()))


def compile_schema(dialect: Dialect) -> Iterator[str]:
    """Yield the statements that make every table and index."""
    for table in metadata.sorted_tables:
        yield " ".join(str(CreateTable(table).compile(dialect=dialect)).split())
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield " ".join(str(CreateIndex(index).compile(dialect=dialect)).split())


def render_module(dialect: Dialect, insert: Callable[[Table], Any]) -> str:
    """Return the source of a module with ``REVISION``, ``SCHEMA`` and ``SQL``."""
    schema = "".join(f"    {_literal(text)},\n" for text in compile_schema(dialect))
    statements = "".join(
        f"    {_literal(name)}: {_literal(text)},\n"
        for name, text in sorted(compile_statements(dialect, insert).items())
    )
    return (
        f"{_HEAD}\nREVISION = {_literal(REVISION)}\n"
        f"SCHEMA = (\n{schema})\nSQL = {{\n{statements}}}\n"
    )


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
