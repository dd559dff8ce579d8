"""One of several types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any as AnyValue

from plugwork.config.references import is_env_mapping
from plugwork.config.types import ConfigType
from plugwork.config.walk import Walk
from plugwork.errors import ConfigErrorReason

if TYPE_CHECKING:
    from plugwork.config.schema import Shape


class Union_(ConfigType):
    """One of several types; the first that accepts the value has it."""

    def __init__(self, members: list[ConfigType]) -> None:
        self.members = members
        self.is_scalar = all(member.is_scalar for member in members)
        self.expected = " or ".join(member.expected for member in members)
        self.label = " | ".join(member.label for member in members)

    def __repr__(self) -> str:
        return " | ".join(repr(member) for member in self.members)

    def _member(self, value: object, at: Walk) -> ConfigType | None:
        single = not isinstance(value, (Mapping, list)) or is_env_mapping(value)
        likely = [member for member in self.members if member.is_scalar == single]
        if len(likely) == 1:
            return likely[0]
        for member in self.members:
            trial = Walk(references=at.references)
            member.check(value, trial)
            if not trial.problems:
                return member
        return None

    def check(self, value: object, at: Walk) -> object:
        member = self._member(value, at)
        if member is None:
            at.wrong(self.expected, value)
            return value
        return member.check(value, at)

    def resolve(self, value: object, at: Walk) -> object:
        member = self._member(value, at)
        return member.resolve(value, at) if member else value

    def construct(self, value: AnyValue) -> AnyValue:
        whole = [member for member in self.members if not member.is_scalar]
        if isinstance(value, (Mapping, list)) and len(whole) == 1:
            return whole[0].construct(value)
        return value

    def mask(self, value: AnyValue) -> AnyValue:
        member = self._member(value, Walk(references=True))
        return member.mask(value) if member else value

    def example(self) -> object:
        return self.members[0].example()


class Discriminated(ConfigType):
    """One of several classes, told apart by a field that holds a fixed text in each.

    Given as ``{text: fields}``, or as the fields with that one among them; stored as the first.

    :param field: its name.
    :param members: the class of each text.
    """

    def __init__(self, field: str, members: Mapping[str, Shape]) -> None:
        self.field = field
        self.members = dict(members)
        texts = ", ".join(self.members)
        self.expected = f"a mapping with exactly one key of {texts}"
        self.label = f"one of {{{texts}}}"

    def __repr__(self) -> str:
        return " | ".join(dict.fromkeys(repr(member) for member in self.members.values()))

    def check(self, value: object, at: Walk) -> object:
        if not isinstance(value, Mapping):
            at.wrong(self.expected, value)
            return value
        named = value.get(self.field)
        if isinstance(named, str) and named in self.members:
            return {named: self.members[named].check(value, at)}
        if len(value) != 1:
            message = f"{at.name} must be {self.expected}"
            at.add("PW-CFG-010", message, reason=ConfigErrorReason.SELECTOR_FIELD_ERROR)
            return value
        [(text, part)] = value.items()
        if text not in self.members:
            at.unknown(text, self.members)
            return value
        return {text: self._check_member(text, {} if part is None else part, at.into(text))}

    def _check_member(self, text: str, part: object, at: Walk) -> object:
        if isinstance(part, Mapping) and part.get(self.field, text) != text:
            at.into(self.field).wrong(f'"{text}"', part[self.field])
            return part
        whole = {**part, self.field: text} if isinstance(part, Mapping) else part
        return self.members[text].check(whole, at)

    def resolve(self, value: AnyValue, at: Walk) -> object:
        return {
            text: self.members[text].resolve(part, at.into(text)) for text, part in value.items()
        }

    def construct(self, value: AnyValue) -> AnyValue:
        if not isinstance(value, Mapping):
            return value
        [(text, part)] = value.items()
        return self.members[text].construct(part)

    def mask(self, value: AnyValue) -> AnyValue:
        return {text: self.members[text].mask(part) for text, part in value.items()}

    def example(self) -> object:
        text, member = next(iter(self.members.items()))
        return {text: member.example()}
