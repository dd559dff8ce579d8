"""Uses of ops and graphs inside a graph, and what feeds their inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.node_definition import NodeDefinition
    from plugwork.definitions.retry import RetryPolicy

#: A dynamic output inside a graph: the path of nodes to it, and the output's name last.
Origin = tuple[str, ...]


class NodeOutput:
    """Feeds an input: an output of another node of the graph."""

    __slots__ = ("node", "output")

    def __init__(self, node: str, output: str) -> None:
        self.node = node
        self.output = output

    def __repr__(self) -> str:
        return f"{self.node}.{self.output}"


class GraphInput:
    """Feeds an input: what is given to the graph itself."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class FanIn:
    """Feeds an input: a list with one member for each source, in order."""

    __slots__ = ("sources",)

    def __init__(self, sources: tuple[NodeOutput | GraphInput, ...]) -> None:
        self.sources = sources


class Collect:
    """Feeds an input: a list of what all siblings of a mapping gave."""

    __slots__ = ("source",)

    def __init__(self, source: NodeOutput) -> None:
        self.source = source


Dependency = NodeOutput | GraphInput | FanIn | Collect


class Node:
    """One use of an op or a graph.

    :param inputs: what feeds each input; one that is missing gets its value from config, from a
        default or from an input manager.
    :param tags: those of this use, over the definition's.
    :param hooks: of this use, in the order in which they run.
    :param retry_policy: of this use, before the definition's.
    """

    __slots__ = ("definition", "hooks", "inputs", "name", "retry_policy", "tags")

    def __init__(
        self,
        name: str,
        definition: NodeDefinition,
        inputs: dict[str, Dependency],
        tags: dict[str, str],
        hooks: tuple[HookDefinition, ...],
        retry_policy: RetryPolicy | None,
    ) -> None:
        self.name = name
        self.definition = definition
        self.inputs = inputs
        self.tags = tags
        self.hooks = hooks
        self.retry_policy = retry_policy

    def __repr__(self) -> str:
        return f"<Node {self.name} of {self.definition.name}>"
