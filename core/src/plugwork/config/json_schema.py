"""JSON Schema (draft 2020-12) of ``plugwork.yaml``, for editors and for checks elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from plugwork.abc.specs import KINDS
from plugwork.config import types
from plugwork.config.annotations import PathType, PythonEnum
from plugwork.config.choice import Enum
from plugwork.config.class_shape import settings_schema
from plugwork.config.component_section import PLUGIN
from plugwork.config.containers import Array, Map, Noneable, ScalarUnion
from plugwork.config.durations import Duration
from plugwork.config.rules import Ruled
from plugwork.config.schema import Field, Selector, Shape
from plugwork.config.sections import CLASS_FORM, SECTIONS
from plugwork.config.types import AnyType, ConfigType, EnvSource, Scalar
from plugwork.config.unions import Discriminated, Union_
from plugwork.config.walk import Walk

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = {"$ref": "#/$defs/reference"}
_VARIABLE = {"$ref": "#/$defs/variable"}
_DEFS: dict[str, Any] = {
    "variable": {
        "description": "the value of an environment variable",
        "type": "object",
        "properties": {"env": {"type": "string", "minLength": 1}},
        "required": ["env"],
        "additionalProperties": False,
    },
    "reference": {
        "description": "a value that stands elsewhere",
        "anyOf": [{"type": "string", "pattern": r"\$\{[A-Za-z][\w+.-]*:[^{}]*\}"}, _VARIABLE],
    },
}
_DURATION = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[\d. ]+(ms|s|m|h|d)"}]
}
_SCALARS: dict[ConfigType, dict[str, Any]] = {
    types.String: {"type": "string"},
    types.Int: {"type": "integer"},
    types.Float: {"type": "number"},
    types.Bool: {"type": "boolean"},
    Duration: _DURATION,
}


@attrs.frozen
class InstalledComponent:
    """What the schema tells of one component that is installed."""

    #: A kind of :class:`plugwork.abc.specs.Kind`, or ``plugin``.
    kind: str
    name: str
    summary: str = ""
    #: The attrs class of its settings; None when it takes none.
    settings: type | None = None


def instance_json_schema(installed: Iterable[InstalledComponent]) -> dict[str, Any]:
    """Make the schema of the file for what is installed.

    :param installed: components of all kinds, and life-cycle plugins.
    """
    by_kind: dict[str, list[InstalledComponent]] = {}
    for each in installed:
        by_kind.setdefault(each.kind, []).append(each)
    properties = {
        key: {"description": f"the {info.title} of the instance", **_section(by_kind, info.kind)}
        for info in KINDS.values()
        for key in info.keys
    }
    own = json_schema(Shape(SECTIONS), references=True)["properties"]
    return {
        "$schema": _DIALECT,
        "title": "plugwork.yaml",
        "type": "object",
        "properties": {**properties, "plugins": _plugins(by_kind), **own},
        "additionalProperties": False,
        "$defs": {**_DEFS, "classForm": json_schema(CLASS_FORM, references=True)},
    }


def json_schema(config_type: ConfigType, *, references: bool = False) -> dict[str, Any]:
    """Write one schema as JSON Schema.

    :param references: whether references may stand for leaves; ``$defs`` must then hold what
        :func:`instance_json_schema` puts there.
    """
    if isinstance(config_type, AnyType):
        return {}
    leaf = _leaf(config_type)
    if leaf is not None:
        return _with_references(leaf, references)
    for node, write in _BRANCHES.items():
        if isinstance(config_type, node):
            return write(config_type, lambda inner: json_schema(inner, references=references))
    return {}


def _leaf(config_type: ConfigType) -> dict[str, Any] | None:
    if config_type in _SCALARS:
        return dict(_SCALARS[config_type])
    if isinstance(config_type, PathType):
        return {"type": "string"}
    if isinstance(config_type, PythonEnum):
        return {"enum": config_type.offered}
    return {"enum": config_type.config_values} if isinstance(config_type, Enum) else None


def _with_references(leaf: dict[str, Any], references: bool) -> dict[str, Any]:
    if not references:
        return leaf
    if leaf == {"type": "string"}:
        return {"anyOf": [leaf, _VARIABLE]}
    return {"anyOf": [leaf, _REFERENCE]}


_Inner = Callable[[ConfigType], dict[str, Any]]


def _shape(shape: Shape, inner: _Inner) -> dict[str, Any]:
    written: dict[str, Any] = {
        "type": "object",
        "properties": {name: _member(field, inner) for name, field in shape.fields.items()},
        "additionalProperties": shape.keeps_unknown,
    }
    required = [name for name, field in shape.fields.items() if field.is_required]
    if shape.description:
        written["description"] = shape.description
    return {**written, "required": required} if required else written


def _member(field: Field, inner: _Inner) -> dict[str, Any]:
    written = inner(field.config_type)
    if field.description:
        written["description"] = field.description
    if field.default_provided and not field.is_secret and field.default_value != {}:
        written["default"] = field.config_type.check(field.default_value, Walk())
    return written


def _selector(selector: Selector, inner: _Inner) -> dict[str, Any]:
    return {**_shape(Shape(selector.fields), inner), "required": [], "maxProperties": 1}


def _ruled(ruled: Ruled, inner: _Inner) -> dict[str, Any]:
    written = inner(ruled.inner_type)
    bounds = {key: bound for rule in ruled.rules for key, bound in rule.json.items()}
    return {**written, **bounds}


_BRANCHES: dict[type[ConfigType], Callable[[Any, _Inner], dict[str, Any]]] = {
    Selector: _selector,
    Shape: _shape,
    Ruled: _ruled,
    Array: lambda node, inner: {"type": "array", "items": inner(node.inner_type)},
    Map: lambda node, inner: {"type": "object", "additionalProperties": inner(node.inner_type)},
    Noneable: lambda node, inner: {"anyOf": [inner(node.inner_type), {"type": "null"}]},
    ScalarUnion: lambda node, inner: {
        "anyOf": [inner(node.scalar_type), inner(node.non_scalar_type)]
    },
    Union_: lambda node, inner: {"anyOf": [inner(member) for member in node.members]},
    Discriminated: lambda node, inner: {
        **_selector(Selector(node.members), inner),
        "additionalProperties": True,
    },
    EnvSource: lambda node, inner: {"anyOf": [inner(node.scalar), dict(_VARIABLE)]},
    Scalar: lambda node, inner: {},
}


def _section(by_kind: dict[str, list[InstalledComponent]], kind: str) -> dict[str, Any]:
    class_form = {"$ref": "#/$defs/classForm"}
    custom = {
        "type": "object",
        "properties": {"custom": class_form},
        "required": ["custom"],
        "additionalProperties": False,
    }
    return {"oneOf": [*_choices(by_kind.get(kind, [])), class_form, custom]}


def _choices(installed: list[InstalledComponent]) -> list[dict[str, Any]]:
    """Offer each component by its name alone, where it can do without settings, and with them."""
    alone = [_named(each) for each in installed if not _required(each)]
    return alone + [_with_settings(each) for each in installed]


def _named(component: InstalledComponent) -> dict[str, Any]:
    written: dict[str, Any] = {"const": component.name}
    return {**written, "description": component.summary} if component.summary else written


def _with_settings(component: InstalledComponent) -> dict[str, Any]:
    settings: dict[str, Any] = {"type": "object", "maxProperties": 0}
    if component.settings is not None:
        settings = json_schema(settings_schema(component.settings), references=True)
    if not _required(component):
        settings = {"anyOf": [settings, {"type": "null"}]}
    if component.summary:
        settings["description"] = component.summary
    return {
        "type": "object",
        "properties": {component.name: settings},
        "required": [component.name],
        "additionalProperties": False,
    }


def _required(component: InstalledComponent) -> bool:
    if component.settings is None:
        return False
    return any(field.is_required for field in settings_schema(component.settings).fields.values())


def _plugins(by_kind: dict[str, list[InstalledComponent]]) -> dict[str, Any]:
    enabled = _choices(by_kind.get(PLUGIN, []))
    texts = {"type": "array", "items": {"type": "string"}}
    return {
        "description": "what is loaded beside components",
        "type": "object",
        "properties": {
            "enable": {
                "description": "plugins that hook into runs",
                "type": "array",
                "items": {"oneOf": enabled} if enabled else {},
            },
            "prefer": {
                "description": "which distribution a name is taken from, by kind.name",
                "type": "object",
                "additionalProperties": {"type": "string"},
            },
            "block": {
                **texts,
                "description": "distributions, plugins or kind.name, never to be loaded",
            },
        },
        "additionalProperties": False,
    }
