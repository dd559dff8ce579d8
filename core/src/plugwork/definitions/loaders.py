"""Values of inputs that no output feeds: their forms in run config, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as AnyValue

from plugwork.config import types as config
from plugwork.config.containers import Array, Noneable
from plugwork.config.schema import Permissive, Shape
from plugwork.config.types import ConfigType
from plugwork.config.walk import Walk
from plugwork.definitions.type_loader import TypeLoader
from plugwork.definitions.types import Any, Bool, Float, Int, String, Type, TypeKind

_FILE = Shape({"path": str})
_SCALARS: dict[Type, ConfigType] = {
    Int: config.Int,
    String: config.String,
    Float: config.Float,
    Bool: config.Bool,
}


class InputConfig(ConfigType):
    """A value as it is, or ``{value: v}``, ``{json: {path: p}}``, ``{pickle: {path: p}}``.

    :param bare: the schema of the value itself; None takes only the other forms.
    """

    def __init__(self, bare: ConfigType | None) -> None:
        self._bare = bare
        self._forms = {"value": bare or config.Any, "json": _FILE, "pickle": _FILE}
        objects = "{value: ...}, {json: {path: ...}} or {pickle: {path: ...}}"
        self.expected = f"{bare.expected}, or {objects}" if bare else objects
        self.label = bare.label if bare else "value"

    def _form(self, value: AnyValue) -> str | None:
        if isinstance(value, Mapping) and len(value) == 1:
            [key] = value
            return key if key in self._forms else None
        return None

    def check(self, value: AnyValue, at: Walk) -> object:
        form = self._form(value)
        if form is not None:
            return {form: self._forms[form].check(value[form], at.into(form))}
        if self._bare is None:
            at.wrong(self.expected, value)
            return value
        return self._bare.check(value, at)

    def resolve(self, value: AnyValue, at: Walk) -> object:
        form = self._form(value)
        if form is not None:
            return {form: self._forms[form].resolve(value[form], at.into(form))}
        return self._bare.resolve(value, at) if self._bare else value

    def example(self) -> object:
        return self._bare.example() if self._bare else {"value": None}

    def load(self, value: AnyValue, context: AnyValue = None) -> AnyValue:
        """Return the input's value; reads the file that a checked config value names."""
        form = self._form(value)
        if form is None:
            return value
        if form == "value":
            return value[form]
        return _read_json(value[form]["path"]) if form == "json" else _unpickle(value[form]["path"])


class LoadedConfig(ConfigType):
    """What the loader of a type takes, alone or as members of a list or an optional."""

    def __init__(self, kind: Type) -> None:
        self._kind = kind
        self._schema = _loader_schema(kind)
        self.expected = self._schema.expected
        self.label = self._schema.label

    def check(self, value: AnyValue, at: Walk) -> object:
        return self._schema.check(value, at)

    def resolve(self, value: AnyValue, at: Walk) -> object:
        return self._schema.resolve(value, at)

    def mask(self, value: AnyValue) -> object:
        return self._schema.mask(value)

    def example(self) -> object:
        return self._schema.example()

    def load(self, value: AnyValue, context: AnyValue = None) -> AnyValue:
        """Return the input's value.

        :param context: for the loader; a :class:`TypeLoaderContext`.
        """
        return _load(self._kind, self._schema.construct(value), context)


def type_loader_of(kind: Type) -> TypeLoader | None:
    """Return the loader of a type: its own, or that of the members of a list or an optional."""
    if kind.loader is not None:
        return kind.loader
    composed = kind.kind in (TypeKind.LIST, TypeKind.NULLABLE) and kind.inner
    return type_loader_of(kind.inner[0]) if composed else None


def _loader_schema(kind: Type) -> ConfigType:
    if kind.loader is not None:
        return kind.loader.schema_type
    inner = _loader_schema(kind.inner[0])
    return Array(inner) if kind.kind is TypeKind.LIST else Noneable(inner)


def _load(kind: Type, value: AnyValue, context: AnyValue) -> AnyValue:
    if kind.loader is not None:
        return kind.loader.construct_from_config_value(context, value)
    if kind.kind is TypeKind.LIST:
        return [_load(kind.inner[0], member, context) for member in value]
    return None if value is None else _load(kind.inner[0], value, context)


def _read_json(path: str) -> AnyValue:
    import json

    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _unpickle(path: str) -> AnyValue:
    import pickle

    with open(path, "rb") as file:
        return pickle.load(file)  # noqa: S301 - the user's own file, named in his own config


def input_config(kind: Type) -> InputConfig | LoadedConfig | None:
    """Return the config schema of an input; None when config cannot give such values."""
    if type_loader_of(kind) is not None:
        return LoadedConfig(kind)
    bare = _bare(kind)
    return InputConfig(bare) if bare is not None or kind is Any else None


def _bare(kind: Type) -> ConfigType | None:
    if kind.kind is TypeKind.LIST:
        return Array(_bare(kind.inner[0]) or config.Any)
    if kind.kind is TypeKind.DICT:
        return Permissive()
    if kind.kind is TypeKind.NULLABLE:
        inner = _bare(kind.inner[0])
        return Noneable(inner) if inner else None
    return _SCALARS.get(kind)
