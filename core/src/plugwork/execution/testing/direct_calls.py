"""Calling an op outside a graph: its function runs, its values are checked, nothing is stored."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any

from plugwork.definitions.resource import ResourceDefinition
from plugwork.definitions.signature import CONFIG_NAME, FunctionKind
from plugwork.errors import InvalidInvocationError, StepOutputNotFoundError, TypeCheckDidNotPass
from plugwork.execution.step.compute import Result, checked_item, declared_output, results_of
from plugwork.execution.step.type_checks import check_value
from plugwork.execution.testing.build_op_context import (
    GivenOpContext,
    GivenOpStep,
    build_op_context,
)
from plugwork.model.assets import AssetMaterialization, AssetObservation

if TYPE_CHECKING:
    from plugwork.definitions.op import OpDefinition
    from plugwork.definitions.types import Type

_NO_CONTEXT = object()


def call_op(definition: OpDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run an op's function with these arguments, as a unit test does.

    The context comes first, if the function takes one or the test gives one. Everything else comes
    by position, in the order of the function's parameters, or by name.

    :return: what the function returns; a coroutine or generator is for the caller to run.
    :raises InvalidInvocationError: when the arguments do not fit.
    :raises InvalidConfigError: when the config of the context does not fit the op.
    :raises TypeCheckDidNotPass: when an input or an output is not of its type.
    """
    signature = definition.signature
    given, args, kwargs = _context(definition, args, dict(kwargs))
    named = _by_name(definition, args, kwargs, _provided(given))
    if isinstance(given, GivenOpContext):
        return _call(definition, given, given, named)
    context = _own_context(definition, named).__enter__()
    if signature.kind is not FunctionKind.SYNC:
        # What the caller runs holds the context: its resources are torn down with it.
        return _call(definition, context, given, named)
    with context:
        return _call(definition, context, given, named)


def _call(
    definition: OpDefinition, context: GivenOpContext, given: Any, named: Mapping[str, Any]
) -> Any:
    """Run the function.

    :param context: what its values are taken from.
    :param given: what the caller gave as its context.
    """
    signature = definition.signature
    step = context.given_step
    # A context of another making, a mock say, answers for itself.
    is_ours = given is None or given is _NO_CONTEXT or given is context
    step.bind(definition, check_resources=is_ours)
    arguments = _inputs(definition, named, step)
    if signature.takes_config:
        arguments[CONFIG_NAME] = _config(definition, named, step)
    elif definition.config_field is not None and is_ours:
        step.check_config()
    for name in signature.resource_names:
        arguments[name] = _resource(definition, name, named, context, given)
    if not signature.takes_context:
        return _checked(definition, step, signature.fn(**arguments))
    passed = context if given is None else given
    return _checked(definition, step, signature.fn(passed, **arguments))


def _context(
    definition: OpDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """Take the context out of the arguments; without one it is ``_NO_CONTEXT``."""
    if not definition.signature.takes_context:
        if args and isinstance(args[0], GivenOpContext):
            return args[0], args[1:], kwargs
        return _NO_CONTEXT, args, kwargs
    own = next(iter(inspect.signature(definition.compute_fn).parameters))
    for name in (own, "context"):
        if name in kwargs:
            return kwargs.pop(name), args, kwargs
    if args:
        return args[0], args[1:], kwargs
    raise InvalidInvocationError(
        f"op {definition.name!r} takes a context: give it first, made by build_op_context(), or "
        "None if the function can do without"
    )


def _own_context(definition: OpDefinition, named: Mapping[str, Any]) -> GivenOpContext:
    """Make the context of a call that was given none, from resources that were given by name."""
    names = definition.signature.resource_names
    return build_op_context(
        {name: named[name] for name in names if _is_to_be_made(named.get(name))}
    )


def _is_to_be_made(value: object) -> bool:
    return isinstance(value, ResourceDefinition) or hasattr(value, "__resource_definition__")


def _provided(given: object) -> frozenset[str]:
    """Name what the context brings."""
    if not isinstance(given, GivenOpContext):
        return frozenset()
    return given.resource_keys | ({CONFIG_NAME} if given.given_step.has_config else set())


def _by_name(
    definition: OpDefinition,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    provided: frozenset[str],
) -> dict[str, Any]:
    """Give each argument its name.

    :param provided: config and resources that come with the context.
    :raises InvalidInvocationError: for one too many, given twice, or unknown.
    """
    names = _parameters(definition)
    # Config and resources that come by name, or with the context, leave their place to others.
    elsewhere = provided | kwargs.keys()
    by_place = [name for name in names if name in definition.input_dict or name not in elsewhere]
    if len(args) > len(by_place):
        beside = " beside the context" if definition.signature.takes_context else ""
        raise InvalidInvocationError(
            f"op {definition.name!r} takes {len(by_place)} arguments{beside}, got {len(args)}"
        )
    named = dict(zip(by_place, args, strict=False))
    for name, value in kwargs.items():
        if name in named:
            raise InvalidInvocationError(f"op {definition.name!r}: {name!r} is given twice")
        if name in names:
            named[name] = value
        elif name not in definition.input_dict:
            known = ", ".join(names) or "none"
            raise InvalidInvocationError(
                f"op {definition.name!r} has no input {name!r}; its arguments are: {known}"
            )
    return named


def _parameters(definition: OpDefinition) -> list[str]:
    """The names that values can be given for, in the order of the function's parameters."""
    signature = definition.signature
    parameters = inspect.signature(definition.compute_fn).parameters.values()
    found = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    found = found[1:] if signature.takes_context else found
    others = [one.name for one in definition.input_defs if not one.type.is_nothing]
    return [*found, *(name for name in others if name not in found)]


def _inputs(
    definition: OpDefinition, named: Mapping[str, Any], step: GivenOpStep
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in definition.input_defs:
        if one.type.is_nothing:
            continue
        if one.name in named:
            values[one.name] = named[one.name]
        elif one.has_default_value:
            values[one.name] = one.default_value
        else:
            raise InvalidInvocationError(f"op {definition.name!r} needs the input {one.name!r}")
        _check(step, one.type, values[one.name], f'input "{one.name}"')
    return values


def _config(definition: OpDefinition, named: Mapping[str, Any], step: GivenOpStep) -> Any:
    if CONFIG_NAME not in named:
        return step.op_config
    if step.has_config:
        raise InvalidInvocationError(
            f"op {definition.name!r}: config is given with the context and by name; give one"
        )
    return named[CONFIG_NAME]


def _resource(
    definition: OpDefinition,
    name: str,
    named: Mapping[str, Any],
    context: GivenOpContext,
    given: Any,
) -> Any:
    if name not in named:
        if name not in context.resource_keys:
            raise InvalidInvocationError(
                f"op {definition.name!r} needs {name!r}: give it by name, or with "
                "build_op_context(resources={...})"
            )
        return getattr(context.resources, name)
    if isinstance(given, GivenOpContext) and name in context.resource_keys:
        raise InvalidInvocationError(
            f"op {definition.name!r}: the resource {name!r} is given with the context and by "
            "name; give one"
        )
    if isinstance(given, GivenOpContext) or not _is_to_be_made(named[name]):
        return named[name]
    return getattr(context.resources, name)


def _check(step: GivenOpStep, declared: Type, value: Any, what: str) -> None:
    found = check_value(step, declared, value, what)
    if not found.success:
        raise TypeCheckDidNotPass(
            f"{what} of {step.describe_op()}: {found.description}", found.metadata, declared
        )


def _checked(definition: OpDefinition, step: GivenOpStep, returned: Any) -> Any:
    """Return what the function returned, checked now or while the caller runs it."""
    kind = definition.signature.kind
    if kind is FunctionKind.GENERATOR:
        return _watched(definition, step, returned)
    if kind is FunctionKind.ASYNC_GENERATOR:
        return _watched_async(definition, step, returned)
    if kind is FunctionKind.ASYNC:
        return _awaited(definition, step, returned)
    return _all_taken(definition, step, returned)


def _all_taken(definition: OpDefinition, step: GivenOpStep, value: Any) -> Any:
    for result in results_of(definition, value):
        _take(step, result)
    return value


async def _awaited(
    definition: OpDefinition, step: GivenOpStep, coroutine: Coroutine[Any, Any, Any]
) -> Any:
    return _all_taken(definition, step, await coroutine)


def _watched(
    definition: OpDefinition, step: GivenOpStep, items: Generator[Any]
) -> Generator[Result]:
    with closing(items):
        for item in items:
            yield _take(step, checked_item(definition, item))
    _check_missing(definition, step)


async def _watched_async(
    definition: OpDefinition, step: GivenOpStep, items: AsyncGenerator[Any]
) -> AsyncGenerator[Result]:
    async with aclosing(items):
        async for item in items:
            yield _take(step, checked_item(definition, item))
    _check_missing(definition, step)


def _take(step: GivenOpStep, result: Result) -> Result:
    """Check a result, and keep what it tells."""
    if isinstance(result, AssetMaterialization | AssetObservation):
        return result
    out, key = declared_output(step.op_def, result, step.emitted)
    _check(step, out.type, result.value, f'output "{out.name}"')
    step.emitted.add((out.name, key))
    step.told[out.name, key] = {**(result.metadata or {}), **step.take_metadata(out.name, key)}
    return result


def _check_missing(definition: OpDefinition, step: GivenOpStep) -> None:
    for out in definition.output_defs:
        is_absent = (out.name, None) not in step.emitted
        if is_absent and out.is_required and not out.is_dynamic and not out.type.is_nothing:
            raise StepOutputNotFoundError(step_key=definition.name, output_name=out.name)
