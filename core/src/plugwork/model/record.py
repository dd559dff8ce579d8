"""Records as JSON: a closed registry of types, unknown fields kept.

A record is an attrs class under a tag. Its JSON is an object with the tag as ``t``, the format's
number as ``v`` when it is not 1, and the fields that differ from their default. Reading looks the
tag up in :data:`TYPES`, a table of this module: nothing is imported by a name found in data.
Within one ``v`` fields are only added; a reader keeps the fields that it does not know and
writes them back.
"""

from __future__ import annotations

import base64
import json
import json.encoder
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from importlib import import_module
from typing import Any, ClassVar, TypeVar

import attrs

from plugwork.errors import DeserializationError

#: tag -> the module of this package, and the class in it. Append only.
TYPES: dict[str, tuple[str, str]] = {
    "run": ("run", "Run"),
    "code_ref": ("code_ref", "CodeRef"),
    "job_origin": ("code_ref", "JobOrigin"),
    "holder": ("lease", "Holder"),
    "error": ("error_info", "SerializableErrorInfo"),
    "asset_key": ("assets", "AssetKey"),
    "materialization": ("assets", "AssetMaterialization"),
    "observation": ("assets", "AssetObservation"),
    "m_text": ("metadata", "TextMetadataValue"),
    "m_url": ("metadata", "UrlMetadataValue"),
    "m_path": ("metadata", "PathMetadataValue"),
    "m_notebook": ("metadata", "NotebookMetadataValue"),
    "m_json": ("metadata", "JsonMetadataValue"),
    "m_md": ("metadata", "MarkdownMetadataValue"),
    "m_float": ("metadata", "FloatMetadataValue"),
    "m_int": ("metadata", "IntMetadataValue"),
    "m_bool": ("metadata", "BoolMetadataValue"),
    "m_timestamp": ("metadata", "TimestampMetadataValue"),
    "m_run": ("metadata", "RunMetadataValue"),
    "m_asset": ("metadata", "AssetMetadataValue"),
    "m_job": ("metadata", "JobMetadataValue"),
    "m_pool": ("metadata", "PoolMetadataValue"),
    "m_null": ("metadata", "NullMetadataValue"),
    "m_python_artifact": ("metadata", "PythonArtifactMetadataValue"),
    "m_table": ("table", "TableMetadataValue"),
    "m_table_schema": ("table", "TableSchemaMetadataValue"),
    "m_table_column_lineage": ("table", "TableColumnLineageMetadataValue"),
    "table_record": ("table", "TableRecord"),
    "table_column": ("table", "TableColumn"),
    "table_column_constraints": ("table", "TableColumnConstraints"),
    "table_constraints": ("table", "TableConstraints"),
    "table_schema": ("table", "TableSchema"),
    "table_column_dep": ("table", "TableColumnDep"),
    "table_column_lineage": ("table", "TableColumnLineage"),
    "step_output_handle": ("payloads", "StepOutputHandle"),
    "type_check": ("payloads", "TypeCheckData"),
    "user_failure": ("payloads", "UserFailureData"),
    "log_range": ("payloads", "LogRange"),
    "engine_event": ("payloads", "EngineEventData"),
    "logs_captured": ("payloads", "ComputeLogsCaptureData"),
    "loaded_input": ("payloads", "LoadedInputData"),
    "step_input": ("payloads", "StepInputData"),
    "step_output": ("payloads", "StepOutputData"),
    "handled_output": ("payloads", "HandledOutputData"),
    "step_success": ("payloads", "StepSuccessData"),
    "step_failure": ("payloads", "StepFailureData"),
    "step_retry": ("payloads", "StepRetryData"),
    "hook_errored": ("payloads", "HookErroredData"),
    "run_enqueued": ("run_payloads", "RunEnqueuedData"),
    "run_failure": ("run_payloads", "RunFailureData"),
    "run_canceled": ("run_payloads", "RunCanceledData"),
    "step_materialization": ("asset_payloads", "StepMaterializationData"),
    "asset_observation": ("asset_payloads", "AssetObservationData"),
    "asset_planned": ("asset_payloads", "AssetMaterializationPlannedData"),
    "run_request": ("automation", "RunRequest"),
    "add_partitions": ("automation", "AddDynamicPartitionsRequest"),
    "delete_partitions": ("automation", "DeleteDynamicPartitionsRequest"),
    "run_reaction": ("evaluations", "RunReaction"),
    "schedule_evaluation": ("evaluations", "ScheduleExecutionData"),
    "sensor_evaluation": ("evaluations", "SensorExecutionData"),
}
#: Tags of earlier releases -> the tag of today.
OLD_TAGS: dict[str, str] = {}
ENUMS: dict[str, str] = {
    "RunStatus": "RunStatus",
    "RunFailureReason": "RunFailureReason",
    "ErrorSource": "ErrorSource",
}
_PACKAGE = __name__.rpartition(".")[0]

R = TypeVar("R", bound="Record")


class Record:
    """Base of every class that is stored or sent."""

    __slots__ = ("_unknown",)
    _tag: ClassVar[str] = ""
    _version: ClassVar[int] = 1
    #: From an older ``v`` to the next one: takes and returns the JSON fields.
    _upgrades: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}

    @property
    def unknown_fields(self) -> Mapping[str, Any]:
        """Fields that a newer release stored and this one does not know."""
        return getattr(self, "_unknown", None) or {}


def tagged(tag: str) -> Callable[[type[R]], type[R]]:
    """Give a record class its tag in :data:`TYPES`."""

    def set_tag(cls: type[R]) -> type[R]:
        cls._tag = tag
        return cls

    return set_tag


def replace(record: R, **changes: Any) -> R:
    """Return a copy with changed fields; unlike ``attrs.evolve`` it keeps unknown fields."""
    new = attrs.evolve(record, **changes)  # type: ignore[misc]  # every subclass is an attrs class
    unknown = getattr(record, "_unknown", None)
    if unknown:
        object.__setattr__(new, "_unknown", unknown)
    return new


_FIELDS: dict[type, tuple[tuple[str, Any], ...]] = {}


def _fields_of(cls: type) -> tuple[tuple[str, Any], ...]:
    found = _FIELDS.get(cls)
    if found is None:
        found = tuple((f.name, _omitted(f)) for f in attrs.fields(cls))
        _FIELDS[cls] = found
    return found


_ARGUMENTS: dict[type, dict[str, str]] = {}


def _arguments_of(cls: type) -> dict[str, str]:
    """Return the fields of a record class, each with its name as an argument."""
    found = _ARGUMENTS.get(cls)
    if found is None:
        found = _ARGUMENTS[cls] = {field.name: field.alias for field in attrs.fields(cls)}
    return found


def _omitted(field: attrs.Attribute[Any]) -> Any:
    """The value that is left out of the JSON: the field's default."""
    default: Any = field.default
    return default.factory() if hasattr(default, "factory") else default


def pack_fields(record: Record) -> dict[str, Any]:
    """Return the JSON fields of a record, without its tag."""
    packed: dict[str, Any] = {}
    for name, omitted in _fields_of(type(record)):
        value = getattr(record, name)
        if value is omitted or value == omitted:
            continue
        packed[name] = value if type(value) in _PLAIN else pack(value)
    unknown = getattr(record, "_unknown", None)
    return {**unknown, **packed} if unknown else packed


_PLAIN = frozenset({str, int, bool, type(None)})


def pack(value: Any) -> Any:
    """Turn a value into what ``json.dumps`` takes.

    :raises DeserializationError: for a value of a type that cannot be stored.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    packer = _PACKERS.get(kind)
    if packer is not None:
        return packer(value)
    return _pack_other(value)


def _pack_other(value: Any) -> Any:
    if isinstance(value, Record):
        tag = {"t": value._tag}
        if value._version != 1:
            tag["v"] = value._version  # type: ignore[assignment]  # JSON object of mixed values
        return {**tag, **pack_fields(value)}
    if isinstance(value, Enum):
        return _pack_enum(value)
    for base in (Mapping, str, bool, int, float, list, tuple, set, frozenset):
        if isinstance(value, base):
            return _PACKERS[_BASES[base]](value)
    raise DeserializationError(f"a value of type {type(value).__name__} cannot be stored")


def _pack_enum(value: Enum) -> dict[str, Any]:
    name = type(value).__name__
    if name not in ENUMS:
        raise DeserializationError(f"the enum {name} cannot be stored")
    return {"t": "enum", "of": name, "x": value.value}


def _pack_dict(value: Mapping[Any, Any]) -> Any:
    if all(type(key) is str for key in value) and "t" not in value:
        return {key: pack(item) for key, item in value.items()}
    return {"t": "map", "x": [[pack(key), pack(item)] for key, item in value.items()]}


def _pack_list(value: Iterable[Any]) -> list[Any]:
    return [pack(item) for item in value]


def _pack_set(value: Iterable[Any]) -> dict[str, Any]:
    return {"t": "set", "x": sorted((pack(item) for item in value), key=repr)}


def _pack_float(value: float) -> Any:
    return float(value) if math.isfinite(value) else {"t": "float", "x": repr(float(value))}


_PACKERS: dict[type, Callable[[Any], Any]] = {
    float: _pack_float,
    dict: _pack_dict,
    list: _pack_list,
    tuple: _pack_list,
    set: _pack_set,
    frozenset: _pack_set,
    str: str.__str__,
    int: int,
    bool: bool,
    bytes: lambda value: {"t": "bytes", "x": base64.b64encode(value).decode("ascii")},
    datetime: lambda value: {"t": "datetime", "x": value.isoformat()},
}
_BASES: dict[type, type] = {
    Mapping: dict,
    str: str,
    bool: bool,
    int: int,
    float: float,
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
}


def unpack(value: Any) -> Any:
    """Turn JSON back into the value that was packed.

    :raises DeserializationError: for an unknown tag, a newer ``v``, or fields that do not fit.
    """
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "t" not in value:
        return {key: unpack(item) for key, item in value.items()}
    tag = value["t"]
    unpacker = _UNPACKERS.get(tag) if isinstance(tag, str) else None
    try:
        if unpacker is not None:
            return unpacker(value)
        fields = {key: item for key, item in value.items() if key not in ("t", "v")}
        return unpack_record(tag, value.get("v", 1), fields)
    except (KeyError, TypeError, ValueError) as error:
        raise DeserializationError(f"stored {tag!r} is damaged: {error}") from error


def unpack_record(tag: object, version: object, fields: Mapping[str, Any]) -> Record:
    """Build the record of a tag from its JSON fields.

    :raises DeserializationError: when tag or version are not known, or a field is missing.
    """
    cls = record_type(tag)
    if not isinstance(version, int) or version > cls._version:
        raise DeserializationError(f"{tag!r} has format {version}, newer than this release reads")
    raw = dict(fields)
    for number in range(version, cls._version):
        raw = cls._upgrades[number](raw)
    names = _arguments_of(cls)
    known = {names[key]: unpack(item) for key, item in raw.items() if key in names}
    try:
        record = cls(**known)
    except (TypeError, ValueError) as error:
        raise DeserializationError(f"stored {tag!r} is damaged: {error}") from error
    unknown = {key: item for key, item in raw.items() if key not in names}
    if unknown:
        object.__setattr__(record, "_unknown", unknown)
    return record


def record_type(tag: object) -> type[Record]:
    """Return the class of a tag, or of one of its old names.

    :raises DeserializationError: when the table has no such tag.
    """
    name = OLD_TAGS.get(tag, tag) if isinstance(tag, str) else tag
    entry = TYPES.get(name) if isinstance(name, str) else None
    if entry is None:
        raise DeserializationError(f"unknown type tag {tag!r}")
    cls: type[Record] = getattr(import_module(f"{_PACKAGE}.{entry[0]}"), entry[1])
    return cls


def _unpack_enum(value: dict[str, Any]) -> Enum:
    name = ENUMS[value["of"]]
    cls: type[Enum] = getattr(import_module(f"{_PACKAGE}.enums"), name)
    return cls(value["x"])


_UNPACKERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "enum": _unpack_enum,
    "map": lambda value: {unpack(key): unpack(item) for key, item in value["x"]},
    "set": lambda value: {unpack(item) for item in value["x"]},
    "float": lambda value: float(value["x"]),
    "bytes": lambda value: base64.b64decode(value["x"]),
    "datetime": lambda value: datetime.fromisoformat(value["x"]),
}

_ENCODER = json.JSONEncoder(
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    # What is packed is a tree; not to look for cycles saves half the time of a small body.
    check_circular=False,
)


def _encode_function() -> Callable[[Any], str]:
    """Return ``_ENCODER.encode``, without what it does anew for each call.

    It makes its C encoder each time, which takes as long as to encode a small body.
    """
    make: Callable[..., Any] | None = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return _ENCODER.encode
    escape = json.encoder.encode_basestring
    encode = make(None, _ENCODER.default, escape, None, ":", ",", False, False, False)
    return lambda packed: "".join(encode(packed, 0))


_encode = _encode_function()


def dumps(packed: Any) -> str:
    """Encode packed values as compact JSON text that UTF-8 can hold."""
    text = _encode(packed)
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # A lone surrogate: as an escape it survives every database and reads back the same.
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text


def serialize_value(val: Any) -> str:
    """Return the JSON text of a record, or of plain values that hold records."""
    return dumps(pack(val))


def deserialize_value(val: str, as_type: type[Any] | None = None) -> Any:
    """Return the value that :func:`serialize_value` stored.

    :param as_type: refuse anything that is not of this type.
    :raises DeserializationError: when the text is not such JSON, or of another type.
    """
    try:
        value = unpack(json.loads(val))
    except json.JSONDecodeError as error:
        raise DeserializationError(f"stored text is not JSON: {error}") from error
    if as_type is not None and not isinstance(value, as_type):
        raise DeserializationError(f"expected a {as_type.__name__}, got {type(value).__name__}")
    return value


def as_texts(value: Iterable[str]) -> tuple[str, ...]:
    """Convert a field to a tuple of text; a typed converter for attrs fields."""
    return tuple(value)
