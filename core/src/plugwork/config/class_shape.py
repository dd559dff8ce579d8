"""The schema of a class: its fields, their types, defaults and descriptions."""

from __future__ import annotations

import enum
import pathlib
import typing
from collections.abc import Callable, Mapping
from typing import Any as AnyValue

import attrs

from plugwork.config.annotations import (
    PLAIN_LEAVES,
    SOURCE_LEAVES,
    Leaves,
    enum_text,
    from_annotation,
)
from plugwork.config.env import EnvVar
from plugwork.config.placed import tell_class
from plugwork.config.rules import Ruled, rules_of
from plugwork.config.schema import Field, Shape
from plugwork.config.types import NO_DEFAULT
from plugwork.errors import InvalidDefinitionError

#: Keys of a field's metadata.
HELP = "help"
SECRET = "secret"
#: Its config type, where the annotation does not tell it.
TYPE = "type"
DISCRIMINATOR = "discriminator"


_PLAIN = frozenset({str, int, float, bool, type(None)})


class ClassShape(Shape):
    """A mapping that becomes an object of a class."""

    def __init__(self, target: type, fields: Mapping[str, Field], *, keeps_unknown: bool) -> None:
        super().__init__(fields)
        self.target = target
        self.keeps_unknown = keeps_unknown
        self.description = first_line(target)

    def __repr__(self) -> str:
        return self.target.__name__

    def construct(self, value: AnyValue) -> AnyValue:
        """Build the object; whatever its class raises passes through."""
        if isinstance(value, self.target):
            return value
        return self.target(**super().construct(value))


def settings_schema(cls: type) -> ClassShape:
    """Compile the attrs class of a component's settings.

    A field's ``metadata`` may hold ``help``, its description, and ``secret``. Ranges come from
    attrs validators such as ``attrs.validators.ge(0)``.

    :raises InvalidDefinitionError: when the class is no attrs class, or config cannot give a type.
    """
    if not attrs.has(cls):
        raise InvalidDefinitionError(f"settings are an attrs class, and {cls!r} is none")
    return _cached(cls, "__plugwork_settings__", PLAIN_LEAVES)


def attrs_config_schema(cls: type) -> ClassShape:
    """Compile an attrs class that is given as the config of an op, a resource ...

    Like :func:`settings_schema`, and ``{env: NAME}`` may stand for a str, int or bool.
    """
    return _cached(cls, "__plugwork_config__", SOURCE_LEAVES)


def _cached(cls: type, place: str, leaves: Leaves) -> ClassShape:
    cached = cls.__dict__.get(place)
    if isinstance(cached, ClassShape):
        return cached
    made = shape_of_class(cls, type_hints(cls), leaves)
    type.__setattr__(cls, place, made)
    return made


def shape_of_class(
    cls: type,
    hints: Mapping[str, AnyValue],
    leaves: Leaves,
    *,
    skip: Callable[[str, AnyValue], bool] = lambda name, hint: False,
    keeps_unknown: bool = False,
) -> ClassShape:
    """Compile an attrs class.

    :param hints: its annotations, evaluated.
    :param skip: tells of ``(field name, annotation)`` whether config does not give it.
    """
    fields = {}
    for attribute in attrs.fields(cls):
        hint = hints.get(attribute.name, AnyValue)
        if not attribute.init or skip(attribute.name, hint):
            continue
        name = attribute.alias or attribute.name
        try:
            fields[name] = _field(cls, attribute, hint, leaves)
        except InvalidDefinitionError as error:
            tell_class(error, cls)
            raise
    return ClassShape(cls, fields, keeps_unknown=keeps_unknown)


def type_hints(cls: type, localns: dict[str, AnyValue] | None = None) -> dict[str, AnyValue]:
    """Evaluate the annotations of a class.

    :raises InvalidDefinitionError: when one names what cannot be found.
    """
    try:
        return typing.get_type_hints(cls, localns=localns, include_extras=True)
    except NameError as error:
        unread = InvalidDefinitionError(
            f"an annotation of {cls.__qualname__} cannot be read: {error}"
        )
        tell_class(unread, cls)
        raise unread from error


def as_config(value: AnyValue) -> AnyValue:
    """Write a Python value as config: objects as mappings, enum members by their text."""
    to_config = getattr(value, "__as_config__", None)
    if to_config is not None and not isinstance(value, type):
        return to_config()
    if isinstance(value, EnvVar):
        return {"env": value.env_var_name}
    if isinstance(value, enum.Enum):
        return enum_text(value)
    if isinstance(value, pathlib.PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {key: as_config(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_config(part) for part in value]
    if attrs.has(type(value)):
        names = [each.name for each in attrs.fields(type(value)) if each.init]
        return {name.lstrip("_"): as_config(getattr(value, name)) for name in names}
    return value if type(value) in _PLAIN else _foreign_as_config(value)


def is_config_class(cls: object) -> bool:
    """Tell whether config can be given as objects of a class."""
    from plugwork.config.foreign import foreign_type

    if not isinstance(cls, type) or cls in _PLAIN:
        return False
    return hasattr(cls, "__config_type__") or attrs.has(cls) or foreign_type(cls) is not None


def is_config_object(value: object) -> bool:
    """Tell whether a value is an object of such a class."""
    return not isinstance(value, type) and is_config_class(type(value))


def _foreign_as_config(value: AnyValue) -> AnyValue:
    """Write an object of a class that a plugin reads; any other stays as it is."""
    from plugwork.config.foreign import foreign_type, reader_of

    if isinstance(value, type) or foreign_type(type(value)) is None:
        return value
    reader = reader_of(type(value))
    return as_config(reader.as_config(value)) if reader else value


def init_names(cls: AnyValue) -> set[str]:
    """Return the arguments that an attrs class is made with."""
    return {each.alias for each in attrs.fields(cls) if each.init}


def first_line(cls: type) -> str | None:
    """Return the first line of a class's own docstring."""
    text = cls.__dict__.get("__doc__")
    return text.strip().partition("\n")[0] if text else None


def _field(cls: type, attribute: AnyValue, hint: AnyValue, leaves: Leaves) -> Field:
    stack = [cls.__name__, attribute.alias or attribute.name]
    metadata = attribute.metadata
    config_type = metadata.get(TYPE) or from_annotation(
        hint, leaves, stack, metadata.get(DISCRIMINATOR)
    )
    rules = rules_of(attribute.validator)
    default, required = _default(attribute)
    try:
        return Field(
            Ruled(config_type, rules) if rules else config_type,
            default_value=default,
            is_required=required,
            description=metadata.get(HELP) or _annotated_text(hint),
            is_secret=bool(metadata.get(SECRET, False)),
        )
    except InvalidDefinitionError as error:
        raise InvalidDefinitionError(f"{cls.__name__}.{attribute.name}: {error}") from error


def _annotated_text(hint: AnyValue) -> str | None:
    """Return the description in ``Annotated[int, "how many"]``."""
    if typing.get_origin(hint) is not typing.Annotated:
        return None
    return next((each for each in typing.get_args(hint)[1:] if isinstance(each, str)), None)


def _default(attribute: AnyValue) -> tuple[object, bool | None]:
    """Return the default as config, and whether the field is required."""
    default = attribute.default
    if default is attrs.NOTHING:
        return NO_DEFAULT, None
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # typed as a function
        if default.takes_self:
            return NO_DEFAULT, False
        default = default.factory()
    return as_config(default), None
