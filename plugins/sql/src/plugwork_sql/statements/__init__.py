"""Every statement, in SQLAlchemy Core, with the order of its parameters.

A storage runs them as text, compiled once for its database by :mod:`plugwork_sql.compiling`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork_sql.statements.attempts import attempt_statements
from plugwork_sql.statements.leases import lease_statements
from plugwork_sql.statements.logs import log_statements
from plugwork_sql.statements.parts import Insert, Statement
from plugwork_sql.statements.pools import pool_statements
from plugwork_sql.statements.queries import query_parts
from plugwork_sql.statements.runs import run_statements
from plugwork_sql.statements.tags import tag_statements
from plugwork_sql.statements.whole import whole_statements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Table


def all_statements(conflict: Callable[[Table], Insert]) -> Mapping[str, Statement]:
    """Return every statement by its name.

    :param conflict: the dialect's ``insert``.
    """
    return {
        **log_statements(),
        **attempt_statements(conflict),
        **lease_statements(conflict),
        **run_statements(conflict),
        **tag_statements(),
        **pool_statements(conflict),
        **query_parts(),
        **whole_statements(conflict),
    }
