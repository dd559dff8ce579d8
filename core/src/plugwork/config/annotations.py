"""From a type annotation to a node of the schema."""

from __future__ import annotations

import collections.abc
import enum
import pathlib
import types as python_types
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Union
from typing import Any as AnyValue

import attrs

from plugwork.config import types
from plugwork.config.choice import Enum, EnumValue
from plugwork.config.containers import Array, Map, Noneable
from plugwork.config.schema import Permissive, Shape
from plugwork.config.types import ConfigType, Scalar
from plugwork.config.unions import Discriminated, Union_
from plugwork.config.walk import Walk
from plugwork.errors import InvalidConfigDefinitionError

Leaves = Mapping[object, ConfigType]

#: What settings of components may be given as: references are read on every leaf there.
PLAIN_LEAVES: Leaves = {
    str: types.String,
    int: types.Int,
    float: types.Float,
    bool: types.Bool,
}
#: What typed run config may be given as: a value, or ``{env: NAME}``.
SOURCE_LEAVES: Leaves = {
    str: types.StringSource,
    int: types.IntSource,
    float: types.Float,
    bool: types.BoolSource,
}
_LISTS: dict[object, Callable[[list[AnyValue]], AnyValue]] = {
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    collections.abc.Sequence: list,
}
_NO_TYPE = "config cannot give this type"
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


class PathType(Scalar):
    """A path, written as text."""

    def __init__(self) -> None:
        super().__init__("path", "a path", "...", _path_text, str)

    def construct(self, value: AnyValue) -> AnyValue:
        return pathlib.Path(value).expanduser()


class Collection(Array):
    """A list that becomes a tuple or a set."""

    def __init__(self, inner_type: ConfigType, make: Callable[[list[AnyValue]], AnyValue]) -> None:
        super().__init__(inner_type)
        self._make = make

    def construct(self, value: AnyValue) -> AnyValue:
        return self._make(super().construct(value))


class PythonEnum(Enum):
    """A Python enum, given by a member's name, or by its value where all values are text."""

    def __init__(self, enum_type: type[enum.Enum]) -> None:
        members = {enum_text(member): member for member in enum_type}
        names = {each.name: each for each in enum_type if each.name not in members}
        values = [EnumValue(text, member) for text, member in {**members, **names}.items()]
        super().__init__(enum_type.__name__, values)
        #: What is offered and stored.
        self.offered = list(members)
        self.expected = f"one of {', '.join(members)}"
        self._stored = {text: enum_text(member) for text, member in names.items()}

    def check(self, value: object, at: Walk) -> object:
        checked = super().check(value, at)
        return self._stored.get(checked, checked) if isinstance(checked, str) else checked


def enum_text(member: enum.Enum) -> str:
    """Write a member as config: by its value where all values are text, else by its name."""
    by_value = all(isinstance(each.value, str) for each in type(member))
    return member.value if by_value else member.name


class LiteralType(Enum):
    """One of the texts of a ``Literal``."""


def from_annotation(
    annotation: AnyValue, leaves: Leaves, stack: list[str], discriminator: str | None = None
) -> ConfigType:
    """Compile an annotation.

    :param leaves: the nodes of ``str``, ``int``, ``float`` and ``bool``.
    :param stack: the way to it, for the error.
    :param discriminator: the field that tells the classes of a union apart. Not given: the first
        that all of them have with texts of their own.
    :raises InvalidConfigDefinitionError: for a type that config cannot give.
    """
    if _is_leaf(annotation, leaves):
        return leaves[annotation]
    if annotation is AnyValue or annotation is object:
        return types.Any
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return _from_class(annotation, leaves, stack)
    return _from_generic(annotation, leaves, stack, discriminator)


def _is_leaf(annotation: AnyValue, leaves: Leaves) -> bool:
    try:
        return annotation in leaves
    except TypeError:  # not hashable, so none
        return False


def _from_class(annotation: type, leaves: Leaves, stack: list[str]) -> ConfigType:
    from plugwork.config.class_shape import settings_schema

    if hasattr(annotation, "__config_type__"):
        made: ConfigType = annotation.__config_type__()
        return made
    if issubclass(annotation, enum.Enum):
        return PythonEnum(annotation)
    if issubclass(annotation, pathlib.PurePath):
        return PathType()
    if attrs.has(annotation):
        return settings_schema(annotation)
    if annotation in _LISTS:
        return Collection(types.Any, _LISTS[annotation])
    if annotation in _MAPPINGS:
        return Permissive()
    return _from_foreign(annotation, stack)


def _from_foreign(annotation: type, stack: list[str]) -> ConfigType:
    from plugwork.config.foreign import foreign_type

    found = foreign_type(annotation)
    if found is None:
        raise InvalidConfigDefinitionError(annotation, annotation, stack, _NO_TYPE)
    return found


def _from_generic(
    annotation: AnyValue, leaves: Leaves, stack: list[str], discriminator: str | None
) -> ConfigType:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        own = [each for each in arguments[1:] if isinstance(each, ConfigType)]
        return own[0] if own else from_annotation(arguments[0], leaves, stack, discriminator)
    if origin is Union or origin is python_types.UnionType:
        return _from_union(arguments, leaves, stack, discriminator)
    if origin is Literal:
        return _from_literal(arguments, annotation, stack)
    if origin in _LISTS and (origin is not tuple or arguments[1:] == (...,)):
        inner = from_annotation(arguments[0], leaves, [*stack, "[]"])
        return Collection(inner, _LISTS[origin])
    if origin in _MAPPINGS:
        key = from_annotation(arguments[0], PLAIN_LEAVES, stack)
        return Map(key, from_annotation(arguments[1], leaves, [*stack, "{}"]))
    raise InvalidConfigDefinitionError(annotation, annotation, stack, _NO_TYPE)


def _from_union(
    arguments: tuple[AnyValue, ...], leaves: Leaves, stack: list[str], discriminator: str | None
) -> ConfigType:
    members = [each for each in arguments if each is not type(None)]
    compiled = [from_annotation(each, leaves, stack) for each in members]
    inner = compiled[0] if len(compiled) == 1 else _union(compiled, stack, discriminator)
    return Noneable(inner) if len(members) < len(arguments) else inner


def _union(members: list[ConfigType], stack: list[str], discriminator: str | None) -> ConfigType:
    shapes = [each for each in members if isinstance(each, Shape)]
    names = [discriminator] if discriminator else list(shapes[0].fields) if shapes else []
    for name in names:
        by_text = [(text, each) for each in shapes for text in _texts(each, name)]
        whole = len(shapes) == len(members) and all(_texts(each, name) for each in shapes)
        if whole and len(dict(by_text)) == len(by_text):
            return Discriminated(name, dict(by_text))
    if discriminator:
        reason = (
            f"each class of the union needs a field {discriminator!r} with a Literal of its own"
        )
        raise InvalidConfigDefinitionError(discriminator, discriminator, stack, reason)
    return Union_(members)


def _texts(shape: Shape, name: str) -> list[str]:
    found = shape.fields[name].config_type if name in shape.fields else None
    return found.config_values if isinstance(found, LiteralType) else []


def _from_literal(
    arguments: tuple[AnyValue, ...], annotation: AnyValue, stack: list[str]
) -> ConfigType:
    if all(isinstance(each, str) for each in arguments):
        return LiteralType("literal", [EnumValue(each) for each in arguments])
    raise InvalidConfigDefinitionError(
        annotation, annotation, stack, "a Literal holds strings here"
    )


def _path_text(value: object) -> object:
    if not isinstance(value, (str, pathlib.PurePath)):
        raise ValueError("not a path")
    return str(value)
