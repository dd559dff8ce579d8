"""One step, one mapping: checked where a mapped value passes into a graph."""

from __future__ import annotations

from collections.abc import Mapping

from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.node import Collect, Dependency, FanIn, GraphInput, NodeOutput
from plugwork.errors import InvalidDefinitionError


class _Flow:
    """What comes into an input.

    :param over: the dynamic outputs that it is mapped over, by path; at most one.
    :param collects: the dynamic outputs whose values come as a list.
    """

    __slots__ = ("collects", "over")

    def __init__(
        self, over: frozenset[str] = frozenset(), collects: frozenset[str] = frozenset()
    ) -> None:
        self.over = over
        self.collects = collects


_PLAIN = _Flow()


def check_mappings(graph: GraphDefinition, owner: str) -> None:
    """Check that no op in a nested graph belongs to one mapping and waits for another.

    In one graph the composition checks this; here, what passes through the inputs of graphs.

    :raises InvalidDefinitionError: naming the op and both dynamic outputs.
    """
    if graph.has_dynamic and any(
        isinstance(node.definition, GraphDefinition) for node in graph.nodes.values()
    ):
        _walk(graph, {}, "", owner)


def _walk(
    graph: GraphDefinition, given: Mapping[str, _Flow], path: str, owner: str
) -> dict[str, _Flow]:
    """Follow the mappings through a graph; return what its outputs carry."""
    made: dict[tuple[str, str], _Flow] = {}
    for name, node in graph.nodes.items():
        key = f"{path}{name}"
        flows = {one: _flow(source, made, given) for one, source in node.inputs.items()}
        inner = node.definition
        if isinstance(inner, GraphDefinition):
            outputs = _walk(inner, flows, f"{key}.", owner)
            made.update(((name, output), flow) for output, flow in outputs.items())
            continue
        over = _check(flows, key, owner)
        for output in inner.output_defs:
            own = frozenset({f"{key}.{output.name}"}) if output.is_dynamic else over
            made[name, output.name] = _Flow(own)
    return {name: made[one.node, one.output] for name, one in graph.output_sources.items()}


def _flow(
    source: Dependency, made: Mapping[tuple[str, str], _Flow], given: Mapping[str, _Flow]
) -> _Flow:
    if isinstance(source, NodeOutput):
        return made[source.node, source.output]
    if isinstance(source, GraphInput):
        return given.get(source.name, _PLAIN)
    if isinstance(source, Collect):
        return _Flow(collects=made[source.source.node, source.source.output].over)
    members: list[NodeOutput | GraphInput] = (
        list(source.sources) if isinstance(source, FanIn) else []
    )
    flows = [_flow(one, made, given) for one in members]
    return _Flow(
        frozenset().union(*(one.over for one in flows)),
        frozenset().union(*(one.collects for one in flows)),
    )


def _check(flows: Mapping[str, _Flow], key: str, owner: str) -> frozenset[str]:
    """Return the one dynamic output that an op is mapped over, if any."""
    over = frozenset().union(*(one.over for one in flows.values()))
    collects = frozenset().union(*(one.collects for one in flows.values()))
    if len(over) > 1 or (over and collects):
        raise InvalidDefinitionError(
            f"{owner}: {key!r} is mapped over {min(over)} and waits for "
            f"{', '.join(sorted((over | collects) - {min(over)})) or 'all of its values'} too; "
            "collect() that in an op before"
        )
    return over
