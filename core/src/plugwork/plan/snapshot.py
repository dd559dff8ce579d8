"""The structure of jobs and plans as plain data, named by its content."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from plugwork.config.schema import Field
from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.node import Collect, Dependency, FanIn, GraphInput, Node
from plugwork.definitions.op import OpDefinition

if TYPE_CHECKING:
    from plugwork.config.types import ConfigType
    from plugwork.definitions.inputs import InputDefinition
    from plugwork.definitions.job import JobDefinition
    from plugwork.definitions.outputs import OutputDefinition
    from plugwork.definitions.retry import RetryPolicy
    from plugwork.plan.plan import ExecutionPlan
    from plugwork.plan.step import ExecutionStep

_FORMAT = 1


def job_snapshot(job: JobDefinition) -> dict[str, Any]:
    """Return a job's structure: what two processes must agree on to run parts of it.

    Values that only a run has, resolved references among them, are not in it.
    """
    ops: dict[str, Any] = {}
    graphs: dict[str, Any] = {}
    return {
        "format": _FORMAT,
        "name": job.name,
        "description": job.description,
        "tags": job.tags,
        "graph": _graph(job.graph_def, ops, graphs),
        "ops": ops,
        "graphs": graphs,
        "resources": {key: _field(one.config_field) for key, one in job.resource_defs.items()},
        "hooks": [one.name for one in job.hook_defs],
        "executor": job.executor_def.name,
        "retry_policy": _policy(job.op_retry_policy),
        "config": job.config,
    }


def plan_snapshot(plan: ExecutionPlan) -> dict[str, Any]:
    """Return a plan's structure: its steps, and which of them are executed."""
    return {
        "format": _FORMAT,
        "job": plan.job_name,
        "steps": [_step(step) for step in plan.all_steps],
        "executed": plan.step_keys_to_execute,
    }


def canonical(snapshot: dict[str, Any]) -> str:
    """Return a snapshot as text that is equal for equal content."""
    return json.dumps(snapshot, sort_keys=True, separators=(",", ":"), default=repr)


def snapshot_id(text: str) -> str:
    """Name a snapshot by its canonical text: the SHA-256 of it."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def structure_of(snapshot: dict[str, Any]) -> dict[str, Any]:
    """Return what two runs must agree on for one to read what the other stored, by name.

    Its values are equal for equal nodes, inputs and outputs; texts, tags and policies may differ.

    :param snapshot: of a job, read back from its text.
    """
    graphs = {snapshot["name"]: snapshot["graph"], **snapshot["graphs"]}
    found: dict[str, Any] = {}
    for name, each in graphs.items():
        nodes = sorted((n["name"], n["of"], str(n.get("inputs"))) for n in each["nodes"])
        found[name] = [nodes, each["outputs"]]
    for name, each in snapshot["ops"].items():
        outputs = [(one["name"], one["is_dynamic"]) for one in each["outputs"]]
        found[name] = [[one["name"] for one in each["inputs"]], outputs]
    return found


def _graph(graph: GraphDefinition, ops: dict[str, Any], graphs: dict[str, Any]) -> dict[str, Any]:
    return {
        "nodes": [_node(node, ops, graphs) for node in graph.nodes.values()],
        "inputs": [_input(one) for one in graph.input_defs],
        "outputs": {name: repr(source) for name, source in graph.output_sources.items()},
    }


def _node(node: Node, ops: dict[str, Any], graphs: dict[str, Any]) -> dict[str, Any]:
    definition = node.definition
    name = definition.name
    if isinstance(definition, OpDefinition) and name not in ops:
        ops[name] = _op(definition)
    elif isinstance(definition, GraphDefinition) and name not in graphs:
        graphs[name] = _graph(definition, ops, graphs)
    found: dict[str, Any] = {"name": node.name, "of": name}
    if node.inputs:
        found["inputs"] = {key: _dependency(one) for key, one in node.inputs.items()}
    if node.tags:
        found["tags"] = node.tags
    if node.hooks:
        found["hooks"] = [one.name for one in node.hooks]
    if node.retry_policy:
        found["retry_policy"] = _policy(node.retry_policy)
    return found


def _dependency(one: Dependency) -> Any:
    if isinstance(one, GraphInput):
        return {"graph_input": one.name}
    if isinstance(one, Collect):
        return {"collect": repr(one.source)}
    if isinstance(one, FanIn):
        return [_dependency(source) for source in one.sources]
    return repr(one)


def _op(definition: OpDefinition) -> dict[str, Any]:
    return {
        "description": definition.description,
        "inputs": [_input(one) for one in definition.input_defs],
        "outputs": [_output(one) for one in definition.output_defs],
        "config": _field(definition.config_field) if definition.config_field else None,
        "resources": sorted(definition.required_resource_keys),
        "tags": definition.tags,
        "code_version": definition.code_version,
        "retry_policy": _policy(definition.retry_policy),
        "pool": definition.pool,
    }


def _input(one: InputDefinition) -> dict[str, Any]:
    return {
        "name": one.name,
        "type": one.type.name,
        "has_default": one.has_default_value,
        "input_manager_key": one.input_manager_key,
    }


def _output(one: OutputDefinition) -> dict[str, Any]:
    return {
        "name": one.name,
        "type": one.type.name,
        "is_required": one.is_required,
        "is_dynamic": one.is_dynamic,
        "io_manager_key": one.io_manager_key,
        "code_version": one.code_version,
    }


def _policy(policy: RetryPolicy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    return {
        "max_retries": policy.max_retries,
        "delay": policy.delay,
        "backoff": policy.backoff.value if policy.backoff else None,
        "jitter": policy.jitter.value if policy.jitter else None,
    }


def _field(field: Field) -> dict[str, Any]:
    """Describe a config field without its default: that may differ from process to process."""
    return {"required": field.is_required, "type": _config_type(field.config_type)}


def _config_type(config_type: ConfigType) -> Any:
    fields = getattr(config_type, "fields", None)
    if isinstance(fields, dict):
        return {name: _field(one) for name, one in fields.items()}
    return config_type.label


def _step(step: ExecutionStep) -> dict[str, Any]:
    return {
        "key": step.key,
        "op": step.op_def.name,
        "kind": step.kind.value,
        "inputs": {
            one.name: [type(one.source).__name__, *map(str, one.source.handles)]
            for one in step.inputs
        },
        "upstream": list(step.upstream_keys),
        "tags": step.tags,
    }
