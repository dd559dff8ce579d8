"""Ops: functions with declared inputs, outputs, config and resources."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, overload

from plugwork._upward import call_op
from plugwork.config.schema import Field
from plugwork.definitions.composition import current_composition
from plugwork.definitions.configured import NamedConfiguredMixin
from plugwork.definitions.inputs import In, InputDefinition
from plugwork.definitions.names import copy_names
from plugwork.definitions.node_definition import NodeDefinition
from plugwork.definitions.op_parts import (
    config_field,
    input_definitions,
    output_definitions,
    resource_keys,
)
from plugwork.definitions.outputs import Out, OutputDefinition
from plugwork.definitions.place import caller, telling_where
from plugwork.definitions.retry import RetryPolicy
from plugwork.definitions.signature import Signature
from plugwork.errors import InvalidDefinitionError


class OpDefinition(NamedConfiguredMixin, NodeDefinition):
    """A function and what the framework must know to run it.

    Made by :func:`op`. Calling it in the body of a graph or job adds a use; calling it elsewhere
    runs the function.

    :param compute_fn: the function; its parameters are inputs, see :func:`op`.
    :param outs: output name to :class:`Out`.
    :raises InvalidDefinitionError: when function and declarations do not fit.
    """

    what = "op"

    def __init__(
        self,
        compute_fn: Callable[..., Any],
        name: str,
        ins: Mapping[str, In] | None = None,
        outs: Mapping[str, Out] | None = None,
        description: str | None = None,
        config_schema: Any = None,
        required_resource_keys: set[str] | frozenset[str] | None = None,
        tags: Mapping[str, Any] | None = None,
        version: str | None = None,
        retry_policy: RetryPolicy | None = None,
        code_version: str | None = None,
        pool: str | None = None,
    ) -> None:
        owner = f"op {name!r}"
        with telling_where(owner, compute_fn):
            signature = Signature(compute_fn, owner)
            super().__init__(
                name,
                input_definitions(signature, {} if ins is None else ins, owner),
                output_definitions(signature, outs, owner),
                description,
                tags,
            )
            self.compute_fn = compute_fn
            self.signature = signature
            #: None when the op takes no config.
            self.config_field: Field | None = config_field(signature, config_schema, owner)
            self.required_resource_keys = resource_keys(signature, required_resource_keys, owner)
            self.retry_policy = _policy(retry_policy)
            self.pool = _text(pool, "pool")
            self.code_version = _text(_code_version(code_version, version), "code_version")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Use the op in the body of a graph, or run its function outside of one."""
        composition = current_composition()
        if composition is not None:
            return composition.add(self, args, kwargs)
        return call_op(self, args, kwargs)

    @property
    def ins(self) -> dict[str, InputDefinition]:
        return self.input_dict

    @property
    def outs(self) -> dict[str, OutputDefinition]:
        return self.output_dict


def _policy(given: object) -> RetryPolicy | None:
    if given is None or isinstance(given, RetryPolicy):
        return given
    raise InvalidDefinitionError(f"retry_policy must be a RetryPolicy, got {given!r}")


def _text(given: object, what: str) -> str | None:
    if given is None or isinstance(given, str):
        return given
    raise InvalidDefinitionError(f"{what} must be text, got {given!r}")


def _code_version(code_version: str | None, version: str | None) -> str | None:
    if version is None:
        return code_version
    if code_version is not None:
        raise InvalidDefinitionError("give code_version; version is its older name")
    warnings.warn("version of an op is now code_version", DeprecationWarning, stacklevel=5)
    return version


def _name_of(fn: Callable[..., Any]) -> str:
    name: str | None = getattr(fn, "__name__", None)
    if name is None:
        raise InvalidDefinitionError(f"{fn!r} has no name: @op(name=...) ({caller()})")
    return name


@overload
def op(compute_fn: Callable[..., Any]) -> OpDefinition: ...


@overload
def op(
    compute_fn: None = None,
    *,
    name: str | None = ...,
    description: str | None = ...,
    ins: Mapping[str, In] | None = ...,
    out: Out | Mapping[str, Out] | None = ...,
    config_schema: Any = ...,
    required_resource_keys: set[str] | frozenset[str] | None = ...,
    tags: Mapping[str, Any] | None = ...,
    version: str | None = ...,
    retry_policy: RetryPolicy | None = ...,
    code_version: str | None = ...,
    pool: str | None = ...,
) -> Callable[[Callable[..., Any]], OpDefinition]: ...


def op(
    compute_fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    ins: Mapping[str, In] | None = None,
    out: Out | Mapping[str, Out] | None = None,
    config_schema: Any = None,
    required_resource_keys: set[str] | frozenset[str] | None = None,
    tags: Mapping[str, Any] | None = None,
    version: str | None = None,
    retry_policy: RetryPolicy | None = None,
    code_version: str | None = None,
    pool: str | None = None,
) -> OpDefinition | Callable[[Callable[..., Any]], OpDefinition]:
    """Make an op of a function: plain, ``async``, generator or async generator.

    Its first parameter may be ``context``. A parameter ``config`` takes the op's config, as the
    ``Config`` class that annotates it. Parameters annotated with a resource class, or with
    ``ResourceParam[...]``, are the resources of their names. All others are inputs.

    :param name: the function's name when not given.
    :param description: the function's docstring when not given.
    :param ins: what the signature cannot say of inputs, and inputs that only order.
    :param out: one :class:`Out`, or one for each output name; ``{}`` for none at all.
    :param config_schema: of ``context.op_config``; not beside a parameter ``config``.
    :param required_resource_keys: resources that the function takes from ``context.resources``.
    :param tags: told with every step of the op; ``priority`` orders ready steps.
    :param version: the older name of ``code_version``.
    :param retry_policy: when a failed step is tried again.
    :param code_version: names the code's version.
    :param pool: of which a running step holds a slot.
    :raises InvalidDefinitionError: when function and declarations do not fit.
    """

    def define(fn: Callable[..., Any]) -> OpDefinition:
        if not callable(fn) or isinstance(fn, NodeDefinition):
            raise InvalidDefinitionError(f"@op stands over a function, got {fn!r} ({caller()})")
        outs: Mapping[str, Out] | None = {"result": out} if isinstance(out, Out) else out
        definition = OpDefinition(
            fn,
            name or _name_of(fn),
            ins=ins,
            outs=outs,
            description=description or fn.__doc__,
            config_schema=config_schema,
            required_resource_keys=required_resource_keys,
            tags=tags,
            version=version,
            retry_policy=retry_policy,
            code_version=code_version,
            pool=pool,
        )
        copy_names(definition, fn)
        return definition

    return define(compute_fn) if compute_fn is not None else define
