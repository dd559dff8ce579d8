"""Tables as metadata: rows, columns and what is promised of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from plugwork.errors import InvalidMetadata
from plugwork.model.assets import AssetKey
from plugwork.model.metadata import MetadataValue
from plugwork.model.record import Record, as_texts, tagged

_CELLS = (str, int, float, bool, type(None))
_TYPE_NAMES = ((bool, "bool"), (int, "int"), (float, "float"))


def _cells(data: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in data.items():
        if not isinstance(name, str) or not isinstance(value, _CELLS):
            raise InvalidMetadata(
                f"a TableRecord holds text, numbers, bools and None under text, got "
                f"{name!r}: {value!r}"
            )
    return dict(data)


@tagged("table_record")
@attrs.frozen
class TableRecord(Record):
    """One row of a table.

    :raises InvalidMetadata: for a value that is no text, number, bool or None.
    """

    data: Mapping[str, Any] = attrs.field(converter=_cells)


@tagged("table_column_constraints")
@attrs.frozen
class TableColumnConstraints(Record):
    """What is promised of a column."""

    nullable: bool = True
    unique: bool = False
    #: In words.
    other: Sequence[str] | None = attrs.field(
        default=None, converter=attrs.converters.optional(as_texts)
    )


@tagged("table_constraints")
@attrs.frozen
class TableConstraints(Record):
    """What is promised of a table, in words."""

    other: Sequence[str] = attrs.field(converter=as_texts)


def _promised(given: TableColumnConstraints | None) -> TableColumnConstraints:
    return TableColumnConstraints() if given is None else given


def _tags(given: Mapping[str, str] | None) -> dict[str, str]:
    return dict(given or {})


@tagged("table_column")
@attrs.frozen
class TableColumn(Record):
    """One column of a table.

    :param type: in the words of whoever stores the table.
    """

    name: str
    type: str = "string"
    description: str | None = None
    constraints: TableColumnConstraints = attrs.field(default=None, converter=_promised)
    tags: Mapping[str, str] = attrs.field(default=None, converter=_tags)


def _columns(columns: Sequence[TableColumn]) -> tuple[TableColumn, ...]:
    made = tuple(columns)
    for one in made:
        if not isinstance(one, TableColumn):
            raise InvalidMetadata(f"columns of a TableSchema are TableColumn, got {one!r}")
    return made


@tagged("table_schema")
@attrs.frozen
class TableSchema(Record):
    """The columns of a table, in order.

    :raises InvalidMetadata: for what is no column.
    """

    columns: Sequence[TableColumn] = attrs.field(converter=_columns)
    constraints: TableConstraints | None = None

    @staticmethod
    def from_name_type_dict(name_type_dict: Mapping[str, str]) -> TableSchema:
        """Make the schema of columns that have a name and a type."""
        return TableSchema([TableColumn(name, kind) for name, kind in name_type_dict.items()])


def _records(records: Sequence[TableRecord]) -> tuple[TableRecord, ...]:
    made = tuple(records)
    for one in made:
        if not isinstance(one, TableRecord):
            raise InvalidMetadata(f"records of a table are TableRecord, got {one!r}")
    return made


@tagged("m_table")
@attrs.frozen
class TableMetadataValue(MetadataValue):
    """Rows of a table.

    :raises InvalidMetadata: for rows of other columns than the schema's.
    """

    records: Sequence[TableRecord] = attrs.field(converter=_records)
    schema: TableSchema

    def __attrs_post_init__(self) -> None:
        names = {column.name for column in self.schema.columns}
        for record in self.records:
            if record.data.keys() != names:
                raise InvalidMetadata(
                    f"a record of the table has the columns {sorted(record.data)}, and its schema "
                    f"has {sorted(names)}"
                )

    @property
    def value(self) -> TableMetadataValue:
        return self


def schema_of_records(records: Sequence[TableRecord]) -> TableSchema:
    """Read a schema from the first of the records."""
    if not records:
        raise InvalidMetadata("a table without records needs a schema")
    columns = {name: _type_name(value) for name, value in records[0].data.items()}
    return TableSchema.from_name_type_dict(columns)


def _type_name(value: object) -> str:
    return next((name for cls, name in _TYPE_NAMES if isinstance(value, cls)), "string")


@tagged("m_table_schema")
@attrs.frozen
class TableSchemaMetadataValue(MetadataValue):
    """The columns of a table."""

    schema: TableSchema

    @property
    def value(self) -> TableSchema:
        return self.schema


@tagged("table_column_dep")
@attrs.frozen
class TableColumnDep(Record):
    """A column of an asset from which another is made."""

    asset_key: AssetKey
    column_name: str


def _deps(given: Mapping[str, Sequence[TableColumnDep]]) -> dict[str, tuple[TableColumnDep, ...]]:
    return {name: tuple(deps) for name, deps in given.items()}


@tagged("table_column_lineage")
@attrs.frozen
class TableColumnLineage(Record):
    """For each column of a table, the columns from which it is made."""

    deps_by_column: Mapping[str, Sequence[TableColumnDep]] = attrs.field(converter=_deps)


@tagged("m_table_column_lineage")
@attrs.frozen
class TableColumnLineageMetadataValue(MetadataValue):
    """From which columns those of a table are made."""

    column_lineage: TableColumnLineage  # type: ignore[assignment]  # the base has a function of the name

    @property
    def value(self) -> TableColumnLineage:
        return self.column_lineage
