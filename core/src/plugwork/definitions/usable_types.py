"""Classes that stand for types of the user's own."""

from __future__ import annotations

import builtins
from typing import Any, TypeVar

from plugwork.definitions.annotations import KNOWN_TYPES
from plugwork.definitions.place import caller
from plugwork.definitions.type_loader import TypeLoader
from plugwork.definitions.types import PythonObjectType, Type
from plugwork.errors import InvalidDefinitionError

AnyClass = TypeVar("AnyClass", bound=type)


def make_python_type_usable_as_type(python_type: type, type: Type) -> None:  # noqa: A002 - a public parameter name
    """Let a class stand for a type in annotations: ``def f(x: TheClass)``.

    :raises InvalidDefinitionError: when the class stands for another type already.
    """
    if not isinstance(python_type, builtins.type) or not isinstance(type, Type):
        raise InvalidDefinitionError(
            f"a class and a Type are needed, got {python_type!r} and {type!r} ({caller()})"
        )
    known = KNOWN_TYPES.setdefault(python_type, type)
    if known is not type:
        raise InvalidDefinitionError(
            f"{python_type.__qualname__} stands for {known!r} already; it cannot stand for "
            f"{type!r} ({caller()})"
        )


def usable_as_type(
    name: Any = None,
    description: str | None = None,
    loader: TypeLoader | None = None,
) -> Any:
    """Let a class stand for a type of its own in annotations; goes over the class.

    :param name: the class's name when not given.
    :param loader: reads an input of the type from run config.
    """

    def define(cls: AnyClass) -> AnyClass:
        chosen = name if isinstance(name, str) else cls.__name__
        made = PythonObjectType(cls, name=chosen, description=description, loader=loader)
        make_python_type_usable_as_type(cls, made)
        return cls

    return define(name) if isinstance(name, builtins.type) else define
