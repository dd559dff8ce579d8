"""Typed values that describe outputs, assets and engine events."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from plugwork.errors import InvalidMetadata
from plugwork.model.assets import AssetKey
from plugwork.model.record import Record, pack, tagged

if TYPE_CHECKING:
    from plugwork.model.table import (
        TableColumnLineage,
        TableColumnLineageMetadataValue,
        TableMetadataValue,
        TableRecord,
        TableSchema,
        TableSchemaMetadataValue,
    )


class MetadataValue(Record):
    """Base of the typed metadata values; its static methods make them."""

    __slots__ = ()

    @property
    def value(self) -> Any:
        """The plain value."""
        raise NotImplementedError

    @staticmethod
    def text(text: str) -> TextMetadataValue:
        return TextMetadataValue(text)

    @staticmethod
    def url(url: str) -> UrlMetadataValue:
        return UrlMetadataValue(url)

    @staticmethod
    def path(path: str | os.PathLike[str]) -> PathMetadataValue:
        return PathMetadataValue(path)

    @staticmethod
    def notebook(path: str | os.PathLike[str]) -> NotebookMetadataValue:
        return NotebookMetadataValue(path)

    @staticmethod
    def json(data: Any) -> JsonMetadataValue:
        return JsonMetadataValue(data)

    @staticmethod
    def md(data: str) -> MarkdownMetadataValue:
        return MarkdownMetadataValue(data)

    @staticmethod
    def float(value: float) -> FloatMetadataValue:
        return FloatMetadataValue(value)

    @staticmethod
    def int(value: int) -> IntMetadataValue:
        return IntMetadataValue(value)

    @staticmethod
    def bool(value: bool) -> BoolMetadataValue:
        return BoolMetadataValue(value)

    @staticmethod
    def timestamp(value: Any) -> TimestampMetadataValue:
        return TimestampMetadataValue(value)

    @staticmethod
    def run(run_id: str) -> RunMetadataValue:
        return RunMetadataValue(run_id)

    @staticmethod
    def asset(asset_key: AssetKey) -> AssetMetadataValue:
        return AssetMetadataValue(asset_key)

    @staticmethod
    def job(
        job_name: str, location_name: str, *, repository_name: str | None = None
    ) -> JobMetadataValue:
        return JobMetadataValue(job_name, location_name, repository_name)

    @staticmethod
    def python_artifact(python_artifact: Any) -> PythonArtifactMetadataValue:
        """Name a class or function of a module."""
        return PythonArtifactMetadataValue(python_artifact.__module__, python_artifact.__qualname__)

    @staticmethod
    def table(
        records: Sequence[TableRecord], schema: TableSchema | None = None
    ) -> TableMetadataValue:
        """Show rows of a table.

        :param schema: read from the first row when not given.
        :raises InvalidMetadata: without rows and schema, or for rows of other columns.
        """
        from plugwork.model.table import TableMetadataValue, schema_of_records

        return TableMetadataValue(records, schema or schema_of_records(records))

    @staticmethod
    def table_schema(schema: TableSchema) -> TableSchemaMetadataValue:
        from plugwork.model.table import TableSchemaMetadataValue

        return TableSchemaMetadataValue(schema)

    @staticmethod
    def column_lineage(lineage: TableColumnLineage) -> TableColumnLineageMetadataValue:
        from plugwork.model.table import TableColumnLineageMetadataValue

        return TableColumnLineageMetadataValue(lineage)

    @staticmethod
    def pool(pool: str) -> PoolMetadataValue:
        return PoolMetadataValue(pool)

    @staticmethod
    def null() -> NullMetadataValue:
        return NullMetadataValue()


def _seconds(value: Any) -> float:
    """Take seconds or an aware datetime."""
    if isinstance(value, (int, float)):
        return float(value)
    if getattr(value, "tzinfo", None) is None:
        raise InvalidMetadata("a timestamp is seconds (UTC) or a datetime with a time zone")
    return float(value.timestamp())


def _path(value: str | os.PathLike[str]) -> str:
    return os.fspath(value)


def _storable(value: Any) -> Any:
    pack(value)
    return value


@tagged("m_text")
@attrs.frozen
class TextMetadataValue(MetadataValue):
    value: str = attrs.field(alias="text")

    @property
    def text(self) -> str:  # type: ignore[override]  # the base makes one of that name
        return self.value


@tagged("m_url")
@attrs.frozen
class UrlMetadataValue(MetadataValue):
    value: str = attrs.field(alias="url")

    @property
    def url(self) -> str:  # type: ignore[override]  # the base makes one of that name
        return self.value


@tagged("m_path")
@attrs.frozen
class PathMetadataValue(MetadataValue):
    value: str = attrs.field(alias="path", converter=_path)

    @property
    def path(self) -> str:  # type: ignore[override]  # the base makes one of that name
        return self.value


@tagged("m_notebook")
@attrs.frozen
class NotebookMetadataValue(MetadataValue):
    value: str = attrs.field(alias="path", converter=_path)

    @property
    def path(self) -> str:  # type: ignore[override]  # the base makes one of that name
        return self.value


@tagged("m_json")
@attrs.frozen
class JsonMetadataValue(MetadataValue):
    value: Any = attrs.field(alias="data", converter=_storable)

    @property
    def data(self) -> Any:
        return self.value


@tagged("m_md")
@attrs.frozen
class MarkdownMetadataValue(MetadataValue):
    value: str = attrs.field(alias="md_str")

    @property
    def md_str(self) -> str:
        return self.value


@tagged("m_float")
@attrs.frozen
class FloatMetadataValue(MetadataValue):
    value: float


@tagged("m_int")
@attrs.frozen
class IntMetadataValue(MetadataValue):
    value: int


@tagged("m_bool")
@attrs.frozen
class BoolMetadataValue(MetadataValue):
    value: bool


@tagged("m_timestamp")
@attrs.frozen
class TimestampMetadataValue(MetadataValue):
    #: Seconds since the epoch, UTC.
    value: float = attrs.field(converter=_seconds)


@tagged("m_run")
@attrs.frozen
class RunMetadataValue(MetadataValue):
    value: str = attrs.field(alias="run_id")

    @property
    def run_id(self) -> str:
        return self.value


@tagged("m_asset")
@attrs.frozen
class AssetMetadataValue(MetadataValue):
    value: AssetKey = attrs.field(alias="asset_key")

    @property
    def asset_key(self) -> AssetKey:
        return self.value


@tagged("m_job")
@attrs.frozen
class JobMetadataValue(MetadataValue):
    value: str = attrs.field(alias="job_name")
    location_name: str
    repository_name: str | None = None

    @property
    def job_name(self) -> str:
        return self.value


@tagged("m_python_artifact")
@attrs.frozen
class PythonArtifactMetadataValue(MetadataValue):
    """Names a class or function."""

    module: str
    name: str

    @property
    def value(self) -> PythonArtifactMetadataValue:
        return self


@tagged("m_pool")
@attrs.frozen
class PoolMetadataValue(MetadataValue):
    value: str = attrs.field(alias="pool")

    @property
    def pool(self) -> str:  # type: ignore[override]  # the base makes one of that name
        return self.value


@tagged("m_null")
@attrs.frozen
class NullMetadataValue(MetadataValue):
    value: None = attrs.field(default=None, init=False)


_BY_TYPE: dict[type, type[Any]] = {
    str: TextMetadataValue,
    bool: BoolMetadataValue,
    int: IntMetadataValue,
    float: FloatMetadataValue,
    dict: JsonMetadataValue,
    list: JsonMetadataValue,
    AssetKey: AssetMetadataValue,
}


def normalize_metadata(metadata: Mapping[str, Any] | None) -> dict[str, MetadataValue]:
    """Give each raw value its typed form.

    :raises InvalidMetadata: for a key that is not text, or a value of another type.
    """
    if not metadata:
        return {}
    return {_text_key(key): _normalize(key, value) for key, value in metadata.items()}


def _text_key(key: object) -> str:
    if not isinstance(key, str):
        raise InvalidMetadata(f"metadata keys are text, got {key!r}")
    return key


def _normalize(key: str, value: Any) -> MetadataValue:
    if isinstance(value, MetadataValue):
        return value
    if value is None:
        return NullMetadataValue()
    made: MetadataValue
    for base, cls in _BY_TYPE.items():
        if isinstance(value, base):
            made = cls(value)
            return made
    if isinstance(value, os.PathLike):
        return PathMetadataValue(value)
    raise InvalidMetadata(
        f"metadata {key!r} has a value of type {type(value).__name__}; give text, a number, "
        "a bool, None, a dict, a list, a path, or a MetadataValue"
    )
