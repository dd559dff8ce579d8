"""Bodies: functions that connect ops, run once with placeholders."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, overload

from plugwork.definitions.composition import Composition
from plugwork.definitions.graph import Body, GraphDefinition
from plugwork.definitions.handles import Handle
from plugwork.definitions.inputs import NOT_GIVEN, GraphIn
from plugwork.definitions.names import check_name, copy_names
from plugwork.definitions.node import GraphInput
from plugwork.definitions.outputs import DEFAULT_OUTPUT, GraphOut
from plugwork.definitions.place import telling_where, where
from plugwork.definitions.wiring import read_wiring
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.definitions.config_mapping import ConfigMapping


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
    config: ConfigMapping | Mapping[str, Any] | None = ...,
) -> Callable[[Body], GraphDefinition]: ...


def graph(
    compose_fn: Body | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    ins: Mapping[str, GraphIn] | None = None,
    out: GraphOut | Mapping[str, GraphOut] | None = None,
    tags: Mapping[str, Any] | None = None,
    config: ConfigMapping | Mapping[str, Any] | None = None,
) -> GraphDefinition | Callable[[Body], GraphDefinition]:
    """Make a graph of a function that connects ops; the function runs once, now.

    Its parameters are the graph's inputs, what it returns are the graph's outputs.

    :param ins: descriptions of the inputs.
    :param out: describes the output; or, by name, several outputs, which the function returns as
        a dictionary, or as a tuple in this order.
    :raises InvalidDefinitionError: when the body breaks a rule.
    """

    def define(fn: Body) -> GraphDefinition:
        chosen = name or body_name(fn, "graph")
        owner = f"graph {chosen!r}"
        with telling_where(owner, fn):
            definition = compose(fn, chosen, owner, description, ins, out, tags, config)
        copy_names(definition, fn)
        return definition

    return define(compose_fn) if compose_fn is not None else define


def body_name(fn: Body, what: str) -> str:
    """Return the name of a body's function.

    :raises InvalidDefinitionError: when it is no function whose call connects ops.
    """
    if not inspect.isfunction(inspect.unwrap(fn)) or not hasattr(fn, "__name__"):
        raise InvalidDefinitionError(f"@{what} makes a {what} of a function, got {fn!r}")
    if inspect.iscoroutinefunction(fn) or inspect.isgeneratorfunction(fn):
        raise InvalidDefinitionError(
            f"the body of {what} {fn.__name__!r} must be a plain function, not async, without "
            f"yield: it only connects ops ({where(fn)})"
        )
    return fn.__name__


def body_parameters(fn: Body, owner: str) -> dict[str, Any]:
    """Return the parameters of a body, with their defaults or NOT_GIVEN."""
    found: dict[str, Any] = {}
    for name, one in inspect.signature(fn).parameters.items():
        if one.kind is not one.POSITIONAL_OR_KEYWORD and one.kind is not one.KEYWORD_ONLY:
            raise InvalidDefinitionError(
                f"{owner}: its parameter {str(one)!r} cannot be an input; name each input by "
                f"itself ({where(fn)})"
            )
        check_name(name, f"input of {owner}")
        found[name] = NOT_GIVEN if one.default is one.empty else one.default
    return found


def compose(
    fn: Body,
    name: str,
    owner: str,
    description: str | None = None,
    ins: Mapping[str, GraphIn] | None = None,
    out: GraphOut | Mapping[str, GraphOut] | None = None,
    tags: Mapping[str, Any] | None = None,
    config: ConfigMapping | Mapping[str, Any] | None = None,
) -> GraphDefinition:
    """Run a body with placeholders and return the graph that it describes.

    :param owner: for messages: ``"job 'x'"``.
    """
    composition = Composition(owner)
    defaults = body_parameters(fn, owner)
    parameters = list(defaults)
    handles = {one: Handle(composition, GraphInput(one)) for one in parameters}
    with composition.active():
        returned = fn(**handles)
    results = _results(returned, out, owner)
    wiring = read_wiring(composition, parameters, ins or {}, results, out, defaults)
    return GraphDefinition.of_wiring(name, wiring, description or fn.__doc__, config, tags, fn)


def _results(
    returned: Any, out: GraphOut | Mapping[str, GraphOut] | None, owner: str
) -> dict[str, Any]:
    """Name what the body returned."""
    for one in out.values() if isinstance(out, Mapping) else (out,):
        if one is not None and not isinstance(one, GraphOut):
            raise InvalidDefinitionError(
                f"{owner}: out must be a GraphOut, or a dictionary of them by name, got {one!r}"
            )
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
