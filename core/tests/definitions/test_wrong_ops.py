"""Wrong use of ops, their parts and types: the error names the object and its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import plugwork as pw
from plugwork.errors import CheckError, InvalidDefinitionError


class Store(pw.ConfigurableResource):
    url: str = "none"


class Settings(pw.Config):
    size: int = 1


def plain(x): ...


def op_of(fn: Callable[..., Any] = plain, **settings: Any) -> Callable[[], object]:
    return lambda: pw.op(**settings)(fn)


def context_second(x, context): ...


def any_number(*args): ...


def by_place(x, /): ...


def untyped_config(config): ...


def typed_config(config: Settings): ...


def with_store(store: Store): ...


def bad_annotation(x: 3): ...  # type: ignore[valid-type]  # what the test is for


def reserved(input): ...  # noqa: A002 - what the test is for


def default_of_other_type(x: int = "one"): ...  # type: ignore[assignment]  # what the test is for


def default_of_other_members(x: list[int] = ["one"]): ...  # type: ignore[list-item]  # noqa: B006


def three() -> tuple[int, int, int]:
    return 1, 2, 3


WRONG_OPS: dict[str, tuple[Callable[[], object], str]] = {
    "name": (op_of(name="a-b"), "op 'a-b'"),
    "name is reserved": (op_of(name="input"), "op 'input'"),
    "name is no text": (op_of(name=3), "op 3"),
    "context second": (op_of(context_second), "'context' must be the first parameter"),
    "any number of arguments": (op_of(any_number), "'args' cannot be given by name"),
    "by place only": (op_of(by_place), "'x' cannot be given by name"),
    "untyped config": (op_of(untyped_config), "'config' needs the annotation"),
    "config twice": (op_of(typed_config, config_schema={"a": int}), "give one of them"),
    "bad config schema": (op_of(config_schema=3), "3 is not a config type"),
    "resources twice": (op_of(with_store, required_resource_keys={"db"}), "one of the two ways"),
    "resource as input": (op_of(with_store, ins={"store": pw.In(int)}), "'store' is a resource"),
    "resource keys as text": (op_of(required_resource_keys="db"), "must be a set of names"),
    "reserved input": (op_of(reserved), "'input' is no name for the input"),
    "bad input name": (op_of(lambda **kw: None, name="f", ins={"a b": pw.In(int)}), "'a b'"),
    "unknown input": (op_of(ins={"z": pw.In(int)}), "ins has 'z'"),
    "input is no In": (op_of(ins={"x": int}), "ins['x'] must be an In"),
    "ins is no dictionary": (op_of(ins=[pw.In(int)]), "ins must be a dictionary"),
    "Nothing as parameter": (op_of(ins={"x": pw.In(pw.Nothing)}), "'x' is Nothing"),
    "annotation is no type": (op_of(bad_annotation), "3 is no type"),
    "default of other type": (op_of(default_of_other_type), "expected int, got 'one'"),
    "default of other members": (op_of(default_of_other_members), "at 0: expected int"),
    "In default": (op_of(ins={"x": pw.In(int, default_value="a")}), "the default does not fit"),
    "out is no Out": (op_of(out=int), "out must be an Out"),
    "outs are no Outs": (op_of(out={"a": int}), "out must be an Out"),
    "bad output name": (op_of(out={"a b": pw.Out()}), "'a b'"),
    "reserved output": (op_of(out={"type": pw.Out()}), "'type' is no name for the output"),
    "arity of the annotation": (op_of(three, out={"a": pw.Out(), "b": pw.Out()}), "3 values"),
    "retry policy": (op_of(retry_policy=3), "retry_policy must be a RetryPolicy"),
    "pool": (op_of(pool=3), "pool must be text"),
    "code version": (op_of(code_version=3), "code_version must be text"),
    "two versions": (op_of(code_version="2", version="1"), "older name"),
    "tag": (op_of(tags={"a": object()}), "tag 'a'"),
    "parameters unknown": (lambda: pw.OpDefinition(dict.fromkeys, "f"), "op 'f'"),
}


@pytest.mark.parametrize(("make", "message"), WRONG_OPS.values(), ids=WRONG_OPS)
def test_a_wrong_op_is_told_with_its_name_and_place(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(InvalidDefinitionError) as raised:
        make()
    text = str(raised.value)
    assert message in text
    assert "op '" in text or "op 3" in text
    assert "test_wrong_ops.py:" in text or "fromkeys" in text


WRONG_PARTS: dict[str, tuple[Callable[[], object], str]] = {
    "In of a value": (lambda: pw.In(3), "In: 3 is no type"),
    "In of Nothing with default": (
        lambda: pw.In(pw.Nothing, default_value=1),
        "In: an input of type Nothing",
    ),
    "In with a manager": (lambda: pw.In(input_manager_key=Store), "In: input_manager_key must be"),
    "Out of a value": (lambda: pw.Out(3), "Out: 3 is no type"),
    "Out that is required perhaps": (lambda: pw.Out(is_required="no"), "Out: is_required must be"),
    "Out with a manager": (lambda: pw.Out(io_manager_key=3), "Out: io_manager_key must be"),
    "DynamicOut": (lambda: pw.DynamicOut(code_version=3), "DynamicOut: code_version must be"),
    "mapping key": (lambda: pw.DynamicOutput(1, mapping_key="a-b"), "'a-b' is no name"),
    "Type without name": (lambda: pw.Type(lambda _, __: True), "needs a name or a key"),
    "Type of one argument": (lambda: pw.Type(lambda one: True, name="T"), "Type 'T'"),
    "Type without function": (lambda: pw.Type(3, name="T"), "type_check_fn of Type 'T'"),
    "Type with a function as loader": (
        lambda: pw.Type(lambda _, __: True, name="T", loader=plain),
        "loader of Type 'T' must be a TypeLoader",
    ),
    "Type with a key as text": (
        lambda: pw.Type(lambda _, __: True, name="T", required_resource_keys="db"),
        "required_resource_keys of Type 'T'",
    ),
    "PythonObjectType": (lambda: pw.PythonObjectType(3), "python_type of a PythonObjectType"),
    "bare Optional": (lambda: pw.In(pw.Optional), "Optional needs a type in brackets"),
    "loader of no argument": (lambda: pw.type_loader(int)(lambda: 1), "type loader"),
    "class that is none": (
        lambda: pw.make_python_type_usable_as_type(3, pw.Int),
        "a class and a Type are needed",
    ),
    "op over an op": (lambda: pw.op(pw.op(plain)), "@op stands over a function"),
    "op over a value": (lambda: pw.op(3), "@op stands over a function"),
}


@pytest.mark.parametrize(("make", "message"), WRONG_PARTS.values(), ids=WRONG_PARTS)
def test_a_wrong_part_of_an_op_is_told_with_its_place(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(InvalidDefinitionError) as raised:
        make()
    assert message in str(raised.value)
    assert "test_wrong_ops.py:" in str(raised.value)


def test_values_of_outputs_are_checked_where_they_are_made() -> None:
    with pytest.raises(CheckError, match="data_version of an Output"):
        pw.Output(1, data_version="1")  # type: ignore[arg-type]  # what the test is for
    with pytest.raises(CheckError, match="success of a TypeCheck"):
        pw.TypeCheck("yes")  # type: ignore[arg-type]  # what the test is for


def returns_one() -> int:
    return 1


def returns_undeclared() -> object:
    return pw.Output(1, "other")


def returns_event() -> object:
    return pw.AssetMaterialization("a")


def returns_event_in_a_tuple() -> object:
    return 1, pw.AssetMaterialization("a")


def yields_value() -> Iterator[object]:
    yield 1


def returns_swapped() -> object:
    return pw.Output(1, "b"), pw.Output(2, "a")


TWO = {"a": pw.Out(), "b": pw.Out()}
WRONG_RESULTS: dict[str, tuple[Callable[..., Any], Any, str]] = {
    "one for two": (returns_one, TWO, "declares 2 outputs and returned 1"),
    "one for none": (returns_one, {}, "declares no output and returned 1"),
    "one that is not declared": (returns_undeclared, None, "'other'"),
    "an event": (returns_event, None, "returned an asset event"),
    "an event among values": (returns_event_in_a_tuple, TWO, "returned an asset event"),
    "a yielded value": (yields_value, None, "yielded 1 (int)"),
    "outputs in other places": (returns_swapped, TWO, "in the place of 'a'"),
    "a value for a dynamic output": (returns_one, pw.DynamicOut(), "takes one DynamicOutput"),
}


@pytest.mark.needs_plugins
@pytest.mark.parametrize(("fn", "out", "message"), WRONG_RESULTS.values(), ids=WRONG_RESULTS)
def test_a_wrong_result_names_the_op_and_its_place(
    fn: Callable[..., Any], out: Any, message: str
) -> None:
    wrong = pw.op(name="wrong", out=out)(fn)

    @pw.job
    def running() -> None:
        wrong()

    with pytest.raises(pw.InvariantViolationError) as raised:
        running.execute_in_process()
    assert "op 'wrong'" in str(raised.value)
    assert message in str(raised.value)
    assert "test_wrong_ops.py:" in str(raised.value)
