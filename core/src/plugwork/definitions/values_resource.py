"""Resources that are nothing but the values of their config."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from plugwork.definitions.resource import ResourceDefinition

if TYPE_CHECKING:
    from plugwork.definitions.resource_context import InitResourceContext


def make_values_resource(**kwargs: Any) -> ResourceDefinition:
    """Make a resource of config that several ops read.

    :param kwargs: name to the config type of the value; none at all takes any config.
    :return: has the values as attributes: ``context.resources.values.name``.
    """

    def values(context: InitResourceContext) -> SimpleNamespace:
        return SimpleNamespace(**(context.resource_config or {}))

    return ResourceDefinition(values, kwargs or None, "Values that ops share.")
