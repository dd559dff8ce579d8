"""Rules beside the type of a value: ranges, lengths, choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any as AnyValue

import attrs

from plugwork.config.types import NO_DEFAULT, ConfigType
from plugwork.config.walk import Walk

_JSON_BOUNDS = {
    ">=": "minimum",
    ">": "exclusiveMinimum",
    "<=": "maximum",
    "<": "exclusiveMaximum",
}


@attrs.frozen
class Rule:
    """What a value must be, beside its type."""

    #: After "must be": ">= 0".
    text: str
    holds: Callable[[AnyValue], bool]
    #: The same for JSON Schema.
    json: Mapping[str, object]


class Ruled(ConfigType):
    """A type whose values keep rules too."""

    def __init__(self, inner_type: ConfigType, rules: list[Rule]) -> None:
        self.inner_type = inner_type
        self.rules = rules
        self.expected = inner_type.expected
        self.label = inner_type.label
        self.is_scalar = inner_type.is_scalar

    def __repr__(self) -> str:
        return repr(self.inner_type)

    def check(self, value: object, at: Walk) -> object:
        before = len(at.problems)
        checked = self.inner_type.check(value, at)
        if len(at.problems) == before and not at.keeps_reference(value):
            self._apply(checked, value, at)
        return checked

    def resolve(self, value: object, at: Walk) -> object:
        before = len(at.problems)
        resolved = self.inner_type.resolve(value, at)
        if at.resolver is not None and len(at.problems) == before:
            self._apply(resolved, value, at)
        return resolved

    def _apply(self, value: object, written: object, at: Walk) -> None:
        if value is None or isinstance(value, Mapping):
            return
        for rule in self.rules:
            if not rule.holds(value):
                at.out_of_range(rule.text, written)

    def construct(self, value: AnyValue) -> AnyValue:
        return self.inner_type.construct(value)

    def mask(self, value: AnyValue) -> AnyValue:
        return self.inner_type.mask(value)

    def implicit_default(self) -> object:
        return self.inner_type.implicit_default()

    def example(self) -> object:
        value = self.inner_type.example()
        bounds = [rule.json.get("minimum", NO_DEFAULT) for rule in self.rules]
        return next((bound for bound in bounds if bound is not NO_DEFAULT), value)


def rules_of(validator: object) -> list[Rule]:
    """Read the rules that attrs validators tell; others speak when the object is made."""
    if validator is None:
        return []
    inner = getattr(validator, "_validators", None)
    if inner is not None:
        return [rule for each in inner for rule in rules_of(each)]
    optional = getattr(validator, "validator", None)
    if optional is not None:
        return rules_of(optional)
    rule = _bound(validator) or _length(validator)
    return [rule] if rule else []


def _bound(validator: AnyValue) -> Rule | None:
    compare = getattr(validator, "compare_func", None)
    if compare is None:
        return None
    bound, sign = validator.bound, validator.compare_op
    return Rule(f"{sign} {bound}", lambda value: compare(value, bound), {_JSON_BOUNDS[sign]: bound})


def _length(validator: AnyValue) -> Rule | None:
    least = getattr(validator, "min_length", None)
    if least is not None:
        return Rule(f"of length >= {least}", lambda value: len(value) >= least, {})
    most = getattr(validator, "max_length", None)
    if most is not None:
        return Rule(f"of length <= {most}", lambda value: len(value) <= most, {})
    return None


def validators_of(rules: tuple[tuple[str, AnyValue], ...]) -> AnyValue:
    """Return the attrs validator of rules: ``((">=", 0), ("max_length", 5))``; None for none."""
    known = attrs.validators
    makers: dict[str, Callable[[AnyValue], AnyValue]] = {
        ">=": known.ge,
        ">": known.gt,
        "<=": known.le,
        "<": known.lt,
        "min_length": known.min_len,
        "max_length": known.max_len,
    }
    made = [known.optional(makers[sign](bound)) for sign, bound in rules]
    return known.and_(*made) if made else None
