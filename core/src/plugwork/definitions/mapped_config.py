"""Run config of jobs with config mappings, brought to the form that has none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.config.run_config import RunConfig, run_config_dict
from plugwork.config.schema import Shape
from plugwork.config.validation import resolve_sources, validate
from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.manager_config import ManagerFields, manager_fields
from plugwork.definitions.subset import of_selected_ops, without_unselected

if TYPE_CHECKING:
    from plugwork.definitions.config_mapping import ConfigMapping
    from plugwork.definitions.job import JobDefinition

Section = Mapping[str, Any]


def without_mappings(job: JobDefinition, checked: Section, resolved: Section) -> dict[str, Any]:
    """Return resolved run config in which every op has its own config.

    :param checked: the run config with references unread.
    :param resolved: the run config with references read.
    :raises ConfigMappingFunctionError: when a mapping function raises.
    :raises InvalidConfigError: when it makes config that does not fit what is inside.
    """
    owner = f"job {job.name!r}"
    if job.config_mapping is not None:
        made = run_config_dict(job.config_mapping.apply(checked, resolved, owner))
        made = of_selected_ops(job.graph_def, made)
        checked, resolved = _settled(job.inner_config_schema, made, owner, job.config_mapping)
    if not job.graph_def.maps_config:
        return dict(resolved)
    top = job.graph_def
    managers = manager_fields(job.resource_defs)
    sections = _ops_section(top, checked), _ops_section(top, resolved)
    ops = {"ops": _ops(top, owner, "", *sections, managers)}
    return {**resolved, **ops}


def _ops_section(graph: GraphDefinition, run_config: Section) -> Section:
    """Return what would stand at a node that is the graph."""
    ops: Section = run_config.get("ops", {})
    return ops if graph.config_mapping is not None else {"ops": ops}


def _ops(
    graph: GraphDefinition,
    owner: str,
    path: str,
    checked: Section,
    resolved: Section,
    managers: ManagerFields,
) -> dict[str, Any]:
    """Return the resolved config of the nodes in a graph.

    :param path: of the node that is the graph, "" for the job's own.
    :param checked: the section of the graph: ``config`` where it has a mapping, else ``ops``.
    """
    from plugwork.definitions.run_config import ops_schema

    mapping = graph.config_mapping
    if mapping is not None:
        at = "" if path in ("", graph.name) else f", at {path},"
        told = f"graph {graph.name!r} in {owner}{at}"
        made = mapping.apply(checked.get("config", {}), resolved.get("config", {}), told)
        schema = ops_schema(graph, managers)
        raw, read = _settled(schema, without_unselected(_plain_ops(made), graph), told, mapping)
    else:
        raw, read = checked.get("ops", {}), resolved.get("ops", {})
    found = dict(read)
    for node in graph.nodes.values():
        inner = node.definition
        if isinstance(inner, GraphDefinition) and inner.maps_config:
            below = raw.get(node.name, {}), read.get(node.name, {})
            ops = _ops(inner, owner, f"{path}.{node.name}".lstrip("."), *below, managers)
            found[node.name] = {**below[1], "ops": ops}
    return found


def _plain_ops(made: Any) -> Any:
    """Write what a graph's mapping made as plain config; what is no mapping is refused later."""
    ops = (made.ops or {}) if isinstance(made, RunConfig) else made
    return run_config_dict(RunConfig(ops=ops))["ops"] if isinstance(ops, Mapping) else ops


def _settled(
    schema: Shape, made: Any, owner: str, mapping: ConfigMapping
) -> tuple[Section, Section]:
    """Return config that a mapping made, checked and resolved."""
    told = f"the config mapping of {owner} {mapping.place} made config that does not fit:"
    checked = validate(schema, made).unwrap(told)
    return checked, resolve_sources(schema, checked, os.environ).unwrap(told)
