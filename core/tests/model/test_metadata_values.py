"""Every kind of metadata: how it is made, what its value is, that it reads back equal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import plugwork as pw
from plugwork import MetadataValue, TableColumn, TableRecord, TableSchema
from plugwork.errors import CheckError, InvalidMetadata
from plugwork.model import deserialize_value, normalize_metadata, serialize_value

KEY = pw.AssetKey(["lake", "table"])
SCHEMA = TableSchema.from_name_type_dict({"a": "int", "b": "string"})
ROWS = [TableRecord({"a": 1, "b": "x"}), TableRecord({"a": None, "b": "y"})]
LINEAGE = pw.TableColumnLineage({"a": [pw.TableColumnDep(KEY, "z")]})

VALUES: dict[str, tuple[MetadataValue, Any]] = {
    "text": (MetadataValue.text("x"), "x"),
    "url": (MetadataValue.url("http://x"), "http://x"),
    "path": (MetadataValue.path(Path("a/b")), "a/b"),
    "notebook": (MetadataValue.notebook("a.ipynb"), "a.ipynb"),
    "json": (MetadataValue.json({"a": [1]}), {"a": [1]}),
    "md": (MetadataValue.md("# x"), "# x"),
    "float": (MetadataValue.float(1.5), 1.5),
    "int": (MetadataValue.int(1), 1),
    "bool": (MetadataValue.bool(True), True),
    "timestamp": (MetadataValue.timestamp(datetime(1970, 1, 2, tzinfo=UTC)), 86400.0),
    "run": (MetadataValue.run("r"), "r"),
    "asset": (MetadataValue.asset(KEY), KEY),
    "job": (MetadataValue.job("j", "place", repository_name="r"), "j"),
    "pool": (MetadataValue.pool("p"), "p"),
    "null": (MetadataValue.null(), None),
    "table schema": (MetadataValue.table_schema(SCHEMA), SCHEMA),
    "column lineage": (MetadataValue.column_lineage(LINEAGE), LINEAGE),
}


@pytest.mark.parametrize(("made", "value"), VALUES.values(), ids=VALUES)
def test_each_kind_has_its_value_and_reads_back_equal(made: MetadataValue, value: Any) -> None:
    assert made.value == value
    assert deserialize_value(serialize_value(made)) == made
    assert normalize_metadata({"k": made}) == {"k": made}


def test_a_table_has_rows_and_columns() -> None:
    made = MetadataValue.table(ROWS)
    assert [(one.name, one.type) for one in made.schema.columns] == [("a", "int"), ("b", "string")]
    assert made == MetadataValue.table(ROWS, SCHEMA) == pw.TableMetadataValue(ROWS, SCHEMA)
    assert deserialize_value(serialize_value(made)) == made
    typed = MetadataValue.table([TableRecord({"a": True, "b": 1.5, "c": None})])
    assert [one.type for one in typed.schema.columns] == ["bool", "float", "string"]


def test_a_python_artifact_is_named() -> None:
    made = MetadataValue.python_artifact(Path)
    assert (made.module, made.name) == ("pathlib", "Path")
    assert deserialize_value(serialize_value(made)) == made.value


def test_columns_say_what_is_promised() -> None:
    column = TableColumn(
        "a", "int", "the a", pw.TableColumnConstraints(nullable=False, other=["> 0"]), {"k": "v"}
    )
    schema = TableSchema([column, TableColumn("b")], pw.TableConstraints(other=["sorted by a"]))
    assert schema.columns[1].type == "string"
    assert schema.columns[1].constraints == pw.TableColumnConstraints()
    assert deserialize_value(serialize_value(schema)) == schema


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (pw.TextMetadataValue, "text"),
        (pw.UrlMetadataValue, "url"),
        (pw.PathMetadataValue, "path"),
        (pw.NotebookMetadataValue, "path"),
        (pw.JsonMetadataValue, "data"),
        (pw.MarkdownMetadataValue, "md_str"),
        (pw.RunMetadataValue, "run_id"),
        (pw.PoolMetadataValue, "pool"),
    ],
)
def test_an_argument_is_an_attribute_of_its_name(cls: Callable[..., Any], name: str) -> None:
    made = cls(**{name: "x"})
    assert (getattr(made, name), made.value) == ("x", "x")
    assert '"value":"x"' in serialize_value(made)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TableRecord({"a": [1]}), "'a': \\[1\\]"),
        (lambda: TableSchema(["a"]), "are TableColumn, got 'a'"),
        (lambda: MetadataValue.table([]), "needs a schema"),
        (lambda: MetadataValue.table([{"a": 1}], SCHEMA), "are TableRecord"),
        (lambda: MetadataValue.table([TableRecord({"z": 1})], SCHEMA), "has the columns \\['z'\\]"),
        (lambda: MetadataValue.timestamp(datetime(2024, 1, 1)), "time zone"),  # noqa: DTZ001
    ],
)
def test_wrong_metadata_says_what_is_wrong(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidMetadata, match=message):
        make()


def test_a_data_version_is_text() -> None:
    assert pw.DataVersion("1") == pw.DataVersion("1")
    with pytest.raises(CheckError, match="is text, got 1"):
        pw.DataVersion(1)  # type: ignore[arg-type]  # what the test is for


def test_filters_check_what_they_are_given() -> None:
    found = pw.EventRecordsFilter(pw.EventType.ASSET_MATERIALIZATION, KEY, asset_partitions=["a"])
    assert found.asset_key == KEY
    assert pw.RunStatusChangeRecordsFilter(pw.EventType.RUN_SUCCESS).job_names is None
    with pytest.raises(CheckError, match="asset_key: give it"):
        pw.EventRecordsFilter(pw.EventType.ASSET_MATERIALIZATION, asset_partitions=["a"])
    with pytest.raises(CheckError, match="changes the status"):
        pw.RunStatusChangeRecordsFilter(pw.EventType.STEP_START)
    with pytest.raises(ValueError, match="NO_SUCH"):
        pw.EventRecordsFilter("NO_SUCH")  # type: ignore[arg-type]  # what the test is for
