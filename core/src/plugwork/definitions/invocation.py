"""Calling an op outside a graph: its function runs, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.definitions.signature import CONFIG_NAME
from plugwork.errors import InvalidInvocationError

if TYPE_CHECKING:
    from plugwork.definitions.op import OpDefinition


def invoke_directly(definition: OpDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run an op's function with these arguments, as a unit test does.

    The context, if the function takes one, is the first argument. Inputs come by position or name;
    config and resources by name. Nothing is checked, stored or told.

    :return: what the function returns; a coroutine or generator is for the caller to run.
    :raises InvalidInvocationError: when the arguments do not fit.
    """
    signature = definition.signature
    context = None
    if signature.takes_context:
        context, args = _context(definition, args, kwargs)
    arguments = _inputs(definition, args, kwargs)
    for name in (CONFIG_NAME, *signature.resource_names):
        if name in kwargs:
            arguments[name] = kwargs[name]
        elif name in signature.resource_names or signature.takes_config:
            raise InvalidInvocationError(f"op {definition.name!r} needs {name!r}: give it by name")
    _refuse_unknown(definition, arguments, kwargs)
    if signature.takes_context:
        return signature.fn(context, **arguments)
    return signature.fn(**arguments)


def _context(
    definition: OpDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, tuple[Any, ...]]:
    if args:
        return args[0], args[1:]
    if "context" in kwargs:
        return kwargs.pop("context"), args
    raise InvalidInvocationError(
        f"op {definition.name!r} takes a context: give it first, or None if the function can do "
        "without"
    )


def _inputs(
    definition: OpDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    inputs = [one for one in definition.input_defs if not one.type.is_nothing]
    if len(args) > len(inputs):
        raise InvalidInvocationError(
            f"op {definition.name!r} takes {len(inputs)} inputs, got {len(args)}"
        )
    values = {one.name: value for one, value in zip(inputs, args, strict=False)}
    for one in inputs:
        if one.name in values and one.name in kwargs:
            raise InvalidInvocationError(
                f"op {definition.name!r}: input {one.name!r} is given twice"
            )
        if one.name in kwargs:
            values[one.name] = kwargs[one.name]
        elif one.name not in values and one.has_default_value:
            values[one.name] = one.default_value
        elif one.name not in values:
            raise InvalidInvocationError(f"op {definition.name!r} needs the input {one.name!r}")
    return values


def _refuse_unknown(
    definition: OpDefinition, arguments: dict[str, Any], kwargs: dict[str, Any]
) -> None:
    for name in kwargs:
        declared = definition.input_dict.get(name)
        if name not in arguments and (declared is None or not declared.type.is_nothing):
            raise InvalidInvocationError(f"op {definition.name!r} has no input {name!r}")
