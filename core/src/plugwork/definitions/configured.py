"""Definitions with config filled in, under a schema of their own."""

from __future__ import annotations

import copy
import inspect
import os
from collections.abc import Callable
from typing import Any, Self, TypeVar

from plugwork.config import types
from plugwork.config.schema import Field, Shape
from plugwork.config.validation import resolve_sources, validate
from plugwork.definitions.names import check_name
from plugwork.definitions.place import caller, telling_where
from plugwork.errors import InvalidDefinitionError

D = TypeVar("D")


class ConfiguredMixin:
    """Gives a definition with config the method :meth:`configured`."""

    #: "resource", "executor", for messages.
    what: str
    description: str | None
    config_field: Field | None

    def configured(
        self,
        config_or_config_fn: Any,
        config_schema: Any = None,
        description: str | None = None,
    ) -> Self:
        """Return a definition like this one, with config filled in.

        :param config_or_config_fn: the config; or a function that makes it from the config of the
            new definition. It is called when a run starts, and again in each of its processes.
        :param config_schema: of the function's parameter. Not given: the config class that
            annotates the parameter, else any config.
        :raises InvalidConfigError: when the config does not fit.
        """
        with telling_where(self._label):
            if self.config_field is None:
                raise InvalidDefinitionError("it takes no config, so none can be filled in")
            field = configured_field(
                self.config_field, config_or_config_fn, config_schema, self._label
            )
        return self._with_config(field, description)

    def _with_config(self, config_field: Field, description: str | None) -> Self:
        made = copy.copy(self)
        made.config_field = config_field
        made.description = description or self.description
        return made

    @property
    def _label(self) -> str:
        return f"the configured {self.what}"


class NamedConfiguredMixin(ConfiguredMixin):
    """The same for definitions whose configured form has a name of its own: ops and graphs."""

    name: str

    def configured(  # type: ignore[override]  # the name comes second
        self,
        config_or_config_fn: Any,
        name: str | None = None,
        config_schema: Any = None,
        description: str | None = None,
    ) -> Self:
        """Return a definition like this one, with config filled in.

        :param config_or_config_fn: the config; or a function that makes it from the config of the
            new definition. It is called when a run starts, and again in each of its processes.
        :param name: of the new definition; a function's own name when not given.
        :param config_schema: of the function's parameter. Not given: the config class that
            annotates the parameter, else any config.
        :raises InvalidConfigError: when the config does not fit.
        :raises InvalidDefinitionError: when there is no name, or the definition takes no config.
        """
        name = name or function_name(config_or_config_fn)
        with telling_where(self._label):
            if name is None:
                raise InvalidDefinitionError(
                    f"a configured {self.what} is another {self.what}: give it a name="
                )
            check_name(name, self.what)
        made = super().configured(config_or_config_fn, config_schema, description)
        made.name = name
        return made

    @property
    def _label(self) -> str:
        return f"{self.what} {self.name!r}"


def function_name(given: Any) -> str | None:
    """Return the name of a function that makes config; None for config, or a lambda."""
    name = getattr(given, "__name__", None) if callable(given) else None
    return None if name == "<lambda>" else name


def configured(configurable: D, config_schema: Any = None, **kwargs: Any) -> Callable[[Any], D]:
    """Fill config in, as a decorator over the function that makes it.

    A new op or graph is named after the function; ``name=`` names it otherwise, and must be given
    where the config itself takes the place of the function.

    :param configurable: an op, a graph with config, a resource, an IO manager, a logger or an
        executor.
    :param config_schema: of the function's parameter. Not given: the config class that annotates
        the parameter, else any config.
    :param kwargs: ``name`` (of an op, graph or executor) and ``description`` of the new definition.
    :raises InvalidDefinitionError: for what takes no config.
    """
    if not hasattr(type(configurable), "configured"):
        raise InvalidDefinitionError(
            "configured() takes an op, graph, resource, IO manager, logger or executor, got "
            f"{configurable!r} ({caller()})"
        )
    definition: Any = configurable

    def fill_in(config_or_config_fn: Any) -> D:
        made: D = definition.configured(config_or_config_fn, config_schema=config_schema, **kwargs)
        return made

    return fill_in


def configured_field(inner: Field, given: Any, config_schema: Any, what: str) -> Field:
    """Return the field of a configured definition.

    :param inner: of the definition that is configured.
    :param given: the config, or the function that makes it.
    :param what: whose it is, for messages.
    """
    from plugwork.config.class_shape import as_config
    from plugwork.config.converted import Converted, Fixed

    if callable(given):
        outer = _outer_field(given, config_schema)
        converted = Converted(outer, inner, given, what)
        if outer.default_provided:
            return Field(converted, outer.default_value, description=outer.description)
        return Field(converted, is_required=outer.is_required, description=outer.description)
    if config_schema is not None:
        raise InvalidDefinitionError(
            "config_schema describes the parameter of a function; the config given is none"
        )
    config = as_config(given)
    preamble = f"the config given to {what} does not fit ({caller()}):"
    validate(inner.config_type, config).unwrap(preamble)
    return Field(Fixed(inner, config, what))


def _outer_field(function: Callable[..., Any], config_schema: Any) -> Field:
    if config_schema is None:
        config_schema = _annotated(function)
    if config_schema is None:
        return Field(types.Any, default_value={})
    return config_schema if isinstance(config_schema, Field) else Field(config_schema)


def _annotated(function: Callable[..., Any]) -> Any:
    """Return the config class that annotates the parameter, if one does."""
    from plugwork.config.class_shape import is_config_class
    from plugwork.definitions.signature import evaluate

    parameters = list(inspect.signature(function).parameters.values())
    annotation = evaluate(parameters[0].annotation, function) if parameters else None
    return annotation if is_config_class(annotation) else None


def field_of(config_schema: Any, owner: str = "", fn: object = None) -> Field:
    """Return the field of a definition's config; without a schema it takes any.

    :param owner: whose it is, and what it is made of, for messages.
    """
    with telling_where(owner, fn):
        return _field_of(config_schema)


def _field_of(config_schema: Any) -> Field:
    if isinstance(config_schema, Field):
        return config_schema
    return Field(types.Any, is_required=False) if config_schema is None else Field(config_schema)


def checked_config(field: Field, config: Any, what: str) -> Any:
    """Return config validated and with its references resolved.

    :param what: whose config it is, for messages.
    :raises InvalidConfigError: with every problem.
    """
    preamble = f"the config of {what} does not fit:"
    checked = validate(field.config_type, config).unwrap(preamble)
    return resolve_sources(field.config_type, checked, os.environ).unwrap(preamble)


def given_config(field: Field, config: Any, what: str) -> Any:
    """Return config as :func:`checked_config` does; None stands for config that is not given.

    :return: None when it is not given and has no default.
    """
    holder = {} if config is None else {"config": config}
    return checked_config(Field(Shape({"config": field})), holder, what).get("config")
