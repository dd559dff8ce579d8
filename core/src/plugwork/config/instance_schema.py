"""The schema of the whole ``plugwork.yaml``: what stands where, and what excludes what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from plugwork.abc.specs import KINDS
from plugwork.config import types
from plugwork.config.component_section import (
    PLUGIN,
    ComponentChoice,
    ComponentSection,
    SettingsLookup,
)
from plugwork.config.containers import Array, Map
from plugwork.config.schema import Field, Shape
from plugwork.config.sections import SECTIONS
from plugwork.config.types import ConfigType
from plugwork.config.walk import Walk

_REFUSED = {
    "telemetry": "plugwork sends none: remove the key",
    "nux": "there is nothing to switch: remove the key",
    "instance_class": "an instance is assembled from components, so name those: remove the key",
}
_PARTS_OF_STORAGE = ("run_storage", "event_log_storage", "schedule_storage")


@attrs.frozen
class PluginChoices:
    """The section ``plugins``."""

    #: Life-cycle plugins with their settings; ``kind`` is ``plugin``.
    enable: tuple[ComponentChoice, ...] = ()
    #: ``storage.postgres`` -> the distribution to take it from.
    prefer: Mapping[str, str] = attrs.field(factory=dict)
    block: tuple[str, ...] = ()


class InstanceShape(Shape):
    """The whole file; keys that other orchestrators have are refused with the reason."""

    def check(self, value: object, at: Walk) -> object:
        if not isinstance(value, Mapping):
            return super().check(value, at)
        for key in value.keys() & _REFUSED.keys():
            at.into(key).add("PW-CFG-001", f"{key} is refused: {_REFUSED[key]}", key=True)
        return super().check({k: v for k, v in value.items() if k not in _REFUSED}, at)


class PluginsSection(ConfigType):
    """The node of ``plugins``."""

    expected = "a mapping"
    label = "plugins"

    def __init__(self, settings_for: SettingsLookup) -> None:
        enable = Array(ComponentSection(PLUGIN, "plugins", settings_for))
        self.shape = Shape(
            {
                "enable": Field(
                    enable, default_value=[], description="plugins that hook into runs"
                ),
                "prefer": Field(
                    Map(types.String, types.String, "kind.name"),
                    default_value={},
                    description="which distribution a name is taken from",
                ),
                "block": Field(
                    Array(types.String),
                    default_value=[],
                    description="distributions, plugins or kind.name, never to be loaded",
                ),
            }
        )

    def check(self, value: object, at: Walk) -> object:
        before = len(at.problems)
        stored: Any = self.shape.check(value, at)
        if len(at.problems) > before:
            return PluginChoices()
        return PluginChoices(
            tuple(stored["enable"]), dict(stored["prefer"]), tuple(stored["block"])
        )

    def implicit_default(self) -> object:
        return {}


def instance_schema(settings_for: SettingsLookup) -> InstanceShape:
    """Make the schema of the file.

    :param settings_for: asked for each component that the file names.
    """
    components = {
        key: Field(
            ComponentSection(info.kind, key, settings_for),
            is_required=False,
            description=f"the {info.title} of the instance",
        )
        for info in KINDS.values()
        for key in info.keys
    }
    plugins = Field(PluginsSection(settings_for), description="what is loaded beside components")
    return InstanceShape({**components, "plugins": plugins, **SECTIONS})


def read_plugins(value: Mapping[str, Any]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return ``prefer`` and ``block`` of a file that is not checked yet.

    Components are looked up while the file is checked, and that needs both. What is not well
    formed is passed over here, and told by the check.
    """
    section = value.get("plugins")
    section = section if isinstance(section, Mapping) else {}
    prefer, block = section.get("prefer"), section.get("block")
    pairs = prefer.items() if isinstance(prefer, Mapping) else ()
    return (
        {key: name for key, name in pairs if isinstance(key, str) and isinstance(name, str)},
        tuple(each for each in (block if isinstance(block, list) else ()) if isinstance(each, str)),
    )


def check_exclusions(value: Mapping[str, Any], at: Walk) -> None:
    """Record the keys that stand together and must not."""
    if "storage" in value:
        for part in _PARTS_OF_STORAGE:
            _exclude(value, (part,), "storage", at)
    if "run_coordinator" in value:
        _exclude(value, ("run_queue",), "run_coordinator", at)
    if _has(value, ("concurrency", "pools", "default_limit")):
        both = ("concurrency", "default_op_concurrency_limit")
        _exclude(value, both, "concurrency.pools.default_limit", at)
    for limit in ("max_concurrent_runs", "tag_concurrency_limits"):
        for queue in (("run_queue",), ("run_coordinator", "queued")):
            if _has(value, (*queue, limit)):
                _exclude(value, ("concurrency", "runs", limit), ".".join((*queue, limit)), at)


def _has(value: object, path: tuple[str, ...]) -> bool:
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


def _exclude(value: Mapping[str, Any], path: tuple[str, ...], other: str, at: Walk) -> None:
    if not _has(value, path):
        return
    at = at.along(path)
    at.add("PW-CFG-010", f"{at.name} cannot stand beside {other}", "keep one of the two", key=True)
