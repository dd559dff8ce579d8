"""Typed config: classes whose fields are the schema."""

from __future__ import annotations

import copy
import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar, dataclass_transform, get_origin

import attrs

from plugwork.config.annotations import SOURCE_LEAVES
from plugwork.config.class_shape import (
    DISCRIMINATOR,
    HELP,
    SECRET,
    TYPE,
    ClassShape,
    as_config,
    init_names,
    shape_of_class,
    type_hints,
)
from plugwork.config.env import EnvVar
from plugwork.config.foreign import reader_of
from plugwork.config.rules import validators_of
from plugwork.config.schema import Field
from plugwork.config.walk import Walk
from plugwork.errors import InvalidConfigError, InvalidDefinitionError

T = TypeVar("T", bound="Config")

_FIELD_MARK = type(attrs.field())


def config_field(
    *,
    default: Any = attrs.NOTHING,
    default_factory: Callable[[], Any] | None = None,
    description: str | None = None,
    is_secret: bool = False,
    validator: Any = None,
) -> Any:
    """Declare a field of a :class:`Config` with more than its type.

    :param description: shown in schemas and beside problems.
    :param is_secret: never shown in a message, a listing or a ``repr``.
    :param validator: an attrs validator, for example ``attrs.validators.ge(0)``.
    """
    metadata = {HELP: description, SECRET: is_secret}
    shown = _shown(is_secret)
    if default_factory is not None:
        return attrs.field(
            factory=default_factory, metadata=metadata, repr=shown, validator=validator
        )
    return attrs.field(default=default, metadata=metadata, repr=shown, validator=validator)


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(attrs.field, config_field)
)
class Config:
    """Base of typed config. Annotated fields are its keys; what has no default is required.

    A description stands in ``Annotated[int, "how many"]``, or in a :class:`Field` as the default:
    ``limit: int = Field(int, default_value=3, description="how many")``. Fields may be other
    config classes, lists, dictionaries, enums, ``Literal`` texts, optional, or a union; the classes
    of a union are told apart by a field with a ``Literal`` of its own in each.

    An object is checked when it is made, and its fields cannot be set afterwards. Names that begin
    with an underscore are no fields. An :class:`~plugwork.config.env.EnvVar` may stand for a str,
    int or bool; it is read when the run starts.

    :raises InvalidConfigError: with every problem of the values given.
    """

    _keeps_unknown: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _define(cls, _frame_locals())

    def __init__(self, **values: Any) -> None:
        fields = _checked(type(self), values)
        extras = fields.keys() - init_names(type(self))
        kept = {name: fields.pop(name) for name in extras}
        self.__attrs_init__(**fields)  # type: ignore[attr-defined]  # attrs adds it
        for name, value in kept.items():
            object.__setattr__(self, name, value)

    @classmethod
    def _is_config_field(cls, name: str, annotation: Any) -> bool:
        """Tell whether config gives this field; a subclass may keep some to itself."""
        return True

    @classmethod
    def __config_type__(cls) -> ClassShape:
        return schema_of(cls)

    def __as_config__(self) -> dict[str, Any]:
        """Write the object as config, references unresolved."""
        names = list(schema_of(type(self)).fields)
        if self._keeps_unknown:
            names += [name for name in vars(self) if name not in names and name[0] != "_"]
        return {name: as_config(getattr(self, name)) for name in names}


def schema_of(cls: type[Config]) -> ClassShape:
    """Return the schema of a config class; it is compiled once.

    :raises InvalidDefinitionError: when an annotation cannot be read, or is no config type.
    """
    cached = cls.__dict__.get("_config_schema")
    if isinstance(cached, ClassShape):
        return cached
    made = shape_of_class(
        cls,
        cls.__dict__.get("_config_hints") or type_hints(cls),
        SOURCE_LEAVES,
        skip=lambda name, hint: not cls._is_config_field(name, hint),
        keeps_unknown=cls._keeps_unknown,
    )
    cls._config_schema = made  # type: ignore[attr-defined]  # a cache, no part of the interface
    return made


def build(cls: type[T], values: Mapping[str, Any]) -> T:
    """Make a config object from a validated and resolved mapping.

    :raises InvalidConfigError: when the class itself refuses the values.
    """
    return cls(**values)


def _checked(cls: type[Config], values: dict[str, Any]) -> dict[str, Any]:
    """Check what is given, fill in defaults, and return what each field is set to."""
    shape = schema_of(cls)
    own = init_names(cls) - shape.fields.keys()
    config = {name: as_config(value) for name, value in values.items() if name not in own}
    at = Walk()
    checked = shape.check(config, at)
    if at.problems:
        raise InvalidConfigError(f"{cls.__name__} cannot take these values", at.problems, config)
    resolved = ClassShape.resolve(shape, checked, Walk())
    made = super(ClassShape, shape).construct(resolved)
    return {
        **made,
        **{name: value for name, value in values.items() if _is_object(value, name, own)},
    }


def _is_object(value: Any, name: str, own: set[str]) -> bool:
    """Tell whether a value is already what its field holds, to be kept as it is."""
    return name in own or isinstance(value, Config)


def _define(cls: type[Config], localns: dict[str, Any]) -> None:
    """Make an attrs class of it, in place."""
    fields = {}
    for name, annotation in inspect.get_annotations(cls).items():
        if name.startswith("_") or _is_class_variable(annotation):
            continue
        fields[name] = _attribute(cls.__dict__.get(name, attrs.NOTHING))
        if name in cls.__dict__:
            delattr(cls, name)
    attrs.define(
        cls,
        these=fields,
        slots=False,
        init=False,
        kw_only=True,
        unsafe_hash=True,
        on_setattr=attrs.setters.frozen,
        field_transformer=_spare_env_vars,
    )
    try:
        # Names that are local to a function are known only now.
        cls._config_hints = type_hints(cls, localns)  # type: ignore[attr-defined]  # a cache
    except InvalidDefinitionError:
        # A name that the module defines further down; read when the schema is asked for.
        cls._config_hints = None  # type: ignore[attr-defined]  # a cache


@attrs.frozen
class _ExceptEnvVar:
    """A validator that waits until the variable has been read."""

    validator: Callable[[Any, Any, Any], Any]

    def __call__(self, instance: Any, attribute: Any, value: Any) -> None:
        if not isinstance(value, EnvVar):
            self.validator(instance, attribute, value)


def _spare_env_vars(cls: type, fields: list[Any]) -> list[Any]:
    return [
        each.evolve(validator=_ExceptEnvVar(each.validator)) if each.validator else each
        for each in fields
    ]


def _attribute(default: Any) -> Any:
    if isinstance(default, _FIELD_MARK):
        return default
    if isinstance(default, Field):
        return _of_field(default)
    if isinstance(default, (list, dict, set)):
        return attrs.field(factory=functools.partial(copy.deepcopy, default))
    # Declarations of fields look alike in the libraries that have classes with fields.
    if hasattr(default, "default_factory") and hasattr(default, "annotation"):
        return _of_library(default)
    return attrs.field(default=default)


def _of_field(field: Field) -> Any:
    """Read ``limit: int = Field(int, default_value=3, description="...")``."""
    default: Any = attrs.NOTHING
    if field.default_provided:
        default = attrs.Factory(functools.partial(copy.deepcopy, field.default_value))
    elif not field.is_required:
        default = None
    metadata = {TYPE: field.config_type, HELP: field.description, SECRET: field.is_secret}
    return attrs.field(default=default, metadata=metadata, repr=_shown(field.is_secret))


def _of_library(declared: Any) -> Any:
    """Read a field as another library declares it; any other value is the default."""
    reader = reader_of(type(declared))
    found = reader.read_field(declared) if reader else None
    if found is None:
        return attrs.field(default=declared)
    default: Any = attrs.NOTHING
    if not found.is_required:
        default = attrs.Factory(functools.partial(copy.deepcopy, found.default))
    told = (found.description, found.is_secret, found.discriminator)
    return attrs.field(
        default=default,
        metadata=dict(zip((HELP, SECRET, DISCRIMINATOR), told, strict=True)),
        repr=_shown(found.is_secret),
        validator=validators_of(found.rules),
    )


def _shown(is_secret: bool) -> Any:
    return (lambda value: "***") if is_secret else True


def _is_class_variable(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))
    return annotation is ClassVar or get_origin(annotation) is ClassVar


def _frame_locals() -> dict[str, Any]:
    """Return the names around the class statement that is being executed."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_name == "__init_subclass__":
        frame = frame.f_back
    return frame.f_locals


_define(Config, {})


class PermissiveConfig(Config):
    """Typed config that keeps further keys as attributes."""

    _keeps_unknown = True
