"""Values between steps: given, checked, stored, loaded; and what is told of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType, In, Instance, Nothing, Out, Output, RunStatus
from plugwork.errors import InvariantViolationError
from plugwork.model import (
    ErrorSource,
    HandledOutputData,
    StepFailureData,
    StepInputData,
    StepOutputData,
)
from plugwork_testkit.streams import Told, expected

Execute = Callable[..., Told]
CHAIN = 1000


@pw.op
def one() -> int:
    return 1


@pw.op
def add_one(number: int) -> int:
    return number + 1


@pw.op
def total(numbers: list[int]) -> int:
    return sum(numbers)


def failure_of(told: Told) -> StepFailureData:
    (entry,) = told.of_type(EventType.STEP_FAILURE)
    data = entry.get_event().event_specific_data
    assert isinstance(data, StepFailureData)
    return data


@pw.op(out={"a": Out(int, is_required=False), "b": Out(int, is_required=False)})
def branches() -> Iterator[Output[int]]:
    yield Output(1, "a")


@pw.op(out=pw.DynamicOut(int))
def keys() -> Iterator[pw.DynamicOutput[int]]:
    for number in range(3):
        yield pw.DynamicOutput(number, mapping_key=f"k{number}")


def test_a_mapping_key_given_twice_fails_the_step(execute: Execute) -> None:
    @pw.op(out=pw.DynamicOut(int))
    def same() -> Iterator[pw.DynamicOutput[int]]:
        yield pw.DynamicOutput(1, mapping_key="1")
        yield pw.DynamicOutput(2, mapping_key="1")

    @pw.job
    def repeating() -> None:
        same().map(add_one)

    error = failure_of(execute(repeating)).error
    assert error is not None
    assert error.cls_name == "InvariantViolationError"
    assert "with mapping key '1' twice" in error.message


def test_the_result_gives_the_outputs_of_nodes_of_mapped_ones_by_key(instance: Instance) -> None:
    @pw.job
    def mapped() -> None:
        total(keys().map(add_one).collect())

    result = mapped.execute_in_process(instance=instance)
    assert result.output_for_node("keys") == {"k0": 0, "k1": 1, "k2": 2}
    assert result.output_for_node("add_one") == {"k0": 1, "k1": 2, "k2": 3}
    assert result.output_for_node("total") == 6
    assert {e.step_key for e in result.events_for_node("add_one")} == {
        "add_one[k0]",
        "add_one[k1]",
        "add_one[k2]",
    }
    for node, output in (("nobody", "result"), ("total", "other")):
        with pytest.raises(InvariantViolationError, match=node):
            result.output_for_node(node, output)


def test_a_fan_in_leaves_out_a_skipped_member(instance: Instance) -> None:
    @pw.job
    def gathering() -> None:
        a, b = branches()
        total([add_one.alias("da")(a), add_one.alias("db")(b)])

    result = gathering.execute_in_process(instance=instance)
    assert result.output_for_node("total") == 2
    assert [event.step_key for event in result.get_step_skipped_events()] == ["db"]


def test_a_fan_in_of_skipped_members_alone_is_skipped(execute: Execute) -> None:
    @pw.job
    def gathering() -> None:
        _, b = branches()
        total([add_one.alias("da")(b), add_one.alias("db")(b)])

    steps = execute(gathering).steps
    assert steps[-3:] == ["da:SKIPPED", "db:SKIPPED", "total:SKIPPED"]


def test_a_skip_comes_before_a_failure_upstream(execute: Execute) -> None:
    @pw.op
    def fails() -> int:
        raise ValueError("no")

    @pw.op
    def add(left: int, right: int) -> int:
        return left + right

    @pw.job
    def both() -> None:
        _, b = branches()
        add(b, fails())

    told = execute(both)
    assert "add:SKIPPED" in told.steps
    assert told.abandoned == set()
    assert told.run.status is RunStatus.FAILURE


def test_none_is_a_value_also_of_an_optional_output(execute: Execute) -> None:
    @pw.op(out=Out(is_required=False))
    def gives_none():  # type: ignore[no-untyped-def]  # any value
        return None

    @pw.op
    def takes(value: Any) -> None:
        assert value is None

    @pw.job
    def passing() -> None:
        takes(gives_none())

    told = execute(passing)
    assert told.steps == expected("gives_none: START OUT SUCCESS", "takes: START IN OUTPUT SUCCESS")


def test_nothing_orders_steps_without_a_value(execute: Execute) -> None:
    ran: list[str] = []

    @pw.op
    def b_first() -> None:
        ran.append("first")

    @pw.op(ins={"start": In(Nothing)})
    def a_second() -> None:
        ran.append("second")

    @pw.job
    def ordered() -> None:
        a_second(start=b_first())

    told = execute(ordered)
    assert ran == ["first", "second"]
    assert told.steps == expected("b_first: START OUTPUT SUCCESS", "a_second: START OUTPUT SUCCESS")


def test_async_functions_and_generators_run_to_their_end(instance: Instance) -> None:
    @pw.op
    async def waits() -> int:
        await asyncio.sleep(0)
        return 4

    @pw.op(out={"a": Out(int), "b": Out(int)})
    async def yields(number: int) -> AsyncIterator[Output[int]]:
        yield Output(number, "a")
        await asyncio.sleep(0)
        yield Output(number + 1, "b")

    @pw.job
    def awaited() -> None:
        yields(waits())

    result = awaited.execute_in_process(instance=instance)
    assert result.output_for_node("yields", "a") == 4
    assert result.output_for_node("yields", "b") == 5


def test_an_async_generator_that_raises_keeps_what_it_gave(execute: Execute) -> None:
    @pw.op(out={"a": Out(int), "b": Out(int)})
    async def stops() -> AsyncIterator[Output[int]]:
        yield Output(1, "a")
        raise ValueError("half way")

    @pw.job
    def awaited() -> None:
        stops()

    told = execute(awaited)
    assert told.steps == expected("stops: START OUT FAILURE")
    error = failure_of(told).error
    assert error is not None
    assert error.cause is not None
    assert error.cause.message == "ValueError: half way\n"


class Shelf(pw.IOManager):
    """Fails where it is told to."""

    def __init__(self, fails_at: str = "", gives: Any = None) -> None:
        self.fails_at = fails_at
        self.gives = gives

    def handle_output(self, context: pw.OutputContext, obj: object) -> Any:
        if self.fails_at == "store":
            raise OSError("the shelf is full")
        return self.gives

    def load_input(self, context: pw.InputContext) -> int:
        if self.fails_at == "load":
            raise OSError("the shelf is empty")
        return 1


def on_shelf(shelf: Shelf) -> pw.JobDefinition:
    @pw.io_manager
    def manager() -> Shelf:
        return shelf

    @pw.job(resource_defs={"io_manager": manager})
    def shelved() -> None:
        add_one(one())

    return shelved


@pytest.mark.parametrize(
    ("fails_at", "lines", "cls_name"),
    [
        ("store", ["one: START OUTPUT FAILURE"], "HandleOutputError"),
        ("load", ["one: START OUT SUCCESS", "add_one: START FAILURE"], "LoadInputError"),
    ],
)
def test_an_io_manager_that_raises_fails_the_step(
    execute: Execute, fails_at: str, lines: list[str], cls_name: str
) -> None:
    told = execute(on_shelf(Shelf(fails_at)))
    assert told.steps == expected(*lines)
    data = failure_of(told)
    assert data.error is not None
    assert data.error.cls_name == cls_name
    assert data.error_source is ErrorSource.USER_CODE_ERROR


def test_an_io_manager_tells_of_what_it_stored(execute: Execute) -> None:
    told = execute(on_shelf(Shelf(gives={"shelf": 7})))
    handled = told.of_type(EventType.HANDLED_OUTPUT)[0].get_event().event_specific_data
    assert isinstance(handled, HandledOutputData)
    assert handled.manager_key == "io_manager"
    assert handled.metadata["shelf"].value == 7


@pytest.mark.parametrize("gives", [5, "text", [5]])
def test_an_io_manager_that_returns_something_else_is_told_so(execute: Execute, gives: Any) -> None:
    error = failure_of(execute(on_shelf(Shelf(gives=gives)))).error
    assert error is not None
    assert "a mapping of metadata" in error.message


def check_even(context: object, value: object) -> pw.TypeCheck:
    return pw.TypeCheck(value == 2, "not even", {"given": str(value)})


def check_badly(context: object, value: object) -> bool:
    raise ValueError("this check is broken")


def typed(check: Callable[[object, object], Any], **options: Any) -> pw.JobDefinition:
    even = pw.Type(check, name="Even")

    @pw.op(out=Out(even), **options)
    def gives():  # type: ignore[no-untyped-def]  # the type is in the decorator
        return 3

    @pw.job
    def checked() -> None:
        gives()

    return checked


def test_a_value_that_does_not_pass_is_told_and_not_stored_nor_tried_again(
    execute: Execute,
) -> None:
    told = execute(typed(check_even, retry_policy=pw.RetryPolicy(max_retries=2)))
    assert told.steps == expected("gives: START OUTPUT FAILURE")
    (entry,) = told.of_type(EventType.STEP_OUTPUT)
    data = entry.get_event().event_specific_data
    assert isinstance(data, StepOutputData)
    check = data.type_check_data
    assert (check.success, check.label, check.description) == (False, "Even", "not even")
    assert check.metadata["given"].value == "3"
    assert failure_of(told).error_source is ErrorSource.FRAMEWORK_ERROR


def test_a_check_that_raises_is_the_users_error(execute: Execute) -> None:
    told = execute(typed(check_badly))
    assert told.steps == expected("gives: START FAILURE")
    data = failure_of(told)
    assert data.error_source is ErrorSource.USER_CODE_ERROR
    assert data.error is not None
    assert data.error.cls_name == "TypeCheckError"


def test_an_input_that_does_not_pass_is_told(execute: Execute) -> None:
    even = pw.Type(check_even, name="Even")

    @pw.op(ins={"number": In(even)})
    def takes(number):  # type: ignore[no-untyped-def]  # the type is in the decorator
        pass

    @pw.job
    def checked() -> None:
        takes(one())

    told = execute(checked)
    assert told.steps == expected("one: START OUT SUCCESS", "takes: START IN FAILURE")
    (entry,) = told.of_type(EventType.STEP_INPUT)
    data = entry.get_event().event_specific_data
    assert isinstance(data, StepInputData)
    assert not data.type_check_data.success


def test_steps_of_one_level_run_by_priority_and_then_by_key(execute: Execute) -> None:
    @pw.job
    def level() -> None:
        one.alias("z_last")()
        one.alias("m_first").tag({"priority": "5"})()
        one.alias("a_second")()

    started = [word for word in execute(level).steps if word.endswith(":START")]
    assert started == ["m_first:START", "a_second:START", "z_last:START"]


def test_a_chain_of_a_thousand_steps_tells_each_once(instance: Instance) -> None:
    @pw.job
    def long() -> None:
        value = one()
        for _ in range(CHAIN - 1):
            value = add_one(value)

    result = long.execute_in_process(instance=instance)
    assert result.output_for_node(f"add_one_{CHAIN - 1}") == CHAIN
    ended = [e.step_key for e in result.all_events if e.event_type is EventType.STEP_SUCCESS]
    assert len(ended) == len(set(ended)) == CHAIN
    record = instance.get_run_record_by_id(result.run_id)
    assert record is not None
    assert record.summary.steps_succeeded == CHAIN


def test_a_failure_at_the_head_of_a_long_chain_abandons_all_of_it(execute: Execute) -> None:
    @pw.op
    def fails() -> int:
        raise ValueError("at once")

    @pw.job
    def long() -> None:
        value = fails()
        for _ in range(CHAIN - 1):
            value = add_one(value)

    told = execute(long)
    assert told.run.status is RunStatus.FAILURE
    assert told.steps == expected("fails: START FAILURE")
    assert len(told.abandoned) == CHAIN - 1
