"""The name of an environment variable, standing for its value."""

from __future__ import annotations

import builtins
import os
import sys
from typing import Self

from plugwork.config.placed import tell_place
from plugwork.errors import InvalidDefinitionError


class EnvVar(str):
    """Stands in config for the value of an environment variable, read when the run starts.

    Writing one into text by mistake would store the name in place of the value, so ``str()`` of
    it is refused.

    :raises InvalidDefinitionError: when the name is no text, or empty.
    """

    __slots__ = ()

    def __new__(cls, name: builtins.str) -> Self:
        if not isinstance(name, str) or not name:
            error = InvalidDefinitionError(f"it takes the name of a variable, got {name!r}")
            # EnvVar.int calls it, too.
            tell_place(error, cls.__name__, sys._getframe(2 if cls is EnvVarInt else 1))
            raise error
        return super().__new__(cls, name)

    @classmethod
    def int(cls, name: builtins.str) -> EnvVarInt:
        """Make one whose value is read as an integer."""
        return EnvVarInt(name)

    @property
    def env_var_name(self) -> builtins.str:
        """The variable's name."""
        return super().__str__()

    def get_value(self, default: builtins.str | None = None) -> builtins.str | None:
        """Read the variable now.

        :param default: returned when it is not set.
        """
        return os.environ.get(self.env_var_name, default)

    def __str__(self) -> builtins.str:
        raise RuntimeError(
            f"EnvVar({self.env_var_name!r}) stands for a value that is read when the run starts;"
            " call get_value() to read it now"
        )

    def __repr__(self) -> builtins.str:
        return f"{type(self).__name__}({self.env_var_name!r})"


class EnvVarInt(EnvVar):
    """An :class:`EnvVar` for an integer field."""

    __slots__ = ()

    def get_value(self, default: builtins.int | None = None) -> builtins.int | None:  # type: ignore[override]  # of another type
        """Read the variable now, as an integer.

        :param default: returned when it is not set.
        :raises ValueError: when its text is no integer; the message does not show it.
        """
        text = os.environ.get(self.env_var_name)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            message = f"the value of the environment variable {self.env_var_name} is no integer"
            raise ValueError(message) from None
