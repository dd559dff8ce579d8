"""Which op's output stands behind an output of a node, or of the job."""

from __future__ import annotations

from plugwork.config.walk import closest
from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.node_definition import NodeDefinition
from plugwork.errors import InvariantViolationError


class NodeOutputs:
    """Finds the op behind the outputs of graphs.

    Both methods return the op's path, ``g.add``, and the name of its output.

    :param graph: of the job.
    """

    def __init__(self, graph: GraphDefinition) -> None:
        self._graph = graph

    def of_job(self, output_name: str) -> tuple[str, str]:
        """Return what is behind an output of the job.

        :raises InvariantViolationError: when it has none of that name.
        """
        return self._behind(self._graph, (), output_name, f"job graph {self._graph.name!r}")

    def of_node(self, path: str, output_name: str) -> tuple[str, str]:
        """Return what is behind an output of a node.

        :raises InvariantViolationError: when there is no such node, or it has no such output.
        """
        found: NodeDefinition = self._graph
        parts = tuple(path.split("."))
        for number, name in enumerate(parts):
            nodes = found.nodes if isinstance(found, GraphDefinition) else {}
            if name not in nodes:
                near = closest(name, nodes)
                before = ".".join(parts[:number])
                where = f"graph {before!r}" if before else f"job {self._graph.name!r}"
                better = f"; did you mean {'.'.join((*parts[:number], near))!r}?" if near else ""
                raise InvariantViolationError(f"{where} has no node {name!r}{better}")
            found = nodes[name].definition
        return self._behind(found, parts, output_name, f"node {path!r}")

    def _behind(
        self, found: NodeDefinition, path: tuple[str, ...], output_name: str, what: str
    ) -> tuple[str, str]:
        if output_name not in {out.name for out in found.output_defs}:
            known = ", ".join(out.name for out in found.output_defs) or "none"
            raise InvariantViolationError(
                f"{what} has no output {output_name!r}; its outputs: {known}"
            )
        while isinstance(found, GraphDefinition):
            source = found.output_sources[output_name]
            path, output_name = (*path, source.node), source.output
            found = found.nodes[source.node].definition
        return ".".join(path), output_name
