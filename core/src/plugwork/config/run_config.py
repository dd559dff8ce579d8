"""Run config in Python: typed config by op, resource and logger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from plugwork.config.class_shape import as_config, is_config_object
from plugwork.errors import InvalidDefinitionError

_Section = Mapping[str, Any] | None


@attrs.frozen
class RunConfig:
    """Config of one run, with config objects where they are clearer than mappings.

    An object of a config class stands for ``{"config": ...}``, also inside: ``ops={"graph": {"ops":
    {"inner": Threshold(limit=3)}}}``. Anything else is taken as it is.
    """

    ops: _Section = None
    resources: _Section = None
    loggers: _Section = None
    #: A mapping, or a config object.
    execution: Any = None

    def to_config_dict(self) -> dict[str, Any]:
        """Write it as plain run config; sections that are not given are left out."""
        sections: dict[str, Any] = {
            "ops": _by_name(self.ops),
            "resources": _by_name(self.resources),
            "loggers": _by_name(self.loggers),
            "execution": None if self.execution is None else _wrapped(self.execution),
        }
        return {name: section for name, section in sections.items() if section is not None}


def run_config_dict(run_config: RunConfig | Mapping[str, Any] | None) -> dict[str, Any]:
    """Accept run config in either form, as plain mappings."""
    if run_config is None:
        return {}
    if isinstance(run_config, RunConfig):
        return run_config.to_config_dict()
    plain: dict[str, Any] = as_config(run_config)
    return plain


def _by_name(section: _Section) -> dict[str, Any] | None:
    if section is None:
        return None
    if not isinstance(section, Mapping):
        raise InvalidDefinitionError(
            f"a section of a RunConfig is a dictionary by name, got {section!r}"
        )
    return {name: _wrapped(part) for name, part in section.items()}


def _wrapped(part: Any) -> Any:
    if isinstance(part, Mapping):
        inside = {"ops", "resources", "loggers"}
        return {
            key: _by_name(one) if key in inside and isinstance(one, Mapping) else as_config(one)
            for key, one in part.items()
        }
    return {"config": as_config(part)} if is_config_object(part) else as_config(part)
