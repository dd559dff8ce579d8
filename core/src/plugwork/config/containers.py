"""Types made of another type: lists, maps, and what may be null or one of two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as AnyValue

from plugwork.config.compiling import resolve_to_config_type
from plugwork.config.placed import placed
from plugwork.config.references import is_env_mapping
from plugwork.config.types import ConfigType
from plugwork.config.walk import Walk
from plugwork.errors import InvalidConfigDefinitionError


class Array(ConfigType):
    """A list of one type; a single value is not wrapped into one."""

    expected = "a list"

    @placed
    def __init__(self, inner_type: object) -> None:
        self.inner_type = resolve_to_config_type(inner_type)
        self.label = f"[{self.inner_type.label}]"

    def __repr__(self) -> str:
        return f"[{self.inner_type!r}]"

    def check(self, value: object, at: Walk) -> object:
        if not isinstance(value, (list, tuple)):
            at.wrong(self.expected, value)
            return value
        return [self.inner_type.check(part, at.into(n)) for n, part in enumerate(value)]

    def resolve(self, value: AnyValue, at: Walk) -> object:
        return [self.inner_type.resolve(part, at.into(n)) for n, part in enumerate(value)]

    def construct(self, value: AnyValue) -> AnyValue:
        return [self.inner_type.construct(part) for part in value]

    def mask(self, value: AnyValue) -> AnyValue:
        return [self.inner_type.mask(part) for part in value]

    def example(self) -> object:
        return [self.inner_type.example()]


class Map(ConfigType):
    """A mapping from any key of a scalar type to one type.

    :param key_label_name: what a key is, for documentation.
    """

    expected = "a mapping"

    @placed
    def __init__(
        self, key_type: object, inner_type: object, key_label_name: str | None = None
    ) -> None:
        self.key_type = resolve_to_config_type(key_type)
        self.inner_type = resolve_to_config_type(inner_type)
        self.key_label_name = key_label_name
        if not self.key_type.is_scalar:
            reason = "the keys of a map are scalars"
            raise InvalidConfigDefinitionError(key_type, key_type, [], reason)
        self.label = f"{{{key_label_name or self.key_type.label}: {self.inner_type.label}}}"

    def __repr__(self) -> str:
        return f"Map({self.key_type!r}, {self.inner_type!r})"

    def check(self, value: object, at: Walk) -> object:
        if not isinstance(value, Mapping):
            at.wrong(self.expected, value)
            return value
        return {
            self._check_key(key, at): self.inner_type.check(part, at.into(str(key)))
            for key, part in value.items()
        }

    def _check_key(self, key: object, at: Walk) -> object:
        trial = Walk()
        checked = self.key_type.check(key, trial)
        if trial.problems:
            message = f"the key {key!r} of {at.name} must be {self.key_type.expected}"
            at.into(str(key)).add("PW-CFG-004", message, key=True)
        return checked

    def resolve(self, value: AnyValue, at: Walk) -> object:
        return {k: self.inner_type.resolve(part, at.into(str(k))) for k, part in value.items()}

    def construct(self, value: AnyValue) -> AnyValue:
        return {key: self.inner_type.construct(part) for key, part in value.items()}

    def mask(self, value: AnyValue) -> AnyValue:
        return {key: self.inner_type.mask(part) for key, part in value.items()}

    def example(self) -> object:
        return {self.key_type.example(): self.inner_type.example()}


class Noneable(ConfigType):
    """Null, or a value of the inner type; null when it is not given."""

    @placed
    def __init__(self, inner_type: object) -> None:
        self.inner_type = resolve_to_config_type(inner_type)
        self.expected = f"{self.inner_type.expected} or null"
        self.label = f"{self.inner_type.label} | None"

    def __repr__(self) -> str:
        return f"Noneable({self.inner_type!r})"

    def check(self, value: object, at: Walk) -> object:
        return None if value is None else self.inner_type.check(value, at)

    def resolve(self, value: object, at: Walk) -> object:
        return None if value is None else self.inner_type.resolve(value, at)

    def construct(self, value: AnyValue) -> AnyValue:
        return None if value is None else self.inner_type.construct(value)

    def mask(self, value: AnyValue) -> AnyValue:
        return None if value is None else self.inner_type.mask(value)

    def implicit_default(self) -> object:
        return None

    def example(self) -> object:
        return self.inner_type.example()


class ScalarUnion(ConfigType):
    """A scalar, or a mapping or list of another schema."""

    @placed
    def __init__(self, scalar_type: object, non_scalar_schema: object) -> None:
        self.scalar_type = resolve_to_config_type(scalar_type)
        self.non_scalar_type = resolve_to_config_type(non_scalar_schema)
        if not self.scalar_type.is_scalar or self.non_scalar_type.is_scalar:
            reason = "a scalar union is made of one scalar and one type that is none"
            raise InvalidConfigDefinitionError(scalar_type, non_scalar_schema, [], reason)
        self.expected = f"{self.scalar_type.expected} or {self.non_scalar_type.expected}"
        self.label = f"{self.scalar_type.label} | {self.non_scalar_type.label}"

    def __repr__(self) -> str:
        return f"ScalarUnion({self.scalar_type!r}, {self.non_scalar_type!r})"

    def _member(self, value: object, at: Walk) -> ConfigType:
        if not isinstance(value, (Mapping, list, tuple)):
            return self.scalar_type
        if at.references and is_env_mapping(value):
            return self.scalar_type
        return self.non_scalar_type

    def check(self, value: object, at: Walk) -> object:
        return self._member(value, at).check(value, at)

    def resolve(self, value: object, at: Walk) -> object:
        return self._member(value, at).resolve(value, at)

    def construct(self, value: AnyValue) -> AnyValue:
        return self._member(value, Walk()).construct(value)

    def mask(self, value: AnyValue) -> AnyValue:
        return self._member(value, Walk(references=True)).mask(value)

    def example(self) -> object:
        return self.scalar_type.example()
