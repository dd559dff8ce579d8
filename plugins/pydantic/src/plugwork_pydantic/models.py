"""Reads Pydantic models for the kernel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from plugwork.abc import ConfigClass, ConfigClasses, ConfigClassField
from plugwork.errors import InvalidConfigError, Problem

#: A constraint of a field -> the sign of a rule.
_SIGNS = {
    "ge": ">=",
    "gt": ">",
    "le": "<=",
    "lt": "<",
    "min_length": "min_length",
    "max_length": "max_length",
}
#: What the kernel writes as config by itself.
_KNOWN = (str, int, float, bool, type(None), Enum, PurePath)


class PydanticModels(ConfigClasses):
    """Reads Pydantic models as config classes."""

    def describe(self, cls: type) -> ConfigClass | None:
        if not issubclass(cls, BaseModel) or cls is BaseModel:
            return None
        fields = (_field(_key(name, one), one) for name, one in cls.model_fields.items())
        return ConfigClass(tuple(fields), cls.model_config.get("extra") == "allow")

    def make(self, cls: type, values: Mapping[str, object]) -> object:
        if not issubclass(cls, BaseModel):
            raise TypeError(f"{cls!r} is no Pydantic model")
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise InvalidConfigError(f"{cls.__name__} refuses:", _problems(error)) from error

    def as_config(self, value: object) -> Mapping[str, object]:
        if not isinstance(value, BaseModel):
            raise TypeError(f"{value!r} is no object of a Pydantic model")
        fields = type(value).model_fields
        given = {_key(name, one): getattr(value, name) for name, one in fields.items()}
        return {name: _plain(part) for name, part in {**given, **(value.model_extra or {})}.items()}

    def read_field(self, declared: object) -> ConfigClassField | None:
        return _field("", declared) if isinstance(declared, FieldInfo) else None


def _key(name: str, field: FieldInfo) -> str:
    """Return what config calls a field: the alias by which the model itself takes it."""
    alias = field.validation_alias or field.alias
    return alias if isinstance(alias, str) else name


def _field(name: str, field: FieldInfo) -> ConfigClassField:
    is_secret = field.annotation in (SecretStr, SecretBytes)
    default = _default(field)
    discriminator = field.discriminator
    return ConfigClassField(
        name,
        str if is_secret else field.annotation,
        is_required=default is PydanticUndefined,
        default=None if default is PydanticUndefined else _plain(default),
        description=field.description,
        is_secret=is_secret,
        discriminator=discriminator if isinstance(discriminator, str) else None,
        rules=tuple(_rules(field)),
    )


def _default(field: FieldInfo) -> Any:
    if getattr(field, "default_factory_takes_validated_data", False):
        return PydanticUndefined
    return field.get_default(call_default_factory=True)


def _rules(field: FieldInfo) -> Iterator[tuple[str, Any]]:
    for constraint in field.metadata:
        for name, sign in _SIGNS.items():
            bound = getattr(constraint, name, None)
            if bound is not None:
                yield sign, bound


def _plain(value: Any) -> Any:
    """Write a value as the kernel and JSON know it; models stay, the kernel asks for each."""
    if isinstance(value, (SecretStr, SecretBytes)):
        return value.get_secret_value()
    if isinstance(value, (BaseModel, *_KNOWN)):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(part) for part in value]
    return to_jsonable_python(value)


def _problems(error: ValidationError) -> list[Problem]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [_problem(each["msg"], each["loc"]) for each in found]


def _problem(message: str, loc: tuple[int | str, ...]) -> Problem:
    told = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return Problem("PW-CFG-012", told, keys=loc)
