"""The configuration as it is shown: every value with its source, and no secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from plugwork.config.class_shape import settings_schema
from plugwork.config.component_section import ComponentChoice
from plugwork.config.instance_config import InstanceConfig
from plugwork.config.instance_schema import PluginChoices
from plugwork.config.places import Path, Source, dotted, show
from plugwork.config.references import is_env_mapping
from plugwork.config.schema import Shape
from plugwork.config.sections import SECTIONS


@attrs.frozen
class ShownSetting:
    """One value of the configuration."""

    path: Path
    #: Masked where it is secret; references are shown as they are written.
    value: Any
    source: Source

    def __str__(self) -> str:
        return f"{dotted(self.path)} = {show(self.value)}  ({self.source})"


def list_settings(config: InstanceConfig) -> list[ShownSetting]:
    """List every value, also those that are default, in the order of the schema."""
    return [
        ShownSetting(path, value, config.layered.provenance(path))
        for path, value in _leaves(settings_tree(config), ())
    ]


def settings_tree(config: InstanceConfig) -> dict[str, Any]:
    """Return the whole configuration as it would stand in a file, secrets masked."""
    shown: dict[str, Any] = {key: _component(each) for key, each in config.components.items()}
    if config.plugins != PluginChoices():
        shown["plugins"] = _plugins(config.plugins)
    own = {key: part for key, part in config.stored.items() if key in SECTIONS}
    return {**shown, **Shape(SECTIONS).mask(own)}


def _component(choice: ComponentChoice) -> Any:
    if choice.class_data is not None:
        return {
            "module": choice.class_data.module_name,
            "class": choice.class_data.class_name,
            "config": dict(choice.stored),
        }
    if choice.settings_class is None:
        return choice.name
    return {choice.name: settings_schema(choice.settings_class).mask(choice.stored)}


def _plugins(plugins: PluginChoices) -> dict[str, Any]:
    return {
        "enable": [_component(choice) for choice in plugins.enable],
        "prefer": dict(plugins.prefer),
        "block": list(plugins.block),
    }


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value and not is_env_mapping(value):
        for key, part in value.items():
            yield from _leaves(part, (*path, str(key)))
    elif isinstance(value, list) and any(isinstance(part, (Mapping, list)) for part in value):
        for n, part in enumerate(value):
            yield from _leaves(part, (*path, n))
    else:
        yield path, value
