"""What run config gives to single outputs and inputs, for the IO managers that take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugwork.config.schema import Field, Shape
from plugwork.definitions.io_manager import InputManagerDefinition, IOManagerDefinition
from plugwork.definitions.op import OpDefinition
from plugwork.definitions.resource import ResourceDefinition

#: Section of a node's config, and name of the output or input in it -> config.
ManagerConfig = Mapping[tuple[str, str], Any]
NO_MANAGER_CONFIG: ManagerConfig = {}

#: Section of a node's config -> resource key -> the field of what the manager takes there.
ManagerFields = Mapping[str, Mapping[str, Field]]


def manager_fields(resource_defs: Mapping[str, ResourceDefinition]) -> ManagerFields:
    """Return what the IO managers of a job take for single outputs and inputs; mostly nothing."""
    inputs: dict[str, Field] = {}
    outputs: dict[str, Field] = {}
    for key, one in resource_defs.items():
        if isinstance(one, IOManagerDefinition) and one.output_config_field is not None:
            outputs[key] = one.output_config_field
        if isinstance(one, InputManagerDefinition) and one.input_config_field is not None:
            inputs[key] = one.input_config_field
    found = {"inputs": inputs, "outputs": outputs}
    return {section: fields for section, fields in found.items() if fields}


def node_fields(definition: OpDefinition, managers: ManagerFields) -> dict[str, dict[str, Field]]:
    """Return the fields of a node's config that are its IO managers': section -> name -> field."""
    keys: dict[str, dict[str, str | None]] = {
        "inputs": {one.name: one.input_manager_key for one in definition.input_defs},
        "outputs": {
            one.name: one.io_manager_key
            for one in definition.output_defs
            if not one.type.is_nothing
        },
    }
    found: dict[str, dict[str, Field]] = {}
    for section, fields in managers.items():
        own = {name: fields[key] for name, key in keys[section].items() if key and key in fields}
        if own:
            found[section] = own
    return found


def add_node_fields(
    parts: dict[str, Field], definition: OpDefinition, managers: ManagerFields
) -> None:
    """Add these fields to the sections of a node's config; they win over those of types."""
    for section, fields in node_fields(definition, managers).items():
        below = parts[section].config_type if section in parts else None
        known = below.fields if isinstance(below, Shape) else {}
        parts[section] = Field(Shape({**known, **fields}))


def manager_config(
    definition: OpDefinition, config: Mapping[str, Any], managers: ManagerFields
) -> ManagerConfig:
    """Return what a node's config gives to its IO managers."""
    found: dict[tuple[str, str], Any] = {}
    for section, fields in node_fields(definition, managers).items():
        given = config.get(section, {})
        for name, field in fields.items():
            if name in given:
                found[section, name] = field.config_type.construct(given[name])
    return found or NO_MANAGER_CONFIG
