"""From what users bind to a resource key to resource definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugwork.definitions.implied import IMPLIED_RESOURCES
from plugwork.definitions.names import check_name
from plugwork.definitions.resource import ResourceDefinition
from plugwork.errors import InvalidDefinitionError


def bind_resources(given: Mapping[str, Any]) -> dict[str, ResourceDefinition]:
    """Return a definition for each key, and for what the instance provides.

    A plain object is the resource itself.
    """
    keys_by_id = {id(value): key for key, value in given.items()}
    bound = {
        check_name(key, "resource key"): as_definition(value, keys_by_id)
        for key, value in given.items()
    }
    return {**IMPLIED_RESOURCES, **bound}


def as_definition(value: Any, keys_by_id: Mapping[int, str]) -> ResourceDefinition:
    """Return the definition of one resource.

    :param keys_by_id: the keys under which objects are bound, so that they are made once.
    """
    if isinstance(value, ResourceDefinition):
        return value
    own = getattr(value, "__resource_definition__", None)
    if isinstance(value, type) and (own is not None or hasattr(value, "handle_output")):
        raise InvalidDefinitionError(
            f"{value.__name__} is bound as a class; bind an object of it: {value.__name__}(...)"
        )
    if own is None:
        return _of_object(value)
    definition: ResourceDefinition = own(keys_by_id)
    return definition


def _of_object(value: Any) -> ResourceDefinition:
    if not hasattr(value, "handle_output"):
        return ResourceDefinition.hardcoded_resource(value)
    from plugwork.definitions.io_manager import IOManagerDefinition

    return IOManagerDefinition.hardcoded_io_manager(value)
