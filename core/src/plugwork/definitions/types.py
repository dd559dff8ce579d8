"""The types of inputs and outputs, checked on the values at run time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from typing import TYPE_CHECKING
from typing import Any as _AnyValue

from plugwork.definitions.place import caller, telling_where
from plugwork.definitions.type_loader import TypeLoader
from plugwork.errors import (
    CheckError,
    InvalidConfigDefinitionError,
    InvalidDefinitionError,
    InvariantViolationError,
)

if TYPE_CHECKING:
    from plugwork.config.types import ConfigType

CheckFn = Callable[[_AnyValue, _AnyValue], "bool | TypeCheck"]


class TypeCheck:
    """What a type check found.

    :param description: why it failed, or what was seen.
    :param metadata: told with the event of the input or output.
    """

    __slots__ = ("description", "metadata", "success")

    def __init__(
        self,
        success: bool,
        description: str | None = None,
        metadata: Mapping[str, _AnyValue] | None = None,
    ) -> None:
        if not isinstance(success, bool):
            raise CheckError(f"success of a TypeCheck must be True or False, got {success!r}")
        self.success = success
        self.description = description
        self.metadata = metadata or {}

    def __repr__(self) -> str:
        return f"TypeCheck(success={self.success}, description={self.description!r})"


PASSED = TypeCheck(True)


class TypeKind(Enum):
    """What the framework must know of a type, beyond its check."""

    ANY = "ANY"
    NOTHING = "NOTHING"
    SCALAR = "SCALAR"
    LIST = "LIST"
    DICT = "DICT"
    NULLABLE = "NULLABLE"
    REGULAR = "REGULAR"


class Type:
    """A named check of values, and a way to read them from config.

    :param type_check_fn: called with a :class:`TypeCheckContext` and the value; returns a bool or
        a :class:`TypeCheck`.
    :param key: tells types of one name apart; the name when not given.
    :param is_builtin: made by the framework; its own check needs no context.
    :param loader: reads an input of the type from run config, see :func:`type_loader`.
    :param required_resource_keys: resources that the check finds in its context; a step with an
        input or output of the type requires them.
    :param kind: how the framework treats values of the type.
    :param typing_type: the Python annotation that the type stands for.
    :param metadata: facts about the type itself, shown with the job.
    :param inner: the types that this one is composed of.
    :raises InvalidDefinitionError: without name and key, or for a function that does not take a
        context and a value.
    """

    __slots__ = (
        "_check_fn",
        "description",
        "inner",
        "is_builtin",
        "key",
        "kind",
        "loader",
        "metadata",
        "name",
        "needs_context",
        "required_resource_keys",
        "typing_type",
    )

    required_resource_keys: frozenset[str]
    #: Whether the check looks at its context; without need none is made.
    needs_context: bool

    def __init__(
        self,
        type_check_fn: CheckFn,
        key: str | None = None,
        name: str | None = None,
        is_builtin: bool = False,
        description: str | None = None,
        loader: TypeLoader | None = None,
        required_resource_keys: Collection[str] | None = None,
        kind: TypeKind = TypeKind.REGULAR,
        typing_type: _AnyValue = None,
        metadata: Mapping[str, _AnyValue] | None = None,
        *,
        inner: tuple[Type, ...] = (),
    ) -> None:
        chosen = name or key
        if not chosen or not isinstance(chosen, str):
            raise InvalidDefinitionError(
                f"a Type needs a name or a key: Type(fn, name=...) ({caller()})"
            )
        self.name = chosen
        self.key = key or chosen
        self._check_fn = type_check_fn
        self.is_builtin = is_builtin
        self.description = description
        self.loader = loader
        self.kind = kind
        self.typing_type = typing_type
        self.metadata = _typed(metadata)
        self.inner = inner
        own = frozenset(required_resource_keys or ())
        self.required_resource_keys = own.union(*(one.required_resource_keys for one in inner))
        self.needs_context = not is_builtin or any(one.needs_context for one in inner)
        if not is_builtin:
            with telling_where(f"Type {chosen!r}"):
                self._check_arguments(required_resource_keys)

    def _check_arguments(self, required: Collection[str] | None) -> None:
        fn = self._check_fn
        if not callable(fn) or not takes_two(fn):
            raise InvalidDefinitionError(
                f"type_check_fn of Type {self.name!r} must be a function of context and value, "
                f"got {fn!r}"
            )
        if self.loader is not None and not isinstance(self.loader, TypeLoader):
            raise InvalidDefinitionError(
                f"loader of Type {self.name!r} must be a TypeLoader, got {self.loader!r}: put "
                "@type_loader over the function"
            )
        if isinstance(required, str):
            raise InvalidDefinitionError(
                f"required_resource_keys of Type {self.name!r} must be a set of names, "
                f"got {required!r}"
            )

    @property
    def is_nothing(self) -> bool:
        return self.kind is TypeKind.NOTHING

    def check(self, value: object, context: object = None) -> TypeCheck:
        """Check a value.

        :param context: handed to the type's function as its first argument; a
            :class:`TypeCheckContext` where :attr:`needs_context` says so.
        :raises InvariantViolationError: when the function returns neither bool nor TypeCheck.
        """
        result = self._check_fn(context, value)
        if result is True:
            return PASSED
        if isinstance(result, TypeCheck):
            return result
        if result is False:
            return TypeCheck(False, f"the value is no {self.name}: {_shown(value)}")
        raise InvariantViolationError(
            f"the check of type {self.name!r} returned {result!r}: it must return True, False or a "
            "TypeCheck"
        )

    def __config_type__(self) -> ConfigType:
        """Return the config type of the same name: ``Field(Int)`` means what ``Field(int)`` does.

        :raises InvalidConfigDefinitionError: when there is none.
        """
        from plugwork.config.compiling import resolve_to_config_type

        if self.kind is TypeKind.SCALAR or self.kind is TypeKind.ANY:
            return resolve_to_config_type(self.typing_type)
        raise InvalidConfigDefinitionError(self, self, [], "the type has no form in config")

    def __repr__(self) -> str:
        return f"<Type {self.name}>"


def _shown(value: object) -> str:
    text = repr(value)
    if len(text) > 100:
        text = text[:97] + "..."
    return f"{text} ({type(value).__name__})"


def _typed(metadata: Mapping[str, _AnyValue] | None) -> Mapping[str, _AnyValue]:
    if not metadata:
        return {}
    from plugwork.model.metadata import normalize_metadata  # few types tell anything

    return normalize_metadata(metadata)


def takes_two(fn: Callable[..., _AnyValue]) -> bool:
    """Tell whether a function can be called with two arguments by position."""
    code = getattr(fn, "__code__", None)
    if code is not None and code.co_argcount == 2 and not code.co_kwonlyargcount:
        return not inspect.ismethod(fn)
    try:
        inspect.signature(fn).bind(None, None)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


class PythonObjectType(Type):
    """A type whose values are the instances of a Python class.

    :param python_type: the class, or a tuple of classes.
    :raises InvalidDefinitionError: for what is no class.
    """

    __slots__ = ("python_type",)

    def __init__(
        self,
        python_type: type | tuple[type, ...],
        key: str | None = None,
        name: str | None = None,
        description: str | None = None,
        loader: TypeLoader | None = None,
        kind: TypeKind = TypeKind.REGULAR,
        metadata: Mapping[str, _AnyValue] | None = None,
    ) -> None:
        classes = python_type if isinstance(python_type, tuple) else (python_type,)
        if not classes or not all(isinstance(cls, type) for cls in classes):
            raise InvalidDefinitionError(
                f"python_type of a PythonObjectType must be a class, or a tuple of classes, got "
                f"{python_type!r} ({caller()})"
            )
        names = " or ".join(cls.__name__ for cls in classes)
        self.python_type = python_type

        def is_instance(_: object, value: object) -> bool | TypeCheck:
            if isinstance(value, python_type):
                return True
            return TypeCheck(False, f"expected {names}, got {_shown(value)}")

        super().__init__(
            is_instance,
            key,
            name or names,
            description=description,
            loader=loader,
            kind=kind,
            typing_type=python_type,
            metadata=metadata,
        )
        self.needs_context = False


class _AnyType(Type):
    __slots__ = ()

    def check(self, value: object, context: object = None) -> TypeCheck:
        return PASSED


class _NothingType(Type):
    __slots__ = ()

    def check(self, value: object, context: object = None) -> TypeCheck:
        if value is None:
            return PASSED
        return TypeCheck(False, f"a Nothing has no value, got {_shown(value)}")


def _never(_: object, __: object) -> bool:
    return True


Any = _AnyType(_never, name="Any", is_builtin=True, kind=TypeKind.ANY, typing_type=object)
Nothing = _NothingType(
    _never, name="Nothing", is_builtin=True, kind=TypeKind.NOTHING, typing_type=type(None)
)
Int = PythonObjectType(int, name="Int", kind=TypeKind.SCALAR)
String = PythonObjectType(str, name="String", kind=TypeKind.SCALAR)
Float = PythonObjectType(float, name="Float", kind=TypeKind.SCALAR)
Bool = PythonObjectType(bool, name="Bool", kind=TypeKind.SCALAR)
