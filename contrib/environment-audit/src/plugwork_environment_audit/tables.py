"""The report as tables: comma-separated values, and Parquet where pyarrow is installed."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import io
from collections.abc import Mapping, Sequence

import attrs

from plugwork_environment_audit.audit import Content
from plugwork_environment_audit.hashing import FileState
from plugwork_environment_audit.metadata import presentable
from plugwork_environment_audit.summary import AuditReport, DistributionRow

Cell = str | int | bool


@attrs.frozen
class Table:
    """Rows with the same columns in the same order."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def tables_of(report: AuditReport) -> list[Table]:
    """Return the tables: distributions, imports, findings; every cell can be stored."""
    tables = [_distributions(report), _imports(report), _findings(report)]
    return [attrs.evolve(table, rows=list(map(_stored, table.rows))) for table in tables]


def files_of(report: AuditReport) -> dict[str, bytes]:
    """Return the tables as files by name: CSV, and Parquet where pyarrow is installed."""
    found = tables_of(report)
    files = {f"{table.name}.csv": csv_bytes(table) for table in found}
    if has_parquet():
        files |= {f"{table.name}.parquet": parquet_bytes(table) for table in found}
    return files


def csv_bytes(table: Table) -> bytes:
    """Write a table as UTF-8 comma-separated values with a header line."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(tuple(map(_inert, row)) for row in table.rows)
    return stream.getvalue().encode("utf-8")


def has_parquet() -> bool:
    """Say whether :func:`parquet_bytes` can work here."""
    return importlib.util.find_spec("pyarrow") is not None


def parquet_bytes(table: Table) -> bytes:
    """Write a table as Parquet.

    :raises ModuleNotFoundError: if pyarrow is not installed; see :func:`has_parquet`.
    """
    pyarrow = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    columns = [list(column) for column in zip(*table.rows, strict=True)]
    data = dict(zip(table.columns, columns or [[] for _ in table.columns], strict=True))
    stream = io.BytesIO()
    parquet.write_table(pyarrow.table(data), stream)
    return stream.getvalue()


def _stored(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return tuple(presentable(cell) if isinstance(cell, str) else cell for cell in row)


def _inert(cell: Cell) -> Cell:
    """Keep spreadsheets from running text of a package's metadata as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell


def _distributions(report: AuditReport) -> Table:
    rows = [_distribution_cells(row) for row in report.rows]
    columns = tuple(rows[0]) if rows else ("name",)
    return Table("distributions", columns, [tuple(row.values()) for row in rows])


def _distribution_cells(row: DistributionRow) -> Mapping[str, Cell]:
    states = {f"{state}_files": row.files.get(state, 0) for state in FileState}
    sizes = {f"{_column(kind)}_bytes": row.sizes.get(kind, 0) for kind in Content}
    return {
        "name": row.name,
        "version": row.version,
        "licence": row.licence,
        "licence_family": str(row.family),
        "licence_source": row.licence_source,
        "record": str(row.record),
        "files": row.file_count,
        **states,
        "bytes": row.size,
        **sizes,
        "imports": row.imports,
        "imported_by": row.imported_by,
        "unparsed_files": row.unparsed,
        "shadowed": row.shadowed,
        "location": row.location,
        "summary": row.summary,
    }


def _column(kind: Content) -> str:
    return kind.value.lower().replace(" ", "_")


def _imports(report: AuditReport) -> Table:
    rows = [(edge.importer, edge.imported, edge.files, edge.hard) for edge in report.edges]
    return Table("imports", ("importer", "imported", "files", "unconditional"), rows)


def _findings(report: AuditReport) -> Table:
    rows = [
        (str(each.kind), each.is_problem, each.distribution, each.subject, each.detail)
        for each in report.findings
    ]
    return Table("findings", ("kind", "problem", "distribution", "subject", "detail"), rows)
