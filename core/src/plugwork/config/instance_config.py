"""What an instance is made of: the checked content of ``plugwork.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from plugwork.abc.specs import KINDS
from plugwork.config.class_form import check_class_form
from plugwork.config.class_shape import settings_schema
from plugwork.config.component_section import ComponentChoice, SettingsLookup
from plugwork.config.instance_schema import PluginChoices, check_exclusions, instance_schema
from plugwork.config.layers import Layered
from plugwork.config.references import Resolver
from plugwork.config.schema import Shape
from plugwork.config.sections import SECTIONS, Leases
from plugwork.config.walk import Walk
from plugwork.errors import InvalidConfigError

_INTERFACES = {key: interface for info in KINDS.values() for key, interface in info.keys.items()}


@attrs.frozen(kw_only=True)
class InstanceConfig:
    """The configuration of one instance."""

    layered: Layered
    #: By section key; only those that the file names.
    components: Mapping[str, ComponentChoice]
    plugins: PluginChoices
    leases: Leases
    #: ``"normal"`` or ``"full"``.
    durability: str
    #: The kernel's other sections, by key, with all defaults and references resolved. Durations
    #: are seconds. Those without a default (``run_queue``, ``secrets``) are absent when not given.
    sections: Mapping[str, Mapping[str, Any]]
    #: The same with references as they are written, for display and for other processes.
    stored: Mapping[str, Any]


def parse_instance(
    layered: Layered,
    settings_for: SettingsLookup,
    resolver: Resolver,
    *,
    thorough: bool = False,
) -> InstanceConfig:
    """Check the whole file.

    The kernel's own sections are resolved here, a component's settings when it is first used.

    :param thorough: also resolve the references of all settings, and import the classes that are
        named, so that every mistake is found now.
    :raises InvalidConfigError: with every problem, in the order of the file.
    """
    at = Walk((), layered.positions, references=True)
    schema = instance_schema(settings_for)
    stored: Any = schema.check(layered.value, at)
    check_exclusions(layered.value, at)
    resolved = _resolve(stored, at, resolver, thorough) if not at.problems else {}
    leases = _leases(resolved, at)
    if at.problems:
        ordered = sorted(at.problems, key=lambda problem: (problem.line or 0, problem.column or 0))
        raise InvalidConfigError(_preamble(layered), ordered, layered.value)
    return InstanceConfig(
        layered=layered,
        components={key: stored[key] for key in _INTERFACES if key in stored},
        plugins=stored["plugins"],
        leases=leases,
        durability=resolved["durability"],
        sections={
            key: part for key, part in resolved.items() if key not in ("leases", "durability")
        },
        stored=stored,
    )


def _resolve(
    stored: Mapping[str, Any], at: Walk, resolver: Resolver, thorough: bool
) -> dict[str, Any]:
    deep = Walk((), at.positions, references=True, resolver=resolver, problems=at.problems)
    own = {key: part for key, part in stored.items() if key in SECTIONS}
    resolved: Any = Shape(SECTIONS).resolve(own, deep)
    if thorough:
        choices = [stored[key] for key in _INTERFACES if key in stored]
        for choice in (*choices, *stored["plugins"].enable):
            _check_choice(choice, deep)
    return dict(resolved)


def _check_choice(choice: ComponentChoice, at: Walk) -> None:
    if choice.class_data is not None and choice.key in _INTERFACES:
        inside = at.along(choice.path[:-1])
        check_class_form(choice.class_data, _INTERFACES[choice.key], inside)
    elif choice.settings_class is not None:
        settings_schema(choice.settings_class).resolve(choice.stored, at.along(choice.path))


def _leases(resolved: Mapping[str, Any], at: Walk) -> Leases:
    if at.problems:
        return Leases()
    try:
        return Leases.from_section(resolved["leases"])
    except ValueError as error:
        at.into("leases").add("PW-CFG-012", f"leases: {error}")
        return Leases()


def _preamble(layered: Layered) -> str:
    names = " and ".join(file.name for file in layered.files)
    return f"{names or 'the configuration'} cannot be used:"
