"""Config mappings: simple config for a graph or job, made into the config of the ops inside."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, overload

from plugwork.boundary import user_code_error_boundary
from plugwork.definitions.names import copy_names
from plugwork.definitions.place import where
from plugwork.definitions.signature import evaluate
from plugwork.errors import ConfigMappingFunctionError, InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.config.schema import Field

ConfigFn = Callable[[Any], Any]


class ConfigMapping:
    """Makes the config of the ops in a graph, or of a whole job, from simpler config.

    :param config_fn: gets the simple config. For a graph it returns what would stand under
        ``ops``; for a job the whole run config, as a dictionary or a :class:`RunConfig`.
    :param config_schema: of the simple config. When not given: the :class:`Config` class that
        annotates the function's parameter, else any config is taken.
    :param receive_processed_config_values: False gives the function what was written, with
        references and enums unread. By default it gets what user code would see.
    :raises InvalidDefinitionError: when the function does not take one argument.
    """

    def __init__(
        self,
        config_fn: ConfigFn,
        config_schema: Any = None,
        receive_processed_config_values: bool | None = None,
    ) -> None:
        if not callable(config_fn):
            raise InvalidDefinitionError(
                f"config_fn of a config mapping must be a function, got {config_fn!r}"
            )
        self.config_fn = config_fn
        annotated = _config_class(config_fn) if config_schema is None else None
        self.config_schema = config_schema if annotated is None else annotated
        self.receive_processed_config_values = receive_processed_config_values
        self.config_field = _field(self.config_schema)
        #: File and line of the function, for messages.
        self.place = f"({where(config_fn)})"
        if annotated is not None and receive_processed_config_values is False:
            raise InvalidDefinitionError(
                f"the config mapping {self.place}: objects of {annotated.__name__} hold processed "
                "values; remove receive_processed_config_values, or give a config_schema"
            )

    def __call__(self, config: Any) -> Any:
        """Run the function, as a unit test does."""
        return self.config_fn(config)

    def apply(self, checked: Any, resolved: Any, owner: str) -> Any:
        """Return what the function makes of config that is known to fit the schema.

        :param checked: the config with references unread.
        :param resolved: the config with references read.
        :param owner: for messages: ``"graph 'x' in job 'y'"``.
        :raises ConfigMappingFunctionError: when the function raises.
        """
        with user_code_error_boundary(
            ConfigMappingFunctionError,
            lambda: f"the config mapping of {owner} {self.place} raised an error",
        ):
            if self.receive_processed_config_values is False:
                return self.config_fn(checked)
            return self.config_fn(self.config_field.config_type.construct(resolved))


def hard_coded(config: Mapping[str, Any], place: str) -> ConfigMapping:
    """Return the mapping of a graph whose ops always have this config."""
    mapping = ConfigMapping(lambda _: config)
    mapping.place = place
    return mapping


def configured_mapping(
    inner: ConfigMapping, owner: str, config_or_config_fn: Any, config_schema: Any
) -> ConfigMapping:
    """Return the mapping with its config filled in, or under another schema.

    :param config_or_config_fn: the config; or a function that makes it.
    :raises InvalidDefinitionError: when the config given does not fit.
    """
    from plugwork.config.validation import validate
    from plugwork.definitions.configured import checked_config

    given = config_or_config_fn
    if not callable(given):
        problems = validate(inner.config_field.config_type, given).problems
        if problems or config_schema is not None:
            told = "".join(f"\n    {one}" for one in problems) or " config_schema needs a function"
            raise InvalidDefinitionError(f"configured() of {owner}:{told}")

    def convert(config: Any) -> Any:
        wanted = given(config) if callable(given) else given
        resolved = checked_config(inner.config_field, wanted, owner)
        return inner.apply(wanted, resolved, owner)

    if callable(given) and config_schema is None:
        config_schema = _config_class(given)
    mapping = ConfigMapping(convert, config_schema)
    mapping.place = f"({where(given)})" if callable(given) else inner.place
    return mapping


@overload
def config_mapping(config_fn: ConfigFn) -> ConfigMapping: ...


@overload
def config_mapping(
    config_fn: None = None,
    *,
    config_schema: Any = ...,
    receive_processed_config_values: bool | None = ...,
) -> Callable[[ConfigFn], ConfigMapping]: ...


def config_mapping(
    config_fn: ConfigFn | None = None,
    *,
    config_schema: Any = None,
    receive_processed_config_values: bool | None = None,
) -> ConfigMapping | Callable[[ConfigFn], ConfigMapping]:
    """Make a :class:`ConfigMapping` of a function; the parameters are those of the class."""

    def define(fn: ConfigFn) -> ConfigMapping:
        mapping = ConfigMapping(fn, config_schema, receive_processed_config_values)
        copy_names(mapping, fn)
        return mapping

    return define(config_fn) if config_fn is not None else define


def _config_class(config_fn: ConfigFn) -> Any:
    """Return the class that annotates the function's parameter, if config can be of it."""
    try:
        parameters = list(inspect.signature(config_fn).parameters.values())
    except (TypeError, ValueError):
        return None
    needed = [
        one for one in parameters if one.default is one.empty and one.kind < one.VAR_POSITIONAL
    ]
    if not parameters or len(needed) > 1:
        raise InvalidDefinitionError(
            f"the function of a config mapping takes one argument, the config ({where(config_fn)})"
        )
    from plugwork.config.class_shape import is_config_class

    annotation = evaluate(parameters[0].annotation, config_fn)
    return annotation if is_config_class(annotation) else None


def _field(config_schema: Any) -> Field:
    from plugwork.definitions.configured import field_of

    return field_of(config_schema)
