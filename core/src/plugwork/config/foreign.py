"""Classes of other libraries as config classes, where a plugin reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as AnyValue

from plugwork.abc.config_classes import ConfigClass, ConfigClasses, ConfigClassField
from plugwork.config import types
from plugwork.config.annotations import SOURCE_LEAVES, from_annotation
from plugwork.config.class_shape import ClassShape, as_config
from plugwork.config.references import is_env_mapping
from plugwork.config.schema import Field, Shape
from plugwork.config.types import NO_DEFAULT, ConfigType
from plugwork.config.walk import Walk
from plugwork.errors import (
    ConfigErrorReason,
    InvalidConfigDefinitionError,
    InvalidConfigError,
    InvalidDefinitionError,
)

_readers: dict[type, ConfigClasses | None] = {}
_shapes: dict[type, ForeignShape] = {}


class ForeignShape(ClassShape):
    """A mapping that becomes an object of a class of another library.

    What the class refuses is a problem too: at once where no value is a reference, else when the
    references have been resolved.
    """

    def __init__(self, target: type, reader: ConfigClasses, described: ConfigClass) -> None:
        fields = {each.name: _field(target, each) for each in described.fields}
        super().__init__(target, fields, keeps_unknown=described.keeps_unknown)
        self._reader = reader

    def check(self, value: object, at: Walk) -> object:
        before = len(at.problems)
        checked = super().check(value, at)
        if len(at.problems) == before and not _holds_reference(checked):
            self._try(Shape.resolve(self, checked, Walk()), at)
        return checked

    def resolve(self, value: AnyValue, at: Walk) -> object:
        before = len(at.problems)
        resolved = super().resolve(value, at)
        if at.resolver is not None and len(at.problems) == before and _holds_reference(value):
            self._try(resolved, at)
        return resolved

    def _try(self, value: AnyValue, at: Walk) -> None:
        try:
            self.construct(value)
        except InvalidConfigError as error:
            reason = ConfigErrorReason.FAILED_POST_PROCESSING
            for problem in error.errors:
                place = at.along(problem.keys)
                place.add(problem.code, f"{place.name}: {problem.message}", reason=reason)

    def construct(self, value: AnyValue) -> AnyValue:
        if isinstance(value, self.target):
            return value
        return self._reader.make(self.target, Shape.construct(self, value))


def foreign_type(cls: object) -> ForeignShape | None:
    """Return the schema of a class that a plugin reads; None for any other object.

    :raises InvalidDefinitionError: when a default does not fit.
    :raises PluginError: when the plugin cannot be used.
    """
    if not isinstance(cls, type):
        return None
    if cls not in _shapes:
        reader = reader_of(cls)
        described = reader.describe(cls) if reader else None
        if reader is None or described is None:
            return None
        _shapes[cls] = ForeignShape(cls, reader, described)
    return _shapes[cls]


def reader_of(cls: type) -> ConfigClasses | None:
    """Return what reads a class, if a plugin does."""
    if cls not in _readers:
        from plugwork._upward import config_classes_of

        _readers[cls] = config_classes_of(cls)
    return _readers[cls]


def _field(target: type, one: ConfigClassField) -> Field:
    name = f"{target.__name__}.{one.name}"
    try:
        return Field(
            _type(target, one),
            default_value=NO_DEFAULT if one.is_required else as_config(one.default),
            is_required=None if one.is_required else False,
            description=one.description,
            is_secret=one.is_secret,
        )
    except InvalidDefinitionError as error:
        raise InvalidDefinitionError(f"{name}: {error}") from error


def _type(target: type, one: ConfigClassField) -> ConfigType:
    try:
        return from_annotation(
            one.annotation, SOURCE_LEAVES, [target.__name__, one.name], one.discriminator
        )
    except InvalidConfigDefinitionError:
        # The class itself knows what this type takes.
        return types.Any


def _holds_reference(value: object) -> bool:
    if is_env_mapping(value):
        return True
    if isinstance(value, Mapping):
        return any(_holds_reference(part) for part in value.values())
    return isinstance(value, list) and any(_holds_reference(part) for part in value)
