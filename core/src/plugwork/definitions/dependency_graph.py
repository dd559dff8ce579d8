"""A graph written as a dictionary: added to a composition, node by node, as a body would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from plugwork.definitions.composition import Composition
from plugwork.definitions.dependency import (
    DependencyDefinition,
    DynamicCollectDependencyDefinition,
    Feed,
    InputMapping,
    MultiDependencyDefinition,
    NodeInvocation,
    OutputMapping,
)
from plugwork.definitions.handles import Collected, DynamicHandle, Handle, MappedHandle
from plugwork.definitions.inputs import GraphIn
from plugwork.definitions.names import did_you_mean
from plugwork.definitions.node import GraphInput
from plugwork.definitions.node_definition import NodeDefinition
from plugwork.definitions.outputs import GraphOut
from plugwork.definitions.wiring import Wiring, read_wiring
from plugwork.errors import InvalidDefinitionError

Dependencies = Mapping[str | NodeInvocation, Mapping[str, Feed]]


def wire(
    owner: str,
    node_defs: Iterable[NodeDefinition],
    dependencies: Dependencies,
    input_mappings: Sequence[InputMapping],
    output_mappings: Sequence[OutputMapping],
) -> Wiring:
    """Connect the uses of ops and graphs as the dictionary says.

    :param owner: for messages: ``"graph 'x'"``.
    :raises InvalidDefinitionError: for names that are not there, circles, and all that a body is
        refused for.
    """
    table = _Table(owner, node_defs, dependencies, input_mappings)
    for alias in table.order():
        table.add(alias)
    results = {
        one.graph_output_name: table.handle(
            one.mapped_node_name,
            one.mapped_node_output_name,
            f"the output {one.graph_output_name!r}",
        )
        for one in output_mappings
    }
    return read_wiring(
        table.composition,
        list(dict.fromkeys(one.graph_input_name for one in input_mappings)),
        {one.graph_input_name: GraphIn(one.graph_input_description) for one in input_mappings},
        results,
        {one.graph_output_name: GraphOut(one.graph_output_description) for one in output_mappings},
        {},
    )


class _Table:
    """The uses that a dictionary names, and the outputs of those that were added."""

    def __init__(
        self,
        owner: str,
        node_defs: Iterable[NodeDefinition],
        dependencies: Dependencies,
        input_mappings: Sequence[InputMapping],
    ) -> None:
        self.owner = owner
        self.composition = Composition(owner)
        self._defs = _by_name(owner, node_defs)
        self._uses: dict[str, NodeInvocation] = {}
        self._feeds: dict[str, Mapping[str, Feed]] = {}
        self._given: dict[str, dict[str, list[InputMapping]]] = {}
        self._handles: dict[str, dict[str, Any]] = {}
        for key, feeds in dependencies.items():
            self._add_use(key, feeds)
        used = {one.name for one in self._uses.values()}
        for name in self._defs:
            if name not in used:
                self._add_use(name, {})
        for one in input_mappings:
            self._add_mapping(one)

    def _add_use(self, key: str | NodeInvocation, feeds: Mapping[str, Feed]) -> None:
        use = NodeInvocation(key) if isinstance(key, str) else key
        if not isinstance(use, NodeInvocation):
            raise InvalidDefinitionError(
                f"{self.owner}: the keys of dependencies are names or NodeInvocations, got {key!r}"
            )
        if use.name not in self._defs:
            raise InvalidDefinitionError(
                f"{self.owner}: dependencies names {use.name!r}, which is not among its node_defs"
                + did_you_mean(use.name, self._defs)
            )
        if use.alias in self._uses:
            raise InvalidDefinitionError(f"{self.owner} has two nodes named {use.alias!r}")
        if not isinstance(feeds, Mapping):
            raise InvalidDefinitionError(
                f"{self.owner}: the dependencies of {use.alias!r} are a dictionary from input to "
                f"DependencyDefinition, got {feeds!r}"
            )
        self._uses[use.alias] = use
        self._feeds[use.alias] = feeds

    def _add_mapping(self, one: InputMapping) -> None:
        place = f"the input {one.graph_input_name!r}"
        self._require(one.mapped_node_name, place)
        fed = self._feeds[one.mapped_node_name].get(one.mapped_node_input_name)
        given = self._given.setdefault(one.mapped_node_name, {})
        others = given.setdefault(one.mapped_node_input_name, [])
        if one.fan_in_index is None and (fed is not None or others):
            raise InvalidDefinitionError(
                f"{self.owner}: {place} feeds {one.mapped_node_input_name!r} of "
                f"{one.mapped_node_name!r}, which is fed already"
            )
        others.append(one)

    def order(self) -> Iterator[str]:
        """Yield the nodes, each after those that feed it, else as they were given."""
        waits = {alias: set(self._upstream(alias)) for alias in self._uses}
        feeds: dict[str, list[str]] = {alias: [] for alias in self._uses}
        for alias, upstream in waits.items():
            for other in upstream:
                feeds[other].append(alias)
        ready = [alias for alias in self._uses if not waits[alias]]
        for alias in ready:
            yield alias
            for other in feeds[alias]:
                waits[other].discard(alias)
                if not waits[other]:
                    ready.append(other)
        left = {alias: upstream for alias, upstream in waits.items() if upstream}
        if left:
            raise InvalidDefinitionError(
                f"{self.owner}: its nodes depend on each other in a circle: "
                f"{' -> '.join(_circle(left))}"
            )

    def _upstream(self, alias: str) -> Iterator[str]:
        for key, feed in self._feeds[alias].items():
            for name, _ in self._sources(alias, key, feed):
                self._require(name, f"the input {key!r} of {alias!r}")
                yield name

    def _sources(self, alias: str, key: str, feed: Feed) -> list[tuple[str, str]]:
        if isinstance(feed, DependencyDefinition):
            return [(feed.node, feed.output)]
        if isinstance(feed, DynamicCollectDependencyDefinition):
            return [(feed.node_name, feed.output_name)]
        if isinstance(feed, MultiDependencyDefinition):
            return [(one.node, one.output) for one in feed.dependencies]
        raise InvalidDefinitionError(
            f"{self.owner}: the input {key!r} of {alias!r} is fed by {feed!r}; give a "
            "DependencyDefinition or a MultiDependencyDefinition"
        )

    def add(self, alias: str) -> None:
        """Add a node, now that those that feed it are there."""
        use = self._uses[alias]
        definition = self._defs[use.name]
        arguments = {
            key: self._argument(alias, key, feed) for key, feed in self._feeds[alias].items()
        }
        for key, mappings in self._given.get(alias, {}).items():
            arguments[key] = self._with_inputs(arguments.get(key), mappings)
        made = self.composition.add(
            definition, (), arguments, alias, use.tags, use.hook_defs, use.retry_policy
        )
        outputs = definition.output_defs
        handles = (made,) if len(outputs) == 1 else made or ()
        self._handles[alias] = {
            one.name: handle for one, handle in zip(outputs, handles, strict=True)
        }

    def _argument(self, alias: str, key: str, feed: Feed) -> Any:
        place = f"the input {key!r} of {alias!r}"
        handles = [self.handle(*one, place) for one in self._sources(alias, key, feed)]
        if isinstance(feed, DynamicCollectDependencyDefinition):
            return self._collected(handles[0], place)
        plain = [_one_value(one) for one in handles]
        return plain if isinstance(feed, MultiDependencyDefinition) else plain[0]

    def _collected(self, handle: Any, place: str) -> Collected:
        if isinstance(handle, Handle) and handle.mapped_over is not None:
            return Collected(handle)
        if isinstance(handle, (DynamicHandle, MappedHandle)):
            return handle.collect()
        raise InvalidDefinitionError(
            f"{self.owner}: {place} collects the {handle!r}, which is not dynamic"
        )

    def _with_inputs(self, fed: Any, mappings: list[InputMapping]) -> Any:
        if mappings[0].fan_in_index is None:
            return Handle(self.composition, GraphInput(mappings[0].graph_input_name))
        members = fed if isinstance(fed, list) else []
        for one in sorted(mappings, key=lambda each: each.fan_in_index or 0):
            handle = Handle(self.composition, GraphInput(one.graph_input_name))
            members.insert(one.fan_in_index or 0, handle)
        return members

    def handle(self, node: str, output: str, place: str) -> Any:
        """Return the handle of an output of a node that was added."""
        self._require(node, place)
        outputs = self._handles[node]
        if output not in outputs:
            known = ", ".join(outputs) or "none"
            raise InvalidDefinitionError(
                f"{self.owner}: {place} needs the output {output!r} of {node!r}, which has no such "
                f"output{did_you_mean(output, outputs)} (it has: {known})"
            )
        return outputs[output]

    def _require(self, node: str, place: str) -> None:
        if node not in self._uses:
            raise InvalidDefinitionError(
                f"{self.owner}: {place} needs the node {node!r}, which is not there"
                + did_you_mean(node, self._uses)
            )


def _by_name(owner: str, node_defs: Iterable[NodeDefinition]) -> dict[str, NodeDefinition]:
    found: dict[str, NodeDefinition] = {}
    for one in node_defs:
        if not isinstance(one, NodeDefinition):
            raise InvalidDefinitionError(
                f"{owner}: node_defs holds {one!r}, which is neither an op nor a graph"
            )
        if found.setdefault(one.name, one) is not one:
            raise InvalidDefinitionError(f"{owner}: node_defs holds two named {one.name!r}")
    return found


def _one_value(handle: Any) -> Any:
    """Return the handle that a mapped step gets of a dynamic output."""
    if isinstance(handle, MappedHandle):
        return handle.handle
    if isinstance(handle, DynamicHandle) and not isinstance(handle.dependency, GraphInput):
        source = handle.dependency
        origin = handle.mapped_over or (source.node, source.output)
        return Handle(handle.composition, source, origin)
    return handle


def _circle(waits: Mapping[str, set[str]]) -> list[str]:
    """Find one circle among nodes that wait for each other."""
    path: dict[str, None] = {}
    here = next(iter(waits))
    while here not in path:
        path[here] = None
        here = min(one for one in waits[here] if one in waits)
    found = list(path)
    return [*found[found.index(here) :], here]
