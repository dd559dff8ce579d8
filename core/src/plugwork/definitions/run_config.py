"""The schema of a job's run config, derived from the job; and checking against it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.config.run_config import RunConfig, run_config_dict
from plugwork.config.schema import Field, Shape
from plugwork.config.validation import resolve_sources, validate
from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.inputs import InputDefinition
from plugwork.definitions.loaders import input_config
from plugwork.definitions.manager_config import ManagerFields, add_node_fields, manager_fields
from plugwork.definitions.op import OpDefinition
from plugwork.definitions.requirements import init_order

if TYPE_CHECKING:
    from plugwork.config.places import Positions
    from plugwork.definitions.job import JobDefinition
    from plugwork.definitions.node import Node

#: Of a node that takes neither config nor inputs from config: shared, as most nodes are such.
_BARE = Field(Shape({}))


def run_config_schema(job: JobDefinition) -> Shape:
    """Derive the schema ``{ops, resources, execution, loggers, inputs}``, of no job mapping."""
    graph = job.graph_def
    managers = manager_fields(job.resource_defs)
    mapped = {"config": graph.config_mapping.config_field} if graph.config_mapping else None
    sections = {
        "ops": Field(
            Shape(mapped) if mapped else ops_schema(graph, managers),
            description="config and inputs of each op",
        ),
        "resources": Shape(_resources(job)),
        "execution": _holder(job.executor_def.config_field),
        "loggers": Shape({k: _holder(d.config_field) for k, d in job.loggers.items()}),
    }
    inputs = _inputs([one for one in graph.input_defs if one.name not in job.input_values])
    if inputs:
        sections["inputs"] = Shape(inputs)
    return Shape(sections)


def _resources(job: JobDefinition) -> dict[str, Field]:
    """Config of a resource that no step uses may be given, and nothing of it is required."""
    used = init_order(job.resource_defs, job.required_resource_keys)
    fields = {key: _holder(one.config_field) for key, one in job.resource_defs.items()}
    for key in fields.keys() - set(used):
        fields[key] = Field(fields[key].config_type, is_required=False)
    return fields


def ops_schema(graph: GraphDefinition, managers: ManagerFields) -> Shape:
    """Return the schema of what stands under a graph's ``ops``.

    :param managers: what IO managers take for single outputs and inputs; mostly nothing.
    """
    return derived_ops_schema(graph, managers) if managers else graph.ops_schema


def derived_ops_schema(graph: GraphDefinition, managers: ManagerFields) -> Shape:
    """Derive the schema; the one without IO managers is kept by the graph."""
    return Shape({name: _node(node, managers) for name, node in graph.nodes.items()})


def _node(node: Node, managers: ManagerFields) -> Field:
    definition = node.definition
    parts: dict[str, Field] = {}
    if len(node.inputs) < len(definition.input_defs):
        unfed = [one for one in definition.input_defs if one.name not in node.inputs]
        inputs = _inputs(unfed)
        if inputs:
            parts["inputs"] = Field(Shape(inputs))
    if isinstance(definition, OpDefinition) and definition.config_field is not None:
        parts["config"] = definition.config_field
    if isinstance(definition, GraphDefinition):
        mapping = definition.config_mapping
        if mapping is None:
            parts["ops"] = Field(ops_schema(definition, managers))
        else:
            parts["config"] = mapping.config_field
    elif managers and isinstance(definition, OpDefinition):
        add_node_fields(parts, definition, managers)
    return Field(Shape(parts)) if parts else _BARE


def _inputs(unfed: list[InputDefinition]) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for one in unfed:
        schema = None if one.type.is_nothing else input_config(one.type)
        if schema is not None:
            optional = one.has_default_value or one.input_manager_key is not None
            fields[one.name] = Field(schema, is_required=not optional, description=one.description)
    return fields


def _holder(field: Field) -> Field:
    return Field(Shape({"config": field}))


def merge_run_config(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one run config over another: mappings merge, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[key] = merge_run_config(below, value) if both else value  # type: ignore[arg-type]  # both are mappings
    return merged


def complete_run_config(
    job: JobDefinition, run_config: RunConfig | Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the job's own config with this one over it: what a run of the job stores."""
    given = run_config_dict(run_config)
    if not isinstance(given, Mapping):
        return given
    merged = merge_run_config(job.config, given)
    if job.op_selection is None or job.config_mapping is not None:
        return merged
    from plugwork.definitions.subset import of_selected_ops

    selected: dict[str, Any] = of_selected_ops(job.graph_def, merged)
    return selected


def validate_run_config(
    job_def: JobDefinition,
    run_config: RunConfig | Mapping[str, Any] | None = None,
    positions: Positions | None = None,
) -> dict[str, Any]:
    """Check run config and return it with defaults filled in; references stay unresolved.

    :param positions: tells where each value stands, when it came from a file.
    :raises InvalidConfigError: with every problem.
    """
    found = validate(
        job_def.run_config_schema, complete_run_config(job_def, run_config), (), positions
    )
    checked: dict[str, Any] = found.unwrap(_preamble(job_def))
    return checked


def resolve_run_config(
    job_def: JobDefinition, checked: Mapping[str, Any], positions: Positions | None = None
) -> dict[str, Any]:
    """Read what checked run config takes from the environment; what user code sees.

    :raises InvalidConfigError: with every variable that is not set.
    """
    found = resolve_sources(job_def.run_config_schema, checked, os.environ, (), positions)
    resolved: dict[str, Any] = found.unwrap(_preamble(job_def))
    return resolved


def _preamble(job: JobDefinition) -> str:
    return f"the run config does not fit job {job.name!r}:"
