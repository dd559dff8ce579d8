"""A choice among fixed strings."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from plugwork.config.placed import placed
from plugwork.config.references import stored_reference
from plugwork.config.types import ConfigType
from plugwork.config.walk import Walk, closest
from plugwork.errors import InvalidDefinitionError


class EnumValue:
    """One member of an :class:`Enum`.

    :param config_value: what stands in config.
    :param python_value: what user code gets; the config value itself when not given.
    """

    @placed
    def __init__(
        self, config_value: str, python_value: object = None, description: str | None = None
    ) -> None:
        if not isinstance(config_value, str):
            raise InvalidDefinitionError(f"an enum's config value is a str, got {config_value!r}")
        self.config_value = config_value
        self.python_value = config_value if python_value is None else python_value
        self.description = description

    def __repr__(self) -> str:
        return f"EnumValue({self.config_value!r})"


class Enum(ConfigType):
    """A choice among fixed strings."""

    is_scalar = True

    @placed
    def __init__(self, name: str, enum_values: Sequence[EnumValue]) -> None:
        self.name = name
        self.enum_values = list(enum_values)
        for each in self.enum_values:
            if not isinstance(each, EnumValue):
                raise InvalidDefinitionError(f"enum {name!r} is made of EnumValues, got {each!r}")
        self._by_config = {each.config_value: each for each in self.enum_values}
        if len(self._by_config) < len(self.enum_values):
            raise InvalidDefinitionError(f"enum {name!r} has one config value twice")
        self.label = name
        self.expected = f"one of {', '.join(self._by_config)}"

    @classmethod
    def from_python_enum(cls, enum_type: type[enum.Enum], name: str | None = None) -> Enum:
        """Make a choice among the names of a Python enum's members."""
        return cls(name or enum_type.__name__, [EnumValue(m.name, m) for m in enum_type])

    @classmethod
    def from_python_enum_direct_values(
        cls, enum_type: type[enum.Enum], name: str | None = None
    ) -> Enum:
        """Make the same choice; user code gets the members' values instead of the members."""
        return cls(name or enum_type.__name__, [EnumValue(m.name, m.value) for m in enum_type])

    @property
    def config_values(self) -> list[str]:
        """What may stand in config, in the order of definition."""
        return list(self._by_config)

    def __repr__(self) -> str:
        return f"Enum({self.name})"

    def check(self, value: object, at: Walk) -> object:
        if at.keeps_reference(value):
            return stored_reference(value)
        if not (isinstance(value, str) and value in self._by_config):
            self._refuse(value, at)
        return value

    def _refuse(self, value: object, at: Walk) -> None:
        close = closest(value, self._by_config) if isinstance(value, str) else None
        better = f'"{close}" (one of {", ".join(self._by_config)})' if close else self.expected
        at.wrong(better, value)

    def resolve(self, value: object, at: Walk) -> object:
        if at.references:
            value = at.resolve_leaf(self, value)
        found = self._by_config.get(value) if isinstance(value, str) else None
        return found.python_value if found else value

    def read(self, text: str) -> object:
        """Accept text that names a member; see :meth:`Scalar.read`."""
        if text not in self._by_config:
            raise ValueError(text)
        return text

    def example(self) -> object:
        return self.enum_values[0].config_value if self.enum_values else None
