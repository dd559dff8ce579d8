"""Graphs: ops and other graphs, connected."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from plugwork.definitions.composition import Composition, current_composition
from plugwork.definitions.handles import DynamicHandle, Handle, MappedHandle, shown
from plugwork.definitions.inputs import GraphIn, InputDefinition
from plugwork.definitions.names import copy_names
from plugwork.definitions.node import FanIn, GraphInput, Node, NodeOutput, Origin
from plugwork.definitions.node_definition import NodeDefinition
from plugwork.definitions.outputs import DEFAULT_OUTPUT, GraphOut, OutputDefinition
from plugwork.errors import InvalidDefinitionError, InvalidInvocationError

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.job import JobDefinition
    from plugwork.execution.result import ExecuteInProcessResult
    from plugwork.instance import Instance

Body = Callable[..., Any]


class GraphDefinition(NodeDefinition):
    """Nodes and what feeds them. Made by :func:`graph`; cannot be changed.

    :param nodes: by name, each after the nodes that feed it.
    :param output_sources: output name to the output inside that feeds it.
    :param mapped_outputs: see :attr:`NodeDefinition.mapped_outputs`.
    """

    what = "graph"

    def __init__(
        self,
        name: str,
        nodes: Mapping[str, Node],
        inputs: Sequence[InputDefinition],
        outputs: Sequence[OutputDefinition],
        output_sources: Mapping[str, NodeOutput],
        mapped_outputs: Mapping[str, Origin],
        description: str | None = None,
        tags: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name, inputs, outputs, description, tags)
        self.nodes = dict(nodes)
        self.output_sources = dict(output_sources)
        self.mapped_outputs = dict(mapped_outputs)
        self.has_dynamic = any(node.definition.has_dynamic for node in self.nodes.values())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Use the graph in the body of another graph or job."""
        composition = current_composition()
        if composition is None:
            raise InvalidInvocationError(
                f"graph {self.name!r} can be used in the body of a graph or job only; to run it, "
                "make a job of it with to_job()"
            )
        return composition.add(self, args, kwargs)

    def execute_in_process(
        self,
        run_config: Mapping[str, Any] | None = None,
        instance: Instance | None = None,
        **how: Any,
    ) -> ExecuteInProcessResult:
        """Make a job of the graph and run it; see :meth:`JobDefinition.execute_in_process`."""
        return self.to_job().execute_in_process(run_config, instance, **how)

    def to_job(
        self,
        name: str | None = None,
        *,
        hooks: Iterable[HookDefinition] | None = None,
        **settings: Any,
    ) -> JobDefinition:
        """Make a job of the graph.

        :param name: the graph's own when not given.
        :param settings: as of :func:`plugwork.job`: ``resource_defs``, ``config``, ``tags`` ...
        """
        from plugwork.definitions.job import JobDefinition

        return JobDefinition(graph_def=self, name=name, hook_defs=hooks, **settings)


@overload
def graph(compose_fn: Body) -> GraphDefinition: ...


@overload
def graph(
    compose_fn: None = None,
    *,
    name: str | None = ...,
    description: str | None = ...,
    ins: Mapping[str, GraphIn] | None = ...,
    out: GraphOut | Mapping[str, GraphOut] | None = ...,
    tags: Mapping[str, Any] | None = ...,
) -> Callable[[Body], GraphDefinition]: ...


def graph(
    compose_fn: Body | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    ins: Mapping[str, GraphIn] | None = None,
    out: GraphOut | Mapping[str, GraphOut] | None = None,
    tags: Mapping[str, Any] | None = None,
) -> GraphDefinition | Callable[[Body], GraphDefinition]:
    """Make a graph of a function that connects ops; the function runs once, now.

    Its parameters are the graph's inputs, what it returns are the graph's outputs.

    :param ins: descriptions of the inputs.
    :param out: describes the output; or, by name, several outputs, which the function returns as
        a dictionary, or as a tuple in this order.
    :raises InvalidDefinitionError: when the body breaks a rule.
    """

    def define(fn: Body) -> GraphDefinition:
        chosen = name or fn.__name__
        definition = compose(fn, chosen, f"graph {chosen!r}", description, ins, out, tags)
        copy_names(definition, fn)
        return definition

    return define(compose_fn) if compose_fn is not None else define


def compose(
    fn: Body,
    name: str,
    owner: str,
    description: str | None = None,
    ins: Mapping[str, GraphIn] | None = None,
    out: GraphOut | Mapping[str, GraphOut] | None = None,
    tags: Mapping[str, Any] | None = None,
) -> GraphDefinition:
    """Run a body with placeholders and return the graph that it describes.

    :param owner: for messages: ``"job 'x'"``.
    """
    composition = Composition(owner)
    parameters = list(inspect.signature(fn).parameters)
    handles = {one: Handle(composition, GraphInput(one)) for one in parameters}
    with composition.active():
        returned = fn(**handles)
    inputs = _inputs(composition, parameters, ins or {})
    results = _results(returned, out, owner)
    defs: list[OutputDefinition] = []
    sources: dict[str, NodeOutput] = {}
    mapped: dict[str, Origin] = {}
    for key, value in results.items():
        sources[key], definition, origin = _output(composition, key, value, out)
        defs.append(definition)
        if origin is not None:
            mapped[key] = origin
    return GraphDefinition(
        name, composition.nodes, inputs, defs, sources, mapped, description or fn.__doc__, tags
    )


def _inputs(
    composition: Composition, names: list[str], ins: Mapping[str, GraphIn]
) -> list[InputDefinition]:
    """Give each graph input the type and default of the first input that it feeds."""
    for name in ins:
        if name not in names:
            raise InvalidDefinitionError(
                f"{composition.owner}: ins has {name!r}, and the function has no such parameter"
            )
    fed: dict[str, InputDefinition] = {}
    for node in composition.nodes.values():
        for key, source in node.inputs.items():
            for member in source.sources if isinstance(source, FanIn) else (source,):
                if isinstance(member, GraphInput):
                    fed.setdefault(member.name, node.definition.input_dict[key])
    return [_input(composition, name, fed.get(name), ins.get(name)) for name in names]


def _input(
    composition: Composition, name: str, inner: InputDefinition | None, declared: GraphIn | None
) -> InputDefinition:
    if inner is None:
        raise InvalidDefinitionError(f"{composition.owner}: its input {name!r} feeds nothing")
    description = (declared.description if declared else None) or inner.description
    return InputDefinition(
        name,
        inner.type,
        description,
        inner.default_value,
        inner.metadata,
        inner.input_manager_key,
    )


def _results(
    returned: Any, out: GraphOut | Mapping[str, GraphOut] | None, owner: str
) -> dict[str, Any]:
    """Name what the body returned."""
    if returned is None:
        if out:
            raise InvalidDefinitionError(f"{owner} declares outputs and returns nothing")
        return {}
    if isinstance(returned, dict):
        results = dict(returned)
    elif isinstance(returned, tuple):
        if not isinstance(out, Mapping) or len(out) != len(returned):
            raise InvalidDefinitionError(
                f"{owner} returns {len(returned)} outputs: name them by out={{...}}, or return a "
                "dictionary"
            )
        results = dict(zip(out, returned, strict=True))
    else:
        only = next(iter(out)) if isinstance(out, Mapping) and len(out) == 1 else DEFAULT_OUTPUT
        results = {only: returned}
    if isinstance(out, Mapping) and set(out) != set(results):
        raise InvalidDefinitionError(
            f"{owner} declares the outputs {', '.join(out)} and returns {', '.join(results)}"
        )
    return results


def _output(
    composition: Composition,
    name: str,
    value: Any,
    out: GraphOut | Mapping[str, GraphOut] | None,
) -> tuple[NodeOutput, OutputDefinition, Origin | None]:
    handle = value.handle if isinstance(value, MappedHandle) else value
    if not isinstance(handle, Handle) or not isinstance(handle.dependency, NodeOutput):
        raise InvalidDefinitionError(
            f"{composition.owner} returns {shown(value)}, which is no output of an op inside"
        )
    source = handle.dependency
    inner = composition.nodes[source.node].definition.output_dict[source.output]
    declared = out.get(name) if isinstance(out, Mapping) else out
    definition = OutputDefinition(
        name,
        inner.type,
        (declared.description if declared else None) or inner.description,
        inner.is_required,
        inner.io_manager_key,
        inner.metadata,
        inner.code_version,
        inner.is_dynamic,
    )
    origin = handle.mapped_over
    if isinstance(handle, DynamicHandle):
        origin = origin or (source.node, source.output)
    return source, definition, origin
