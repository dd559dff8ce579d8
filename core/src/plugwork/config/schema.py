"""The branches of a schema, and how the short forms of Python compile to one."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any as AnyValue

from plugwork.config import types
from plugwork.config.compiling import resolve_to_config_type
from plugwork.config.placed import placed
from plugwork.config.references import MASK, is_bare_reference
from plugwork.config.types import NO_DEFAULT, ConfigType
from plugwork.config.walk import Walk
from plugwork.errors import (
    ConfigErrorReason,
    InvalidConfigDefinitionError,
    InvalidDefinitionError,
)


class Field:
    """A member of a mapping: its type, its default, and what to tell about it.

    :param config: a type, or a short form of one: ``int``, ``[str]``, ``{"a": int}``.
    :param default_value: what it has when not given. Checked here.
    :param is_required: default: required without a default, unless all its content is optional.
        An optional field without a default is absent from the result when it is not given.
    :param is_secret: never shown in a message or a listing.
    """

    @placed
    def __init__(
        self,
        config: object,
        default_value: object = NO_DEFAULT,
        is_required: bool | None = None,
        description: str | None = None,
        is_secret: bool = False,
    ) -> None:
        self.config_type = resolve_to_config_type(config)
        self.description = description
        self.is_secret = is_secret
        if default_value is not NO_DEFAULT and is_required:
            raise InvalidDefinitionError("a required field has no default_value")
        given = default_value
        if default_value is NO_DEFAULT and is_required is None:
            default_value = self.config_type.implicit_default()
        self._default = default_value
        self.is_required = default_value is NO_DEFAULT and is_required is not False
        if given is not NO_DEFAULT:  # An implicit default fits; checking it at each level adds up.
            self._check_default()

    def _check_default(self) -> None:
        at = Walk(secret=self.is_secret)
        self.config_type.check(self._default, at)
        if at.problems:
            reasons = "; ".join(problem.message for problem in at.problems)
            raise InvalidDefinitionError(f"the default_value does not fit its field: {reasons}")

    @property
    def default_provided(self) -> bool:
        """Whether there is a value when none is given."""
        return self._default is not NO_DEFAULT

    @property
    def default_value(self) -> AnyValue:
        """The default, as it was given."""
        if self._default is NO_DEFAULT:
            raise AttributeError("the field has no default_value")
        return self._default

    def schema_line(self, name: str) -> str:
        """Declare the field on one line: ``threshold: int = 3   fail above this``."""
        line = f"{name}: {self.config_type.label}"
        if self.default_provided and not self.is_secret:
            default = self._default
            simple = default is None or isinstance(default, (str, int, float))
            line = f"{line} = {default!r}" if simple else line
        return f"{line}   {self.description}" if self.description else line

    def __repr__(self) -> str:
        return f"Field({self.config_type!r})"


def to_field(obj: object) -> Field:
    """Return a field as it is, and make one of any schema or short form."""
    return obj if isinstance(obj, Field) else Field(obj)


def _fields(fields: Mapping[str, object]) -> dict[str, Field]:
    if not isinstance(fields, Mapping):
        raise InvalidDefinitionError(f"fields are a dictionary of name to type, got {fields!r}")
    for name in fields:
        if not isinstance(name, str):
            raise InvalidDefinitionError(f"the name of a field is text, got {name!r}")
    return {name: _member(name, each) for name, each in fields.items()}


def _member(name: str, obj: object) -> Field:
    try:
        return to_field(obj)
    except InvalidConfigDefinitionError as error:
        stack = [name, *error.stack]
        raise InvalidConfigDefinitionError(
            error.original_root, error.current_value, stack, error.reason
        ) from None


class Shape(ConfigType):
    """A mapping with exactly these keys.

    :param fields: name to :class:`Field`, or to a short form of its type.
    :param field_aliases: name to another key under which config may give it.
    """

    expected = "a mapping"
    label = "mapping"
    #: Whether keys that are not declared are kept.
    keeps_unknown = False

    @placed
    def __init__(
        self,
        fields: Mapping[str, object],
        description: str | None = None,
        field_aliases: Mapping[str, str] | None = None,
    ) -> None:
        self.fields = _fields(fields)
        self.description = description
        self.field_aliases = dict(field_aliases or {})
        for name in self.field_aliases:
            if name not in self.fields:
                raise InvalidDefinitionError(f"alias for {name!r}, which is not a field")

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}: {field.config_type!r}" for name, field in self.fields.items())
        return f"{type(self).__name__}({{{inner}}})"

    def check(self, value: object, at: Walk) -> object:
        if not isinstance(value, Mapping):
            at.wrong(self.expected, value)
            return value
        given = {key: part for key, part in value.items() if key not in self.fields}
        result: dict[str, object] = {}
        missing: list[str] = []
        for name, field in self.fields.items():
            key = self._key_given(name, value, given, at)
            if key in value:
                result[name] = field.config_type.check(value[key], self.member(at, key, field))
            elif field.default_provided:
                result[name] = self._fill(name, field, at)
            elif field.is_required:
                missing.append(name)
        for name in missing:
            self._tell_missing(name, at, several=len(missing) > 1)
        return {**result, **self._check_unknown(given, at)}

    def _tell_missing(self, name: str, at: Walk, *, several: bool) -> None:
        field = self.fields[name]
        line = field.schema_line(name) if field.description else ""
        at.missing(name, field.config_type.example(), line, several=several)

    def _key_given(
        self, name: str, value: Mapping[str, object], given: dict[str, object], at: Walk
    ) -> str:
        alias = self.field_aliases.get(name)
        if alias is None or alias == name:
            return name
        given.pop(alias, None)
        if alias not in value:
            return name
        if name in value:
            at.into(alias).add(
                "PW-CFG-010",
                f"{name} is given also as {alias}",
                "keep one of the two",
                key=True,
                reason=ConfigErrorReason.FIELD_ALIAS_COLLISION,
            )
        return alias

    def member(self, at: Walk, name: str, field: Field) -> Walk:
        """Go from a mapping's place to one member's."""
        return at.into(name, secret=field.is_secret, schema_line=field.schema_line(name))

    def _fill(self, name: str, field: Field, at: Walk) -> object:
        """Check a default here again: its own members have defaults too, and may be references."""
        default = copy.deepcopy(field.default_value)
        return field.config_type.check(default, self.member(at, name, field))

    def _check_unknown(self, given: dict[str, object], at: Walk) -> dict[str, object]:
        if self.keeps_unknown:
            return {key: types.Any.check(part, at.into(str(key))) for key, part in given.items()}
        for key in given:
            at.unknown(key, self.fields, several=len(given) > 1)
        return {}

    def resolve(self, value: AnyValue, at: Walk) -> object:
        return {name: self._resolve_member(name, part, at) for name, part in value.items()}

    def _resolve_member(self, name: str, part: object, at: Walk) -> object:
        field = self.fields.get(name)
        if field is None:
            return types.Any.resolve(part, at.into(name))
        return field.config_type.resolve(part, self.member(at, name, field))

    def construct(self, value: AnyValue) -> AnyValue:
        fields = self.fields
        return {
            name: fields[name].config_type.construct(part) if name in fields else part
            for name, part in value.items()
        }

    def mask(self, value: AnyValue) -> AnyValue:
        return {name: self._mask_member(name, part) for name, part in value.items()}

    def _mask_member(self, name: str, part: object) -> object:
        field = self.fields.get(name)
        if field is None or part is None:
            return part
        if field.is_secret:
            return part if is_bare_reference(part) else MASK
        return field.config_type.mask(part)

    def implicit_default(self) -> object:
        return NO_DEFAULT if any(f.is_required for f in self.fields.values()) else {}

    def example(self) -> object:
        required = {name: field for name, field in self.fields.items() if field.is_required}
        return {name: field.config_type.example() for name, field in required.items()}


class Permissive(Shape):
    """A mapping that keeps further keys as they are."""

    keeps_unknown = True

    @placed
    def __init__(
        self, fields: Mapping[str, object] | None = None, description: str | None = None
    ) -> None:
        super().__init__(fields or {}, description)


class Selector(ConfigType):
    """A mapping with exactly one of these keys."""

    @placed
    def __init__(self, fields: Mapping[str, object], description: str | None = None) -> None:
        self.fields = _fields(fields)
        if not self.fields:
            raise InvalidDefinitionError("a selector needs a key to choose")
        self.description = description
        names = ", ".join(self.fields)
        self.expected = f"a mapping with exactly one key of {names}"
        self.label = f"one of {{{names}}}"

    def __repr__(self) -> str:
        return f"Selector({{{', '.join(self.fields)}}})"

    def check(self, value: object, at: Walk) -> object:
        if not isinstance(value, Mapping):
            at.wrong(self.expected, value)
            return value
        if not value and len(self.fields) == 1:
            return Shape.check(self._only(), value, at)
        if len(value) != 1:
            self._refuse(value, at)
            return value
        [(name, part)] = value.items()
        if name not in self.fields:
            at.unknown(name, self.fields)
            return value
        field = self.fields[name]
        inner = at.into(name, secret=field.is_secret, schema_line=field.schema_line(name))
        if part is None and field.config_type.implicit_default() == {}:
            part = {}
        return {name: field.config_type.check(part, inner)}

    def _refuse(self, value: Mapping[str, object], at: Walk) -> None:
        keys = ", ".join(str(key) for key in value)
        message = f"{at.name} names more than one ({keys})"
        if value:
            at.add("PW-CFG-010", message, "keep exactly one of them")
        else:
            reason = ConfigErrorReason.SELECTOR_FIELD_ERROR
            at.add("PW-CFG-004", f"{at.name} must be {self.expected}, got {{}}", reason=reason)

    def _only(self) -> Shape:
        return Shape(self.fields)

    def resolve(self, value: AnyValue, at: Walk) -> object:
        return Shape.resolve(self._only(), value, at)

    def construct(self, value: AnyValue) -> AnyValue:
        return Shape.construct(self._only(), value)

    def mask(self, value: AnyValue) -> AnyValue:
        return self._only().mask(value)

    def implicit_default(self) -> object:
        return self._only().implicit_default() if len(self.fields) == 1 else NO_DEFAULT

    def example(self) -> object:
        name, field = next(iter(self.fields.items()))
        return {name: field.config_type.example()}
