"""What the parameters of a job may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.definitions.executor import ExecutorDefinition
from plugwork.definitions.names import did_you_mean
from plugwork.errors import ConfigErrorReason, InvalidConfigError, InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.config.run_config import RunConfig
    from plugwork.definitions.config_mapping import ConfigMapping
    from plugwork.definitions.graph import GraphDefinition
    from plugwork.definitions.job import JobDefinition

_MISSING = (ConfigErrorReason.MISSING_REQUIRED_FIELD, ConfigErrorReason.MISSING_REQUIRED_FIELDS)
_BOUND_LATER = (("resources",), ("loggers",), ("execution",))


def executor_of(definition: ExecutorDefinition | None, owner: str) -> ExecutorDefinition | None:
    """Check a job's executor definition; None is one of the collection or the instance."""
    if definition is None or isinstance(definition, ExecutorDefinition):
        return definition
    raise InvalidDefinitionError(
        f"{owner}: executor_def must be an executor definition, got {definition!r}"
    )


def mapping_and_default(
    config: RunConfig | ConfigMapping | Mapping[str, Any] | None, owner: str
) -> tuple[ConfigMapping | None, dict[str, Any]]:
    """Read a job's ``config``: its mapping, or its default run config."""
    from plugwork.config.run_config import RunConfig, run_config_dict

    if config is None:
        return None, {}
    if isinstance(config, (Mapping, RunConfig)):
        return None, run_config_dict(config)
    from plugwork.definitions.config_mapping import ConfigMapping

    if isinstance(config, ConfigMapping):
        return config, {}
    raise InvalidDefinitionError(
        f"{owner}: config must be a dictionary, a RunConfig or a ConfigMapping, got {config!r}"
    )


def check_default_config(job: JobDefinition) -> None:
    """Check a job's default run config, as far as nothing can come later.

    A run may give what is missing; resources, loggers and executor may come from a collection.

    :raises InvalidConfigError: with every problem, and the place of the job.
    """
    from plugwork.config.validation import validate

    problems = [
        one
        for one in validate(job.inner_config_schema, job.config).problems
        if one.reason not in _MISSING and one.keys[:1] not in _BOUND_LATER
    ]
    if problems:
        told = f"the config of job {job.name!r} does not fit it ({job.place}):"
        raise InvalidConfigError(told, problems, job.config)


def values_of_inputs(
    graph_def: GraphDefinition, given: Mapping[str, Any] | None, owner: str
) -> dict[str, Any]:
    """Check that the job has these inputs."""
    if given is not None and not isinstance(given, Mapping):
        raise InvalidDefinitionError(f"{owner}: input_values is a dictionary, got {given!r}")
    for name in given or ():
        if name not in graph_def.input_dict:
            known = ", ".join(graph_def.input_dict) or "none"
            raise InvalidDefinitionError(
                f"{owner}: input_values has {name!r}{did_you_mean(name, graph_def.input_dict)} "
                f"(the job's inputs: {known})"
            )
    return dict(given or {})


def mapping_of(given: Mapping[str, Any] | None, parameter: str, owner: str) -> dict[str, Any]:
    """Check that a parameter is a dictionary with text for keys."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise InvalidDefinitionError(
            f"{owner}: {parameter} must be a dictionary by name, got {given!r}"
        )
    return dict(given)


def owners_of(owners: Sequence[str] | None, owner: str) -> tuple[str, ...]:
    """Check who owns a job: addresses, or ``team:name``."""
    if isinstance(owners, str):
        raise InvalidDefinitionError(f"{owner}: owners must be a list, got {owners!r}")
    for one in owners or ():
        if not isinstance(one, str) or not _is_owner(one):
            raise InvalidDefinitionError(
                f"{owner}: {one!r} is no owner; give an e-mail address or 'team:NAME'"
            )
    return tuple(owners or ())


def _is_owner(text: str) -> bool:
    team, is_team, name = text.partition(":")
    if is_team:
        return team == "team" and bool(name.strip())
    before, at, after = text.partition("@")
    return bool(before and at and "." in after) and not any(part.isspace() for part in text)


def refuse_absent(owner: str, **given: object) -> None:
    """Refuse parameters of kinds of definitions that this release does not have."""
    for name, value in given.items():
        if value is not None:
            raise InvalidDefinitionError(
                f"{owner}: this release of plugwork has no {name} yet; remove the parameter"
            )
