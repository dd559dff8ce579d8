"""Reading an input of a type of the user's own from run config."""

from __future__ import annotations

import abc
import inspect
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from plugwork.definitions.place import where
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.config.types import ConfigType

LoaderFn = Callable[[Any, Any], Any]


class TypeLoader(abc.ABC):
    """Makes a value of a type from what run config says of an input.

    Write one as a class for a schema that must be computed; for all others there is
    :func:`type_loader`.
    """

    @property
    @abc.abstractmethod
    def schema_type(self) -> ConfigType:
        """The schema of ``ops.<op>.inputs.<input>``."""

    @property
    def loader_version(self) -> str | None:
        """Names the code of the loader; None when nobody keeps count."""
        return None

    def construct_from_config_value(self, context: Any, config_value: Any) -> Any:
        """Return the input's value.

        :param context: a :class:`TypeLoaderContext`.
        :param config_value: checked against the schema, references resolved.
        """
        return config_value

    def required_resource_keys(self) -> frozenset[str]:
        """Return the resources that the loader finds in its context."""
        return frozenset()


class _FunctionLoader(TypeLoader):
    """Loads with a function."""

    def __init__(self, fn: LoaderFn, schema: ConfigType, keys: Collection[str]) -> None:
        self._fn = fn
        self._schema = schema
        self._keys = frozenset(keys)

    @property
    def schema_type(self) -> ConfigType:
        return self._schema

    def construct_from_config_value(self, context: Any, config_value: Any) -> Any:
        return self._fn(context, config_value)

    def required_resource_keys(self) -> frozenset[str]:
        return self._keys


def type_loader(
    config_schema: Any, required_resource_keys: Collection[str] | None = None
) -> Callable[[LoaderFn], TypeLoader]:
    """Make a loader of a function of context and config value, for ``Type(loader=...)``.

    :param config_schema: what run config says of an input.
    :param required_resource_keys: resources in ``context.resources``; a step that loads such an
        input requires them.
    :raises InvalidDefinitionError: when the function takes other arguments.
    """
    from plugwork.config.compiling import resolve_to_config_type

    schema = resolve_to_config_type(config_schema)

    def define(fn: LoaderFn) -> TypeLoader:
        try:
            inspect.signature(fn).bind(None, None)
        except TypeError:
            name = getattr(fn, "__qualname__", repr(fn))
            raise InvalidDefinitionError(
                f"type loader {name!r} must be a function of context and config value ({where(fn)})"
            ) from None
        return _FunctionLoader(fn, schema, required_resource_keys or ())

    return define
