"""From what users write as a schema to the nodes of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as AnyValue

from plugwork.config import types
from plugwork.config.types import ConfigType
from plugwork.errors import InvalidConfigDefinitionError, InvalidInvocationError

_SHORT_FORMS: dict[object, ConfigType] = {
    int: types.Int,
    float: types.Float,
    str: types.String,
    bool: types.Bool,
    AnyValue: types.Any,
    object: types.Any,
}


class ConfigSchema:
    """Names, in annotations, what may be given as a ``config_schema``.

    That is a config type such as ``Shape`` or ``Noneable(int)``, a :class:`Field`, a
    :class:`Config` class, or a short form: ``int float str bool list dict``, ``[T]``,
    ``{"name": T}``, ``{key_type: T}``.

    :raises InvalidInvocationError: always; there are no objects of it.
    """

    def __init__(self) -> None:
        raise InvalidInvocationError(
            "ConfigSchema only names what may be a config_schema: give one, such as {'n': int}"
        )


def resolve_to_config_type(obj: object) -> ConfigType:
    """Compile a schema or a short form of one.

    Short forms are the types ``int str float bool dict list``, ``[T]``, ``{"name": T}`` and
    ``{key_type: T}``. Any other object may offer a method ``__config_type__`` that returns its
    schema: typed config classes do.

    :raises InvalidConfigDefinitionError: for anything else, with the path to it as ``stack``.
    """
    return _resolve(obj, obj, [])


def _resolve(obj: object, root: object, stack: list[str]) -> ConfigType:
    if isinstance(obj, ConfigType):
        return obj
    short = _short_form(obj)
    if short is not None:
        return short
    own = getattr(obj, "__config_type__", None)
    if own is not None:
        return _own_type(own(), obj, root, stack)
    if isinstance(obj, list) or obj is list:
        return _array([AnyValue] if obj is list else obj, root, stack)
    if isinstance(obj, Mapping) or obj is dict:
        return _mapping(obj, root, stack)
    found = _class_type(obj) if isinstance(obj, type) else None
    if found is not None:
        return found
    raise InvalidConfigDefinitionError(root, obj, stack, _reason(obj))


def _class_type(cls: type) -> ConfigType | None:
    """Compile an attrs class, or one that a plugin reads."""
    from plugwork.config.foreign import foreign_type

    if "__attrs_attrs__" in vars(cls):
        from plugwork.config.class_shape import attrs_config_schema

        return attrs_config_schema(cls)
    return foreign_type(cls)


def _short_form(obj: object) -> ConfigType | None:
    try:
        return _SHORT_FORMS.get(obj)
    except TypeError:  # not hashable: a list or a mapping
        return None


def _own_type(made: object, obj: object, root: object, stack: list[str]) -> ConfigType:
    if isinstance(made, ConfigType):
        return made
    raise InvalidConfigDefinitionError(root, obj, stack, "its __config_type__ gives no schema")


def _array(obj: AnyValue, root: object, stack: list[str]) -> ConfigType:
    from plugwork.config.containers import Array

    if len(obj) != 1:
        raise InvalidConfigDefinitionError(root, obj, stack, "a list holds exactly one type")
    return Array(_resolve(obj[0], root, [*stack, "[]"]))


def _mapping(obj: AnyValue, root: object, stack: list[str]) -> ConfigType:
    from plugwork.config.containers import Map
    from plugwork.config.schema import Field, Permissive, Shape

    if obj is dict:
        return Permissive()
    if len(obj) == 1 and not isinstance(next(iter(obj)), str):
        [(key, inner)] = obj.items()
        return Map(_resolve(key, root, stack), _resolve(inner, root, [*stack, str(key)]))
    for name in obj:
        if not isinstance(name, str):
            raise InvalidConfigDefinitionError(root, obj, stack, f"the key {name!r} is not a str")
    compiled = {
        name: part if isinstance(part, Field) else _resolve(part, root, [*stack, name])
        for name, part in obj.items()
    }
    return Shape(compiled)


def _reason(obj: object) -> str:
    from plugwork.config.schema import Field

    if isinstance(obj, Field):
        return "a Field stands only as the member of a mapping, or as a whole schema"
    if isinstance(obj, type) and issubclass(obj, ConfigType):
        return f"write it with its arguments: {obj.__name__}(...)"
    if getattr(obj, "__origin__", None) is not None:
        return "write [T] for a list, {str: T} for a map and Noneable(T) for an optional"
    return "expected int, str, float, bool, list, dict, [T], {name: T} or a config type"
