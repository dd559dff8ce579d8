"""What the parts of a job need of each other, checked before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.hook_binding import joined_hooks
from plugwork.definitions.inputs import InputDefinition
from plugwork.definitions.loaders import input_config, type_loader_of
from plugwork.definitions.names import did_you_mean
from plugwork.definitions.node import Node
from plugwork.definitions.node_definition import NodeDefinition
from plugwork.definitions.op import OpDefinition
from plugwork.definitions.place import where
from plugwork.errors import InvalidDefinitionError, InvariantViolationError

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.resource import ResourceDefinition


def graphs_in(graph: GraphDefinition) -> list[GraphDefinition]:
    """Return a graph and every graph inside it, each once."""
    found = {id(graph): graph}
    waiting = [graph]
    while waiting:
        for node in waiting.pop().nodes.values():
            inner = node.definition
            if isinstance(inner, GraphDefinition) and id(inner) not in found:
                found[id(inner)] = inner
                waiting.append(inner)
    return list(found.values())


def op_definitions(graph: GraphDefinition) -> list[OpDefinition]:
    """Return every op used in a graph and the graphs inside it, each once."""
    nodes = (node for one in graphs_in(graph) for node in one.nodes.values())
    ops = {id(node.definition): node.definition for node in nodes}
    return [one for one in ops.values() if isinstance(one, OpDefinition)]


def _node_hooks(graph: GraphDefinition) -> tuple[HookDefinition, ...]:
    nodes = (node for one in graphs_in(graph) for node in one.nodes.values())
    return joined_hooks(*(node.hooks for node in nodes if node.hooks))


def op_resources(definition: OpDefinition) -> frozenset[str]:
    """Return the resources that an op uses, with those that load, check and store its values."""
    return definition.required_resource_keys.union(
        (one.io_manager_key for one in definition.output_defs),
        (one.input_manager_key for one in definition.input_defs if one.input_manager_key),
        *(one.type.required_resource_keys for one in definition.input_defs),
        *(one.type.required_resource_keys for one in definition.output_defs),
    )


def loader_resources(definition: OpDefinition) -> Iterator[tuple[InputDefinition, str]]:
    """Find the resources that the types of inputs need to be read from config."""
    for one in definition.input_defs:
        loader = type_loader_of(one.type)
        if loader is not None:
            for key in loader.required_resource_keys():
                yield one, key


class User:
    """Who uses a resource, and where that stands in the user's file."""

    __slots__ = ("_fn", "what")

    def __init__(self, what: str, fn: Callable[..., Any]) -> None:
        self.what = what
        self._fn = fn

    @property
    def place(self) -> str:
        return where(self._fn)


def required_resources(
    graph: GraphDefinition, hooks: tuple[HookDefinition, ...]
) -> dict[str, User]:
    """Return the resources that ops and hooks use, each with who uses it first.

    :param hooks: of the job; those of its nodes are found in the graph.
    """
    found: dict[str, User] = {}
    for definition in op_definitions(graph):
        user = User(f"op {definition.name!r}", definition.compute_fn)
        for key in op_resources(definition):
            found.setdefault(key, user)
        for one, key in loader_resources(definition):
            told = f"the loader of input {one.name!r} of op {definition.name!r}"
            found.setdefault(key, User(told, definition.compute_fn))
    for hook in (*hooks, *_node_hooks(graph)):
        for key in hook.required_resource_keys:
            found.setdefault(key, User(f"hook {hook.name!r}", hook.decorated_fn or hook.hook_fn))
    return found


def check_resources(
    graph: GraphDefinition,
    hooks: tuple[HookDefinition, ...],
    resource_defs: Mapping[str, ResourceDefinition],
    owner: str,
) -> None:
    """Check that every required resource is bound, or provided by the instance.

    :raises InvalidDefinitionError: for the first that is missing, and for what is bound where an
        IO manager is needed and is none.
    """
    required = required_resources(graph, hooks)
    for key, definition in resource_defs.items():
        for inner in definition.required_resource_keys:
            required.setdefault(inner, User(f"resource {key!r}", definition.resource_fn))
    for key, user in sorted(required.items()):
        if key not in resource_defs:
            known = ", ".join(sorted(resource_defs)) or "none"
            raise InvalidDefinitionError(
                f"{owner}: {user.what} needs the resource {key!r}, which is not given"
                f"{did_you_mean(key, resource_defs)} (given: {known}); it is needed at {user.place}"
            )
    _check_io_managers(graph, resource_defs, owner)


def _check_io_managers(
    graph: GraphDefinition, resource_defs: Mapping[str, ResourceDefinition], owner: str
) -> None:
    for definition in op_definitions(graph):
        stores = [
            (one.io_manager_key, "handle_output", f"output {one.name!r}")
            for one in definition.output_defs
        ]
        loads = [
            (one.input_manager_key, "load_input", f"input {one.name!r}")
            for one in definition.input_defs
            if one.input_manager_key is not None
        ]
        for key, method, place in (*stores, *loads):
            if resource_defs[key].lacks(method):
                kind = "IO manager" if method == "handle_output" else "input manager"
                raise InvalidDefinitionError(
                    f"{owner}: the resource {key!r} is no {kind}: {place} of op "
                    f"{definition.name!r} needs one, with a method {method}()"
                )


def init_order(resource_defs: Mapping[str, ResourceDefinition], keys: Collection[str]) -> list[str]:
    """Return these resources and all that they require, each after what it requires.

    :raises InvariantViolationError: when resources require each other in a circle.
    """
    order: dict[str, None] = {}
    path: list[str] = []

    def visit(key: str) -> None:
        if key in order:
            return
        if key in path:
            circle = " -> ".join([*path[path.index(key) :], key])
            raise InvariantViolationError(f"resources require each other in a circle: {circle}")
        path.append(key)
        definition = resource_defs.get(key)
        for inner in sorted(definition.required_resource_keys) if definition else ():
            visit(inner)
        path.pop()
        order[key] = None

    for key in sorted(keys):
        visit(key)
    return list(order)


def check_init_order(resource_defs: Mapping[str, ResourceDefinition]) -> None:
    """Check that no resources require each other in a circle.

    :raises InvariantViolationError: when some do.
    """
    init_order(resource_defs, resource_defs)


def unfed_inputs(graph: GraphDefinition) -> Iterator[tuple[Node, InputDefinition]]:
    """Find the inputs of a graph's nodes that no node and no graph input feeds."""
    for node in graph.nodes.values():
        for one in node.definition.input_defs:
            if one.name not in node.inputs and not one.type.is_nothing:
                yield node, one


def check_inputs(graph: GraphDefinition, input_values: Collection[str], owner: str) -> None:
    """Check that every input can get a value.

    :param input_values: names of the graph's inputs that have one.
    :raises InvalidDefinitionError: for an input that nothing feeds and config cannot give.
    """
    for one in graph.input_defs:
        if one.name not in input_values:
            _check_input(one, owner)
    _check_nodes(graph, owner, set())


def _check_nodes(graph: GraphDefinition, owner: str, seen: set[int]) -> None:
    seen.add(id(graph))
    for node, one in unfed_inputs(graph):
        _check_input(one, f"{owner}, node {node.name!r}")
    for node in graph.nodes.values():
        inner = node.definition
        if isinstance(inner, GraphDefinition) and id(inner) not in seen:
            _check_nodes(inner, f"{owner}, graph {node.name!r}", seen)


def _check_input(one: InputDefinition, owner: str) -> None:
    if one.has_default_value or one.input_manager_key or input_config(one.type):
        return
    raise InvalidDefinitionError(
        f"{owner}: nothing feeds the input {one.name!r}, and config cannot give a value of type "
        f"{one.type.name}; connect it, or give it a default or an input manager"
    )


def check_node_names(graph: GraphDefinition, owner: str) -> None:
    """Check that two different ops or graphs of a job do not have one name.

    :raises InvalidDefinitionError: naming both places.
    """
    places: dict[tuple[str, str], tuple[NodeDefinition, str]] = {}
    for op in op_definitions(graph):
        _check_name(places, op, where(op.compute_fn), owner)
    for inner in graphs_in(graph)[1:]:
        fn = inner.composition_fn
        _check_name(places, inner, where(fn) if fn else "of a dictionary", owner)


def _check_name(
    places: dict[tuple[str, str], tuple[NodeDefinition, str]],
    one: NodeDefinition,
    place: str,
    owner: str,
) -> None:
    other, other_place = places.setdefault((one.what, one.name), (one, place))
    if other is not one:
        raise InvalidDefinitionError(
            f"{owner} uses two different {one.what}s named {one.name!r} ({other_place} and "
            f"{place}); rename one"
        )
