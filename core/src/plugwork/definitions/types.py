"""The types of inputs and outputs, checked on the values at run time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING
from typing import Any as _AnyValue

from plugwork.errors import (
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
    """A named check of values.

    :param type_check_fn: called with a context and the value; returns a bool or a
        :class:`TypeCheck`.
    :param key: tells types of one name apart; the name when not given.
    :param kind: how the framework treats values of the type.
    :param typing_type: the Python annotation that the type stands for.
    :param metadata: facts about the type itself, shown with the job.
    :param inner: the types that this one is composed of.
    """

    __slots__ = (
        "_check_fn",
        "description",
        "inner",
        "key",
        "kind",
        "metadata",
        "name",
        "typing_type",
    )

    def __init__(
        self,
        type_check_fn: CheckFn,
        key: str | None = None,
        name: str | None = None,
        description: str | None = None,
        kind: TypeKind = TypeKind.REGULAR,
        typing_type: _AnyValue = None,
        metadata: Mapping[str, _AnyValue] | None = None,
        inner: tuple[Type, ...] = (),
    ) -> None:
        chosen = name or key
        if not chosen:
            raise InvalidDefinitionError("a Type needs a name or a key")
        if not callable(type_check_fn):
            raise InvalidDefinitionError(
                f"type_check_fn of Type {chosen!r} must be a function of context and value, "
                f"got {type_check_fn!r}"
            )
        self._check_fn = type_check_fn
        self.name = chosen
        self.key = key or chosen
        self.description = description
        self.kind = kind
        self.typing_type = typing_type
        self.metadata = dict(metadata or {})
        self.inner = inner

    @property
    def is_nothing(self) -> bool:
        return self.kind is TypeKind.NOTHING

    def check(self, value: object, context: object = None) -> TypeCheck:
        """Check a value.

        :param context: handed to the type's function as its first argument.
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


class PythonObjectType(Type):
    """A type whose values are the instances of a Python class.

    :param python_type: the class, or a tuple of classes.
    """

    __slots__ = ("python_type",)

    def __init__(
        self,
        python_type: type | tuple[type, ...],
        key: str | None = None,
        name: str | None = None,
        description: str | None = None,
        kind: TypeKind = TypeKind.REGULAR,
        metadata: Mapping[str, _AnyValue] | None = None,
    ) -> None:
        classes = python_type if isinstance(python_type, tuple) else (python_type,)
        names = " or ".join(cls.__name__ for cls in classes)
        self.python_type = python_type

        def is_instance(_: object, value: object) -> bool | TypeCheck:
            if isinstance(value, python_type):
                return True
            return TypeCheck(False, f"expected {names}, got {_shown(value)}")

        super().__init__(is_instance, key, name or names, description, kind, python_type, metadata)


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


Any = _AnyType(_never, name="Any", kind=TypeKind.ANY, typing_type=object)
Nothing = _NothingType(_never, name="Nothing", kind=TypeKind.NOTHING, typing_type=type(None))
Int = PythonObjectType(int, name="Int", kind=TypeKind.SCALAR)
String = PythonObjectType(str, name="String", kind=TypeKind.SCALAR)
Float = PythonObjectType(float, name="Float", kind=TypeKind.SCALAR)
Bool = PythonObjectType(bool, name="Bool", kind=TypeKind.SCALAR)
