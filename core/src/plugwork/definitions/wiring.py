"""What a graph consists of, read from the composition that its body or dictionary filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plugwork.definitions.composition import Composition
from plugwork.definitions.handles import DynamicHandle, Handle, MappedHandle, shown
from plugwork.definitions.inputs import NOT_GIVEN, GraphIn, InputDefinition
from plugwork.definitions.node import FanIn, GraphInput, Node, NodeOutput, Origin
from plugwork.definitions.outputs import GraphOut, OutputDefinition
from plugwork.errors import InvalidDefinitionError


class Wiring:
    """Nodes and what feeds them: the one shape behind every way to make a graph.

    :param nodes: by name, each after the nodes that feed it.
    :param output_sources: output name to the output inside that feeds it.
    :param mapped_outputs: see :attr:`NodeDefinition.mapped_outputs`.
    """

    __slots__ = ("inputs", "mapped_outputs", "nodes", "output_sources", "outputs")

    def __init__(
        self,
        nodes: dict[str, Node],
        inputs: list[InputDefinition],
        outputs: list[OutputDefinition],
        output_sources: dict[str, NodeOutput],
        mapped_outputs: dict[str, Origin],
    ) -> None:
        self.nodes = nodes
        self.inputs = inputs
        self.outputs = outputs
        self.output_sources = output_sources
        self.mapped_outputs = mapped_outputs


def read_wiring(
    composition: Composition,
    parameters: list[str],
    ins: Mapping[str, GraphIn],
    results: Mapping[str, Any],
    out: GraphOut | Mapping[str, GraphOut] | None,
    defaults: Mapping[str, Any],
) -> Wiring:
    """Read what a filled composition connects.

    :param parameters: the names of the graph's inputs.
    :param ins: descriptions of inputs.
    :param results: output name to the handle that feeds it.
    :param out: descriptions of outputs.
    :param defaults: of inputs that have one of their own; else that of what they feed.
    """
    inputs = _inputs(composition, parameters, ins, defaults)
    wiring = Wiring(composition.nodes, inputs, [], {}, {})
    for name, value in results.items():
        handle = _handle(composition, value)
        source = handle.dependency
        declared = out.get(name) if isinstance(out, Mapping) else out
        inner = composition.nodes[source.node].definition.output_dict[source.output]
        wiring.outputs.append(_output(name, inner, declared))
        wiring.output_sources[name] = source
        origin = handle.mapped_over
        if isinstance(handle, DynamicHandle):
            origin = origin or (source.node, source.output)
        if origin is not None:
            wiring.mapped_outputs[name] = origin
    return wiring


def _handle(composition: Composition, value: Any) -> Any:
    """Return the handle of an output inside."""
    handle = value.handle if isinstance(value, MappedHandle) else value
    if isinstance(handle, Handle) and isinstance(handle.dependency, NodeOutput):
        return handle
    raise InvalidDefinitionError(
        f"{composition.owner} returns {shown(value)}, which is no output of an op inside"
    )


def fed_by_inputs(nodes: Mapping[str, Node]) -> Iterator[tuple[str, Node, str, int | None]]:
    """Find what the inputs of a graph feed.

    :return: name of the graph's input, node, name of its input, place in its list.
    """
    for node in nodes.values():
        for key, source in node.inputs.items():
            if isinstance(source, GraphInput):
                yield source.name, node, key, None
            elif isinstance(source, FanIn):
                for place, member in enumerate(source.sources):
                    if isinstance(member, GraphInput):
                        yield member.name, node, key, place


def _inputs(
    composition: Composition,
    names: list[str],
    ins: Mapping[str, GraphIn],
    defaults: Mapping[str, Any],
) -> list[InputDefinition]:
    """Give each graph input the type and default of the first input that it feeds."""
    if not isinstance(ins, Mapping):
        raise InvalidDefinitionError(
            f"{composition.owner}: ins must be a dictionary of GraphIn by name, got {ins!r}"
        )
    for name, one in ins.items():
        if not isinstance(one, GraphIn):
            raise InvalidDefinitionError(
                f"{composition.owner}: ins[{name!r}] must be a GraphIn, got {one!r}"
            )
        if name not in names:
            raise InvalidDefinitionError(
                f"{composition.owner}: ins has {name!r}, and the function has no such parameter"
            )
    if not names:
        return []
    fed: dict[str, InputDefinition] = {}
    for name, node, key, _ in fed_by_inputs(composition.nodes):
        fed.setdefault(name, node.definition.input_dict[key])
    return [
        _input(composition, name, fed.get(name), ins.get(name), defaults.get(name, NOT_GIVEN))
        for name in names
    ]


def _input(
    composition: Composition,
    name: str,
    inner: InputDefinition | None,
    declared: GraphIn | None,
    default: Any,
) -> InputDefinition:
    if inner is None:
        raise InvalidDefinitionError(f"{composition.owner}: its input {name!r} feeds nothing")
    description = (declared.description if declared else None) or inner.description
    return InputDefinition(
        name,
        inner.type,
        description,
        inner.default_value if default is NOT_GIVEN else default,
        inner.metadata,
        inner.input_manager_key,
    )


def _output(name: str, inner: OutputDefinition, declared: GraphOut | None) -> OutputDefinition:
    return OutputDefinition(
        name,
        inner.type,
        (declared.description if declared else None) or inner.description,
        inner.is_required,
        inner.io_manager_key,
        inner.metadata,
        inner.code_version,
        inner.is_dynamic,
    )
