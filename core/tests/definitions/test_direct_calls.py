from __future__ import annotations

import asyncio

import pytest

from plugwork import Config, ConfigurableResource, In, Nothing, Output, op
from plugwork.errors import InvalidInvocationError


class Step(Config):
    by: int


class Store(ConfigurableResource):
    base: int


@op
def add(context, x: int, y: int = 3) -> int:
    return x + y


def test_calling_an_op_runs_its_function() -> None:
    assert add(None, 1) == 4
    assert add(None, 1, y=1) == 2
    assert add(context=None, x=1, y=2) == 3


def test_config_and_resources_come_by_name() -> None:
    @op
    def f(config: Step, store: Store, x: int) -> int:
        return x * config.by + store.base

    assert f(2, config=Step(by=10), store=Store(base=1)) == 21


def test_a_generator_and_a_coroutine_are_the_callers_to_run() -> None:
    @op
    def many():
        yield Output(1)

    @op
    async def later(x: int) -> int:
        return x

    assert [one.value for one in many()] == [1]
    assert asyncio.run(later(5)) == 5


def test_an_order_only_input_may_be_named_and_is_not_passed() -> None:
    @op(ins={"after": In(Nothing)})
    def f(x):
        return x

    assert f(1, after=None) == 1


def test_a_call_without_context_tells_what_to_give() -> None:
    with pytest.raises(InvalidInvocationError, match="takes a context"):
        add()


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((None,), {}, "needs the input 'x'"),
        ((None, 1, 2, 3), {}, "takes 2 inputs, got 3"),
        ((None, 1), {"x": 2}, "'x' is given twice"),
        ((None, 1), {"z": 2}, "no input 'z'"),
    ],
)
def test_a_wrong_direct_call_names_the_argument(
    args: tuple[object, ...], kwargs: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInvocationError, match=message):
        add(*args, **kwargs)


def test_a_missing_resource_is_named() -> None:
    @op
    def f(store: Store): ...

    with pytest.raises(InvalidInvocationError, match="needs 'store': give it by name"):
        f()
