"""From Python annotations to types."""

from __future__ import annotations

import collections.abc
import types
import typing
from typing import Any as AnyValue

from plugwork.config import types as config
from plugwork.definitions.events import DynamicOutput, Output
from plugwork.definitions.types import (
    PASSED,
    Any,
    Bool,
    Float,
    Int,
    Nothing,
    PythonObjectType,
    String,
    Type,
    TypeCheck,
    TypeKind,
)
from plugwork.errors import InvalidDefinitionError

#: Annotations and classes whose type is given, not made.
KNOWN_TYPES: dict[AnyValue, Type] = {
    int: Int,
    str: String,
    float: Float,
    bool: Bool,
    type(None): Nothing,
    None: Nothing,
    typing.Any: Any,
    object: Any,
    config.Int: Int,
    config.String: String,
    config.Float: Float,
    config.Bool: Bool,
    config.Any: Any,
}


def resolve_type(annotation: AnyValue) -> Type:
    """Return the type that an annotation stands for.

    What cannot be checked at run time (type variables, protocols) is :data:`Any`.

    :raises InvalidDefinitionError: when the value is no annotation at all.
    """
    if isinstance(annotation, Type):
        return annotation
    if isinstance(annotation, Constructor):
        return annotation.bare()
    try:
        known = KNOWN_TYPES.get(annotation)
    except TypeError:
        known = None
    if known is not None:
        return known
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _resolve_generic(origin, typing.get_args(annotation))
    if isinstance(annotation, type):
        return _resolve_class(annotation)
    if isinstance(annotation, typing.NewType):
        return resolve_type(annotation.__supertype__)
    if isinstance(annotation, str) or callable(annotation) or _is_special(annotation):
        return Any
    raise InvalidDefinitionError(
        f"{annotation!r} is no type: give a Python class, a typing annotation or a Type"
    )


def _is_special(annotation: object) -> bool:
    return type(annotation).__module__ in ("typing", "typing_extensions")


def _resolve_class(cls: type) -> Type:
    constructor = _BARE.get(cls)
    if constructor is not None:
        return constructor.bare()
    if cls in (Output, DynamicOutput):
        return Any
    if getattr(cls, "_is_protocol", False) and not getattr(cls, "_is_runtime_protocol", False):
        return Any
    return PythonObjectType(cls)


def _resolve_generic(origin: AnyValue, args: tuple[AnyValue, ...]) -> Type:
    if origin is typing.Annotated:
        return resolve_type(args[0])
    if origin is typing.Union or origin is types.UnionType:
        return _union(args)
    if origin is typing.Literal:
        return _literal(args)
    if origin in (Output, DynamicOutput):
        return resolve_type(args[0])
    if origin is list:
        return list_of(resolve_type(args[0]))
    if origin in (set, frozenset):
        return set_of(resolve_type(args[0]), origin)
    if origin is dict:
        return dict_of(resolve_type(args[0]), resolve_type(args[1]))
    if origin is tuple:
        return _tuple(args)
    if origin is type or not isinstance(origin, type):
        return PythonObjectType(type) if origin is type else Any
    return PythonObjectType(origin)


def _union(args: tuple[AnyValue, ...]) -> Type:
    members = [resolve_type(arg) for arg in args if arg is not type(None)]
    inner = members[0] if len(members) == 1 else _one_of(members)
    return optional(inner) if len(members) < len(args) else inner


def _one_of(members: list[Type]) -> Type:
    def check(context: object, value: object) -> TypeCheck:
        said: list[str] = []
        for member in members:
            found = member.check(value, context)
            if found.success:
                return PASSED
            said.append(found.description or f"no {member.name}")
        return TypeCheck(False, "; ".join(said))

    names = [member.name for member in members]
    return Type(check, name=" or ".join(names), is_builtin=True, inner=tuple(members))


def _literal(values: tuple[AnyValue, ...]) -> Type:
    def check(_: object, value: object) -> bool:
        return any(value == one and type(value) is type(one) for one in values)

    return Type(check, name=f"one of {', '.join(map(repr, values))}", is_builtin=True)


def _tuple(args: tuple[AnyValue, ...]) -> Type:
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple_of_any_length(resolve_type(args[0]))
    return tuple_of([resolve_type(arg) for arg in args if arg != ()])


def optional(inner: Type) -> Type:
    """Return the type that takes None or what ``inner`` takes."""

    def check(context: object, value: object) -> TypeCheck:
        return PASSED if value is None else inner.check(value, context)

    name = f"Optional[{inner.name}]"
    return Type(check, name=name, is_builtin=True, kind=TypeKind.NULLABLE, inner=(inner,))


def list_of(inner: Type) -> Type:
    """Return the type of lists whose members are of ``inner``."""
    return _collection(list, f"List[{inner.name}]", inner)


def set_of(inner: Type, cls: type = set) -> Type:
    """Return the type of sets whose members are of ``inner``."""
    return _collection(cls, f"Set[{inner.name}]", inner)


def tuple_of_any_length(inner: Type) -> Type:
    """Return the type of tuples whose members are all of ``inner``."""
    return _collection(tuple, f"Tuple[{inner.name}, ...]", inner)


def _collection(cls: type, name: str, inner: Type) -> Type:
    def check(context: object, value: AnyValue) -> TypeCheck:
        if not issubclass(type(value), cls):
            return _not_a(cls, value)
        if inner is Any:
            return PASSED
        return _first_failure(((member, inner) for member in value), context)

    kind = TypeKind.LIST if cls is list else TypeKind.REGULAR
    return Type(check, name=name, is_builtin=True, kind=kind, inner=(inner,))


def _not_a(cls: type, value: object) -> TypeCheck:
    return TypeCheck(False, f"expected {cls.__name__}, got a {type(value).__name__}")


def _first_failure(pairs: typing.Iterable[tuple[object, Type]], context: object) -> TypeCheck:
    for number, (member, member_type) in enumerate(pairs):
        found = member_type.check(member, context)
        if not found.success:
            return TypeCheck(False, f"at {number}: {found.description}", found.metadata)
    return PASSED


def tuple_of(members: list[Type]) -> Type:
    """Return the type of tuples with one member of each type, in order."""

    def check(context: object, value: AnyValue) -> TypeCheck:
        if not isinstance(value, tuple):
            return _not_a(tuple, value)
        if len(value) != len(members):
            return TypeCheck(
                False, f"expected a tuple of {len(members)}, got one of {len(value)} members"
            )
        return _first_failure(zip(value, members, strict=True), context)

    names = ", ".join(member.name for member in members)
    return Type(check, name=f"Tuple[{names}]", is_builtin=True, inner=tuple(members))


def dict_of(key: Type, value: Type) -> Type:
    """Return the type of dictionaries with such keys and values."""

    def check(context: object, found: AnyValue) -> TypeCheck:
        if not isinstance(found, dict):
            return _not_a(dict, found)
        if key is Any and value is Any:
            return PASSED
        for one, member in found.items():
            result = key.check(one, context)
            if not result.success:
                text = f"the key {one!r}: {result.description}"
                return TypeCheck(False, text, result.metadata)
            result = value.check(member, context)
            if not result.success:
                return TypeCheck(False, f"at key {one!r}: {result.description}", result.metadata)
        return PASSED

    name = f"Dict[{key.name}, {value.name}]"
    return Type(check, name=name, is_builtin=True, kind=TypeKind.DICT, inner=(key, value))


class Constructor:
    """``List``, ``Dict``, ``Set``, ``Tuple`` and ``Optional``: types in square brackets."""

    __slots__ = ("_name", "_origin")

    def __init__(self, name: str, origin: AnyValue) -> None:
        self._name = name
        self._origin = origin

    def __getitem__(self, args: AnyValue) -> Type:
        members = args if isinstance(args, tuple) else (args,)
        if self._origin is typing.Optional:
            return optional(resolve_type(members[0]))
        return _resolve_generic(self._origin, members)

    def bare(self) -> Type:
        """Return the type that the constructor stands for without brackets."""
        if self._origin is typing.Optional:
            raise InvalidDefinitionError("Optional needs a type in brackets: Optional[int]")
        if self._origin is dict:
            return dict_of(Any, Any)
        return _collection(self._origin, self._name, Any)

    def __repr__(self) -> str:
        return self._name


Optional = Constructor("Optional", typing.Optional)
List = Constructor("List", list)
Dict = Constructor("Dict", dict)
Set = Constructor("Set", set)
Tuple = Constructor("Tuple", tuple)
_BARE: dict[type, Constructor] = {list: List, dict: Dict, set: Set, tuple: Tuple}

#: Origins of return annotations whose items are the outputs of a generator function.
_GENERATORS = frozenset(
    {
        collections.abc.Generator,
        collections.abc.Iterator,
        collections.abc.Iterable,
        collections.abc.AsyncGenerator,
        collections.abc.AsyncIterator,
        collections.abc.AsyncIterable,
    }
)


def yielded_annotation(annotation: AnyValue) -> AnyValue:
    """Return what a generator function annotated so says about its single output.

    ``Iterator[Output[int]]`` and ``Iterator[Output[int] | AssetMaterialization]`` give ``int``;
    everything else says nothing, so Any.
    """
    if typing.get_origin(annotation) not in _GENERATORS:
        return typing.Any
    item = typing.get_args(annotation)[0]
    is_union = typing.get_origin(item) in (typing.Union, types.UnionType)
    outputs = [
        member
        for member in (typing.get_args(item) if is_union else (item,))
        if typing.get_origin(member) in (Output, DynamicOutput)
    ]
    return typing.get_args(outputs[0])[0] if len(outputs) == 1 else typing.Any
