"""The declared parts of an op, put together from its signature and its declarations."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Mapping
from typing import Any as AnyValue

from plugwork.config.schema import Field
from plugwork.definitions.annotations import resolve_type, yielded_annotation
from plugwork.definitions.inputs import NOT_GIVEN, In, InputDefinition
from plugwork.definitions.outputs import DEFAULT_OUTPUT, DynamicOut, Out, OutputDefinition
from plugwork.definitions.place import where
from plugwork.definitions.signature import FunctionKind, Parameter, Signature
from plugwork.definitions.types import Any, Type
from plugwork.errors import InvalidDefinitionError

_EMPTY = inspect.Parameter.empty
_GENERATORS = (FunctionKind.GENERATOR, FunctionKind.ASYNC_GENERATOR)


def input_definitions(
    signature: Signature, ins: Mapping[str, In], owner: str
) -> list[InputDefinition]:
    """Join the parameters with what ``ins`` says of them; order-only inputs come last."""
    _check_ins(signature, ins, owner)
    found = [_of_parameter(p, ins.get(p.name), owner) for p in signature.inputs]
    names = {parameter.name for parameter in signature.inputs}
    for name, declared in ins.items():
        if name not in names:
            found.append(_of_declaration(name, declared, signature, owner))
    return found


def _check_ins(signature: Signature, ins: Mapping[str, In], owner: str) -> None:
    if not isinstance(ins, Mapping):
        raise InvalidDefinitionError(f"{owner}: ins must be a dictionary of In, got {ins!r}")
    for name, declared in ins.items():
        if not isinstance(declared, In):
            raise InvalidDefinitionError(f"{owner}: ins[{name!r}] must be an In, got {declared!r}")
        if name in signature.resource_names:
            raise InvalidDefinitionError(f"{owner}: {name!r} is a resource, so no input")


def _of_parameter(parameter: Parameter, declared: In | None, owner: str) -> InputDefinition:
    annotated = _type_of(parameter.annotation, f"input {parameter.name!r} of {owner}")
    default = NOT_GIVEN if parameter.default is _EMPTY else parameter.default
    if declared is None:
        chosen = InputDefinition(parameter.name, annotated, default_value=default)
    else:
        chosen = InputDefinition(
            parameter.name,
            annotated if declared.type is NOT_GIVEN else declared.type,
            declared.description,
            default if declared.default_value is NOT_GIVEN else declared.default_value,
            declared.metadata,
            declared.input_manager_key,
            declared.asset_key,
        )
    if chosen.type.is_nothing:
        raise InvalidDefinitionError(
            f"{owner}: input {parameter.name!r} is Nothing, which has no value, so it cannot be a "
            "parameter of the function"
        )
    return chosen


def _of_declaration(name: str, declared: In, signature: Signature, owner: str) -> InputDefinition:
    kind = Any if declared.type is NOT_GIVEN else declared.type
    if not kind.is_nothing and not signature.takes_any_input:
        raise InvalidDefinitionError(
            f"{owner}: ins has {name!r}, and the function has no such parameter "
            f"({where(signature.fn)}); only an In(Nothing) has none"
        )
    return InputDefinition(
        name,
        kind,
        declared.description,
        declared.default_value,
        declared.metadata,
        declared.input_manager_key,
        declared.asset_key,
    )


def _type_of(annotation: AnyValue, of: str) -> Type:
    if annotation is _EMPTY:
        return Any
    try:
        return resolve_type(annotation)
    except InvalidDefinitionError as error:
        raise InvalidDefinitionError(f"{of}: {error}") from None


def output_definitions(
    signature: Signature, outs: Mapping[str, Out] | None, owner: str
) -> list[OutputDefinition]:
    """Join the return annotation with what ``out`` says."""
    annotation = _returned(signature)
    if outs is None:
        outs = {DEFAULT_OUTPUT: _implied_out(signature)}
    if not isinstance(outs, Mapping) or not all(isinstance(o, Out) for o in outs.values()):
        raise InvalidDefinitionError(
            f"{owner}: out must be an Out, or a dictionary of name to Out, got {outs!r}"
        )
    if len(outs) == 1:
        [(name, out)] = outs.items()
        # Who returns, returns all at once; a generator's annotation is that of one item already.
        in_list = out.is_dynamic and signature.kind not in _GENERATORS
        annotated = _type_of(_item(annotation) if in_list else annotation, f"{owner}")
        return [OutputDefinition.from_out(name, out, annotated)]
    types = _of_tuple(annotation, len(outs), owner)
    return [
        OutputDefinition.from_out(name, out, annotated)
        for (name, out), annotated in zip(outs.items(), types, strict=True)
    ]


def _returned(signature: Signature) -> AnyValue:
    """What the annotation says of the values; a generator's says little."""
    annotation = signature.return_annotation
    if annotation is _EMPTY:
        return _EMPTY
    if signature.kind in _GENERATORS:
        return yielded_annotation(annotation)
    return annotation


def _implied_out(signature: Signature) -> Out:
    annotation = signature.return_annotation
    return DynamicOut() if _names_dynamic(annotation) else Out()


def _names_dynamic(annotation: AnyValue) -> bool:
    from plugwork.definitions.events import DynamicOutput

    if DynamicOutput in (annotation, typing.get_origin(annotation)):
        return True
    # Arguments of Callable and Literal are no annotations; they name no outputs.
    return any(_names_dynamic(one) for one in typing.get_args(annotation) if _is_annotation(one))


def _is_annotation(one: AnyValue) -> bool:
    return isinstance(one, type) or typing.get_origin(one) is not None


def _item(annotation: AnyValue) -> AnyValue:
    """``List[DynamicOutput[int]]`` says ``int``."""
    if typing.get_origin(annotation) is list:
        return typing.get_args(annotation)[0]
    return _EMPTY if annotation in (list, typing.List) else annotation  # noqa: UP006


def _of_tuple(annotation: AnyValue, count: int, owner: str) -> list[Type]:
    if count == 0 or typing.get_origin(annotation) is not tuple:
        return [Any] * count
    args = typing.get_args(annotation)
    if len(args) != count:
        raise InvalidDefinitionError(
            f"{owner}: the function is annotated to return {len(args)} values, and {count} outputs "
            "are declared"
        )
    return [_type_of(arg, owner) for arg in args]


def config_field(signature: Signature, config_schema: AnyValue, owner: str) -> Field | None:
    """Return the field of the op's config; None when it takes none."""
    if signature.takes_config:
        if config_schema is not None:
            raise InvalidDefinitionError(
                f"{owner} has a parameter 'config' and a config_schema: give one of them"
            )
        config_schema = signature.config_annotation
    if config_schema is None:
        return None
    return config_schema if isinstance(config_schema, Field) else Field(config_schema)


def resource_keys(
    signature: Signature, required: set[str] | frozenset[str] | None, owner: str
) -> frozenset[str]:
    """Return the keys of the resources that the function uses."""
    if required and signature.resource_names:
        raise InvalidDefinitionError(
            f"{owner} has resource parameters ({', '.join(signature.resource_names)}) and "
            "required_resource_keys: name all resources in one of the two ways"
        )
    if isinstance(required, str):
        raise InvalidDefinitionError(f"{owner}: required_resource_keys must be a set of names")
    return frozenset(required or signature.resource_names)
