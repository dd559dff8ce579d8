"""The leaves of a schema: scalars, and values that the environment may give."""

from __future__ import annotations

import abc
import enum
from collections.abc import Callable
from typing import Any as AnyValue

from plugwork.config.env import EnvVar
from plugwork.config.places import show
from plugwork.config.references import is_env_mapping, read_bool, stored_reference
from plugwork.config.walk import Walk


class Absent(enum.Enum):
    """The marks of "nothing is there", where None is a value."""

    #: No default.
    NO_DEFAULT = enum.auto()


NO_DEFAULT = Absent.NO_DEFAULT


class ConfigType(abc.ABC):
    """One node of a schema. A value passes it three times.

    :meth:`check` accepts it and fills defaults in: the result is what is stored. :meth:`resolve`
    reads the environment: the result is what user code sees. :meth:`construct` builds the objects
    of typed settings from that.
    """

    #: What the value must be: "must be an integer".
    expected: str = "a value"
    #: The type in one word, for schema lines: "int".
    label: str = "any"
    description: str | None = None
    #: Whether a value is a single scalar, so that it may be a key of a map.
    is_scalar: bool = False

    @abc.abstractmethod
    def check(self, value: object, at: Walk) -> object:
        """Return the value with defaults filled in; what does not fit goes to the walk."""

    def resolve(self, value: object, at: Walk) -> object:
        """Return a checked value with its references resolved; failures go to the walk."""
        return value

    def construct(self, value: AnyValue) -> AnyValue:
        """Build the objects of typed settings from a resolved value."""
        return value

    def mask(self, value: AnyValue) -> AnyValue:
        """Return a stored value with the secret members of mappings replaced by ``***``."""
        return value

    def implicit_default(self) -> object:
        """Return what a field of this type has when it is not given, or ``NO_DEFAULT``."""
        return NO_DEFAULT

    def example(self) -> object:
        """Return a value that passes :meth:`check`."""
        return None


class Scalar(ConfigType):
    """A plain value of one Python type."""

    is_scalar = True

    def __init__(
        self,
        label: str,
        expected: str,
        example: object,
        accept: Callable[[object], object],
        read: Callable[[str], object],
    ) -> None:
        """Make a scalar type.

        :param accept: returns the value to store; raises ValueError for one that does not fit.
        :param read: makes the value from text that a reference gave; raises ValueError.
        """
        self.label = label
        self.expected = expected
        self._example = example
        self._accept = accept
        self._read = read

    def __repr__(self) -> str:
        return self.label

    def check(self, value: object, at: Walk) -> object:
        if at.keeps_reference(value):
            return stored_reference(value)
        try:
            return self._accept(value)
        except ValueError:
            at.wrong(self.expected, value)
            return value

    def resolve(self, value: object, at: Walk) -> object:
        return at.resolve_leaf(self, value) if at.references else value

    def read(self, text: str) -> object:
        """Make a value from text.

        :raises ValueError: when the text does not tell one.
        """
        return self._read(text)

    def example(self) -> object:
        return self._example


class AnyType(ConfigType):
    """Accepts everything; references inside are resolved where references are allowed."""

    def __repr__(self) -> str:
        return "Any"

    def check(self, value: object, at: Walk) -> object:
        return self._check_references(value, at) if at.references else value

    def _check_references(self, value: object, at: Walk) -> object:
        if at.keeps_reference(value):
            return stored_reference(value)
        if isinstance(value, dict):
            return {k: self._check_references(v, at.into(str(k))) for k, v in value.items()}
        if isinstance(value, list):
            return [self._check_references(v, at.into(n)) for n, v in enumerate(value)]
        return value

    def resolve(self, value: object, at: Walk) -> object:
        if not at.references:
            return value
        if isinstance(value, dict) and not is_env_mapping(value):
            return {k: self.resolve(v, at.into(str(k))) for k, v in value.items()}
        if isinstance(value, list):
            return [self.resolve(v, at.into(n)) for n, v in enumerate(value)]
        return at.resolve_leaf(self, value)

    def read(self, text: str) -> object:
        return text

    def example(self) -> object:
        return "..."


class EnvSource(ConfigType):
    """A scalar that is given as it is, or as ``{env: NAME}`` and then read from there."""

    is_scalar = True

    def __init__(
        self, scalar: Scalar, name: str, read: Callable[[str], object] | None = None
    ) -> None:
        self.scalar = scalar
        self.name = name
        self.label = scalar.label
        self.expected = f"{scalar.expected} or {{env: NAME}}"
        self._read = read or scalar.read

    def __repr__(self) -> str:
        return self.name

    def check(self, value: object, at: Walk) -> object:
        if isinstance(value, EnvVar) or is_env_mapping(value):
            return stored_reference(value)
        if isinstance(value, dict):
            at.wrong(self.expected, value)
            return value
        return self.scalar.check(value, at)

    def resolve(self, value: object, at: Walk) -> object:
        return at.resolve_leaf(self, value, self.scalar.expected)

    def construct(self, value: AnyValue) -> AnyValue:
        return EnvVar(value["env"]) if is_env_mapping(value) else value

    def read(self, text: str) -> object:
        """Make a value from the variable's text; see :meth:`Scalar.read`."""
        return self._read(text)

    def example(self) -> object:
        return self.scalar.example()


def _int(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(value)
    return value


def _float(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(value)
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(show(value)) from error


def _str(value: object) -> object:
    if not isinstance(value, str) or isinstance(value, EnvVar):
        raise ValueError(show(type(value)))
    return value


def _bool(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _lenient_bool(text: str) -> bool:
    return text.strip().lower() not in ("", "0", "false")


Int = Scalar("int", "an integer", 1, _int, int)
Float = Scalar("float", "a number", 1.0, _float, float)
String = Scalar("str", "a string", "...", _str, str)
Bool = Scalar("bool", "a boolean (true or false)", True, _bool, read_bool)
Any = AnyType()
StringSource = EnvSource(String, "StringSource")
IntSource = EnvSource(Int, "IntSource")
BoolSource = EnvSource(Bool, "BoolSource", _lenient_bool)
