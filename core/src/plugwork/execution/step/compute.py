"""Call an op's function, and read what it gives as outputs."""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from plugwork.definitions.events import DynamicOutput, Output
from plugwork.definitions.place import where
from plugwork.definitions.signature import FunctionKind
from plugwork.errors import InvariantViolationError
from plugwork.model.assets import AssetMaterialization, AssetObservation

if TYPE_CHECKING:
    from plugwork.definitions.op import OpDefinition
    from plugwork.definitions.outputs import OutputDefinition

#: What a function may give besides values.
Told = AssetMaterialization | AssetObservation
Result = Output[Any] | DynamicOutput[Any] | Told


#: Pieces of an attempt: what is yielded is to be awaited, and its outcome sent back or thrown in.
Phases = Generator[Coroutine[Any, Any, Any], Any, None]


def results_of(definition: OpDefinition, returned: Any) -> Generator[Result]:
    """Yield the outputs of a call, running the rest of a generator as they are asked for.

    :param returned: what ``Signature.call`` returned; of a coroutine, what awaiting it gave.
    :raises InvariantViolationError: when the results do not fit the declared outputs.
    """
    if definition.signature.kind is FunctionKind.GENERATOR:
        return _checked(definition, returned)
    return _from_return(definition, returned)


def _checked(definition: OpDefinition, items: Generator[Any]) -> Generator[Result]:
    with closing(items):
        for item in items:
            yield checked_item(definition, item)


def checked_item(definition: OpDefinition, item: Any) -> Result:
    """Return what a generator yielded.

    :raises InvariantViolationError: when a generator may not yield it.
    """
    if isinstance(item, (Output, DynamicOutput, AssetMaterialization, AssetObservation)):
        return item
    raise InvariantViolationError(
        f"op {definition.name!r} yielded {_shown(item)}; a generator yields Output, "
        f"DynamicOutput or an asset event ({where(definition.compute_fn)})"
    )


def declared_output(
    definition: OpDefinition,
    result: Output[Any] | DynamicOutput[Any],
    given: Collection[tuple[str, str | None]],
) -> tuple[OutputDefinition, str | None]:
    """Return the declared output that a result is for, and its mapping key.

    :param given: name and mapping key of the outputs that were given before.
    :raises InvariantViolationError: when there is none such, it takes another kind of result, or
        was given already.
    """
    name = result.output_name
    out = definition.output_dict.get(name)
    mapping_key = result.mapping_key if isinstance(result, DynamicOutput) else None
    if out is None:
        known = ", ".join(definition.output_dict) or "none"
        raise InvariantViolationError(
            f"op {definition.name!r} gave an output {name!r}, which it does not declare; it "
            f"declares: {known} ({where(definition.compute_fn)})"
        )
    if out.is_dynamic != (mapping_key is not None):
        need = "a DynamicOutput" if out.is_dynamic else "an Output"
        raise InvariantViolationError(
            f"output {name!r} of op {definition.name!r} takes {need} "
            f"({where(definition.compute_fn)})"
        )
    if (name, mapping_key) in given:
        of = f" with mapping key {mapping_key!r}" if mapping_key else ""
        raise InvariantViolationError(
            f"op {definition.name!r} gave the output {name!r}{of} twice "
            f"({where(definition.compute_fn)})"
        )
    return out, mapping_key


def _from_return(definition: OpDefinition, value: Any) -> Generator[Result]:
    outs = definition.output_defs
    if len(outs) == 1:
        return _single(definition, outs[0], value)
    if not outs and value is not None:
        raise InvariantViolationError(
            f"op {definition.name!r} declares no output and returned {_shown(value)} "
            f"({where(definition.compute_fn)})"
        )
    return _positional(definition, outs, value if outs else ())


def _single(definition: OpDefinition, out: OutputDefinition, value: Any) -> Generator[Result]:
    if out.is_dynamic:
        yield from _dynamic(definition, out, value)
    elif isinstance(value, (Output, DynamicOutput)):
        yield value
    elif isinstance(value, (AssetMaterialization, AssetObservation)):
        raise _bare_event(definition)
    else:
        yield Output(value, out.name)


def _dynamic(definition: OpDefinition, out: OutputDefinition, value: Any) -> Generator[Result]:
    if isinstance(value, DynamicOutput):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, DynamicOutput) for item in value):
        raise InvariantViolationError(
            f"op {definition.name!r} returned {_shown(value)}; its dynamic output {out.name!r} "
            f"takes one DynamicOutput, or a list of them ({where(definition.compute_fn)})"
        )
    yield from value


def _positional(
    definition: OpDefinition, outs: Sequence[OutputDefinition], value: Any
) -> Generator[Result]:
    if value is None and all(out.type.is_nothing for out in outs):
        value = (None,) * len(outs)
    if not isinstance(value, tuple) or len(value) != len(outs):
        raise InvariantViolationError(
            f"op {definition.name!r} declares {len(outs)} outputs and returned {_shown(value)}; "
            f"return a tuple of {len(outs)} values ({where(definition.compute_fn)})"
        )
    for out, item in zip(outs, value, strict=True):
        if isinstance(item, (AssetMaterialization, AssetObservation)):
            raise _bare_event(definition)
        if not isinstance(item, (Output, DynamicOutput)) and not out.is_dynamic:
            yield Output(item, out.name)
        elif out.is_dynamic:
            yield from _dynamic(definition, out, item)
        elif isinstance(item, DynamicOutput):
            yield item
        elif item.output_name in (out.name, "result"):
            yield Output(item.value, out.name, item.metadata, item.data_version, tags=item.tags)
        else:
            raise InvariantViolationError(
                f"op {definition.name!r} returned the output {item.output_name!r} in the place "
                f"of {out.name!r} ({where(definition.compute_fn)})"
            )


def _bare_event(definition: OpDefinition) -> InvariantViolationError:
    return InvariantViolationError(
        f"op {definition.name!r} returned an asset event; yield it, or give it to "
        f"context.log_event ({where(definition.compute_fn)})"
    )


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text[:100]} ({type(value).__name__})"
