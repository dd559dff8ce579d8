"""A section of ``plugwork.yaml`` that names a component, and the settings it gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from plugwork.abc.configurable import ConfigurableClassData
from plugwork.config.class_shape import settings_schema
from plugwork.config.places import Path, Source
from plugwork.config.sections import CLASS_FORM
from plugwork.config.types import ConfigType
from plugwork.config.walk import Walk
from plugwork.errors import InvalidDefinitionError, PluginError

#: ``(kind, name)`` -> the attrs class of the component's settings, None when it takes none.
#: Raises a :class:`~plugwork.errors.PluginError` for a component that cannot be used.
SettingsLookup = Callable[[str, str], type | None]

#: The kind that :data:`SettingsLookup` is asked with for the plugins of ``plugins: enable:``.
PLUGIN = "plugin"

_RESERVED = ("module", "class", "config", "custom")


@attrs.frozen(kw_only=True)
class ComponentChoice:
    """The component that a section names."""

    #: A kind of :class:`plugwork.abc.specs.Kind`, or ``plugin``.
    kind: str
    #: The key of the section: ``run_launcher``.
    key: str
    #: None when a class is named instead.
    name: str | None = None
    class_data: ConfigurableClassData | None = None
    #: The attrs class of the settings; None when it takes none, or for a class.
    settings_class: type | None = None
    #: As the file has them: references unresolved, defaults not filled in.
    settings: Mapping[str, Any] = attrs.field(factory=dict)
    #: With defaults, as the schema of the settings has checked them.
    stored: Mapping[str, Any] = attrs.field(factory=dict)
    #: Where the settings stand in the document.
    path: Path
    source: Source | None


class ComponentSection(ConfigType):
    """The node of such a section: a name, a name with settings, or the form for a class."""

    expected = "the name of a component, or one name with its settings"
    label = "component"

    def __init__(self, kind: str, key: str, settings_for: SettingsLookup) -> None:
        self.kind = kind
        self.key = key
        self._settings_for = settings_for

    def __repr__(self) -> str:
        return f"ComponentSection({self.key})"

    def check(self, value: object, at: Walk) -> object:
        if isinstance(value, str):
            return self._named(value, None, at, at)
        if not isinstance(value, Mapping) or not value:
            at.wrong(self.expected, value)
            return None
        by_class = self.kind != PLUGIN
        if by_class and value.keys() & {"module", "class", "config"}:
            return self._class(value, at)
        if len(value) > 1:
            names = ", ".join(map(str, value))
            message = f"{at.name} names {len(value)} components ({names})"
            at.add("PW-CFG-010", message, "keep exactly one of them", key=True)
            return None
        [(name, settings)] = value.items()
        if by_class and name == "custom":
            return self._class(settings, at.into("custom"))
        return self._named(str(name), settings, at, at.into(str(name)))

    def _class(self, value: object, at: Walk) -> ComponentChoice | None:
        before = len(at.problems)
        stored: Any = CLASS_FORM.check(value, at)
        if len(at.problems) > before:
            return None
        return ComponentChoice(
            kind=self.kind,
            key=self.key,
            class_data=_class_data(stored),
            settings=stored["config"],
            stored=stored["config"],
            path=(*at.path, "config"),
            source=at.source,
        )

    def _named(self, name: str, given: object, at: Walk, inside: Walk) -> ComponentChoice | None:
        if name in _RESERVED:
            at.wrong("the name of a component", name)
            return None
        settings = {} if given is None else given
        if not isinstance(settings, Mapping):
            inside.wrong("a mapping of settings", given)
            return None
        cls, stored = self._check_settings(name, settings, inside)
        return ComponentChoice(
            kind=self.kind,
            key=self.key,
            name=name,
            settings_class=cls,
            settings=settings,
            stored=stored,
            path=inside.path,
            source=inside.source,
        )

    def _check_settings(
        self, name: str, settings: Mapping[str, Any], at: Walk
    ) -> tuple[type | None, Mapping[str, Any]]:
        try:
            cls = self._settings_for(self.kind, name)
            schema = settings_schema(cls) if cls else None
        except (PluginError, InvalidDefinitionError) as error:
            at.add(error.code, str(error), key=True)
            return None, {}
        if schema is None:
            for key in settings:
                message = f"{at.name} takes no settings, so remove this one"
                at.into(str(key)).add("PW-CFG-001", message, key=True)
            return None, {}
        stored: Any = schema.check(settings, at)
        return cls, stored


def _class_data(stored: Mapping[str, Any]) -> ConfigurableClassData:
    import yaml

    config = yaml.safe_dump(stored["config"], sort_keys=False, allow_unicode=True)
    return ConfigurableClassData(stored["module"], stored["class"], config)
