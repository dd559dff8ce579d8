"""Definitions with a part of their config filled in, under a schema of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Self

from plugwork.config import types
from plugwork.config.schema import Field
from plugwork.config.validation import resolve_sources, validate
from plugwork.errors import InvalidDefinitionError


class ConfiguredMixin:
    """Gives a definition with config the method :meth:`configured`."""

    #: "resource", "executor", for messages.
    what: str
    config_field: Field

    def configured(
        self,
        config_or_config_fn: Any,
        config_schema: Any = None,
        description: str | None = None,
    ) -> Self:
        """Return a definition like this one, with config filled in.

        :param config_or_config_fn: the config; or a function that makes it from the config of the
            new definition.
        :param config_schema: of the function's parameter; None takes any config.
        """
        inner = self.config_field
        if callable(config_or_config_fn):
            function = config_or_config_fn
            outer = field_of(config_schema)

            def convert(config: Any) -> Any:
                return checked_config(inner, function(config), self.what)

        elif config_schema is not None:
            raise InvalidDefinitionError(
                f"config_schema of a configured {self.what} describes the parameter of a function; "
                "the config given is none"
            )
        else:
            outer = field_of(None)
            validate(inner.config_type, config_or_config_fn).unwrap(_preamble(self.what))

            def convert(config: Any) -> Any:
                return checked_config(inner, config_or_config_fn, self.what)

        return self._copy_with(outer, convert, description)

    def _copy_with(
        self, config_field: Field, convert: Callable[[Any], Any], description: str | None
    ) -> Self:
        """Return the definition under another schema.

        :param convert: makes the config of this definition from that of the new one.
        """
        raise NotImplementedError


def field_of(config_schema: Any) -> Field:
    """Return the field of a definition's config; without a schema it takes any."""
    if isinstance(config_schema, Field):
        return config_schema
    return Field(types.Any, is_required=False) if config_schema is None else Field(config_schema)


def checked_config(field: Field, config: Any, what: str) -> Any:
    """Return config validated and with its references resolved.

    :raises InvalidConfigError: with every problem.
    """
    checked = validate(field.config_type, config).unwrap(_preamble(what))
    return resolve_sources(field.config_type, checked, os.environ).unwrap(_preamble(what))


def _preamble(what: str) -> str:
    return f"the config given to configured() of a {what} does not fit:"
