"""A part of a graph: the nodes that an op selection names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.names import did_you_mean
from plugwork.definitions.node import Collect, Dependency, FanIn, GraphInput, Node, NodeOutput
from plugwork.definitions.selection import Clause, checked_clauses, select_keys
from plugwork.definitions.wiring import Wiring, fed_by_inputs
from plugwork.errors import InvalidSubsetError

#: Node name to what of it is wanted: None for all, else the same of the graph that it is.
Wanted = dict[str, Any]


def select_nodes(graph: GraphDefinition, op_selection: Sequence[str]) -> Wanted:
    """Return what a selection names.

    A name without a dot is that of a node at the top, and its neighbours are counted among
    these; ``graph.op`` is inside a graph, and its neighbours are ops, wherever they stand.

    :raises InvalidSubsetError: for a clause that matches nothing.
    """
    wanted: Wanted = {}
    for text in checked_clauses(op_selection):
        if text == "*" or "." not in text:
            wanted.update(dict.fromkeys(select_keys([text], _upstream_nodes(graph))))
            continue
        clause = Clause(text)
        path = clause.key.split(".")
        _require(graph, path, clause)
        if clause.up == 0 and clause.down == 0:
            _want(wanted, path)
            continue
        upstream = dict(_upstream_ops(graph))
        for start in _ops_under(upstream, clause.key):
            for key in select_keys([text.replace(clause.key, start)], upstream):
                _want(wanted, key.split("."))
    return wanted


def _want(wanted: Wanted, path: list[str]) -> None:
    """Add a path, unless what stands above it is wanted as a whole."""
    for name in path[:-1]:
        if name in wanted and wanted[name] is None:
            return
        wanted = wanted.setdefault(name, {})
    wanted[path[-1]] = None


def _require(graph: GraphDefinition, path: list[str], clause: Clause) -> None:
    for number, name in enumerate(path):
        if name not in graph.nodes:
            raise InvalidSubsetError(
                f"the selection {clause.text!r} matches nothing: graph {graph.name!r} has no "
                f"{name!r}{did_you_mean(name, graph.nodes)}"
            )
        inner = graph.nodes[name].definition
        if isinstance(inner, GraphDefinition):
            graph = inner
        elif number + 1 < len(path):
            raise InvalidSubsetError(
                f"the selection {clause.text!r} matches nothing: {name!r} is no graph"
            )


def _ops_under(ops: Mapping[str, Any], key: str) -> list[str]:
    """Return an op, or the ops in a graph, by their paths."""
    return [one for one in ops if one == key or one.startswith(f"{key}.")]


def _sources(dependency: Dependency) -> Iterator[NodeOutput | GraphInput]:
    if isinstance(dependency, FanIn):
        yield from dependency.sources
    else:
        yield dependency.source if isinstance(dependency, Collect) else dependency


def _upstream_nodes(graph: GraphDefinition) -> dict[str, list[str]]:
    return {
        name: [
            source.node
            for dependency in node.inputs.values()
            for source in _sources(dependency)
            if isinstance(source, NodeOutput)
        ]
        for name, node in graph.nodes.items()
    }


def _upstream_ops(
    graph: GraphDefinition, path: str = "", given: Mapping[str, list[str]] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Yield the path of each op with the paths of those that feed it, wherever they stand.

    :param given: what feeds the graph's own inputs.
    """
    made: dict[tuple[str, str], list[str]] = {}
    for name, node in graph.nodes.items():
        key = f"{path}{name}"
        feeds = {
            one: [
                op
                for source in _sources(dependency)
                for op in (
                    made[source.node, source.output]
                    if isinstance(source, NodeOutput)
                    else (given or {}).get(source.name, [])
                )
            ]
            for one, dependency in node.inputs.items()
        }
        inner = node.definition
        if isinstance(inner, GraphDefinition):
            yield from _upstream_ops(inner, f"{key}.", feeds)
        else:
            yield key, [op for ops in feeds.values() for op in ops]
        for output in inner.output_dict:
            made[name, output] = [_origin(key, inner, output)]


def _origin(key: str, definition: Any, output: str) -> str:
    """Return the path of the op that gives an output of a node."""
    while isinstance(definition, GraphDefinition):
        source = definition.output_sources[output]
        key = f"{key}.{source.node}"
        definition, output = definition.nodes[source.node].definition, source.output
    return key


def op_paths(graph: GraphDefinition, path: str = "") -> Iterator[str]:
    """Yield the paths of all ops in a graph."""
    for name, node in graph.nodes.items():
        if isinstance(node.definition, GraphDefinition):
            yield from op_paths(node.definition, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def subset_graph(graph: GraphDefinition, wanted: Wanted) -> GraphDefinition:
    """Return the graph with the wanted nodes alone.

    An input whose node is left out is fed by nothing: it takes its value from config, a default
    or an input manager. Inputs and outputs of the graph that lead nowhere are left out.
    """
    nodes: dict[str, Node] = {}
    for name, node in graph.nodes.items():
        if name in wanted:
            nodes[name] = _kept_node(node, wanted[name], nodes)
    fed = {name for name, _, _, _ in fed_by_inputs(nodes)}
    sources = {
        name: source for name, source in graph.output_sources.items() if _is_there(source, nodes)
    }
    wiring = Wiring(
        nodes,
        [one for one in graph.input_defs if one.name in fed],
        [one for one in graph.output_defs if one.name in sources],
        sources,
        {name: origin for name, origin in graph.mapped_outputs.items() if name in sources},
    )
    subset = GraphDefinition.of_wiring(
        graph.name,
        wiring,
        graph.description,
        graph.config_mapping,
        graph.tags,
        graph.composition_fn,
    )
    subset.whole = graph.whole
    return subset


def _kept_node(node: Node, wanted: Wanted | None, nodes: Mapping[str, Node]) -> Node:
    definition = node.definition
    if wanted is not None and isinstance(definition, GraphDefinition):
        definition = subset_graph(definition, wanted)
    inputs: dict[str, Dependency] = {}
    for key, dependency in node.inputs.items():
        kept = _kept(dependency, nodes) if key in definition.input_dict else None
        if kept is not None:
            inputs[key] = kept
    return Node(node.name, definition, inputs, node.tags, node.hooks, node.retry_policy)


def _kept(dependency: Dependency, nodes: Mapping[str, Node]) -> Dependency | None:
    if isinstance(dependency, FanIn):
        members = tuple(one for one in dependency.sources if _is_there(one, nodes))
        return FanIn(members) if members else None
    source = dependency.source if isinstance(dependency, Collect) else dependency
    return dependency if _is_there(source, nodes) else None


def _is_there(source: NodeOutput | GraphInput, nodes: Mapping[str, Node]) -> bool:
    if isinstance(source, GraphInput):
        return True
    return source.node in nodes and source.output in nodes[source.node].definition.output_dict


def without_unselected(ops: Any, graph: GraphDefinition) -> Any:
    """Return config of a graph's nodes without that of nodes which a selection left out."""
    if graph.whole is graph or not isinstance(ops, Mapping):
        return ops
    left_out = graph.whole.nodes.keys() - graph.nodes.keys()
    return {
        name: _without_unselected(section, graph.nodes[name].definition)
        if name in graph.nodes
        else section
        for name, section in ops.items()
        if name not in left_out
    }


def _without_unselected(section: Any, definition: Any) -> Any:
    if not isinstance(definition, GraphDefinition) or not isinstance(section, Mapping):
        return section
    if definition.whole is definition or "ops" not in section:
        return section
    return {**section, "ops": without_unselected(section["ops"], definition)}


def of_selected_ops(graph: GraphDefinition, run_config: Any) -> Any:
    """Return a job's run config without that of ops which a selection left out."""
    if graph.config_mapping is not None or not isinstance(run_config, Mapping):
        return run_config
    if graph.whole is graph or "ops" not in run_config:
        return run_config
    return {**run_config, "ops": without_unselected(run_config["ops"], graph)}
