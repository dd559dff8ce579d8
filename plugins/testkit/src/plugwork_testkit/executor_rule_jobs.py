"""Jobs that try the rules of execution; other processes import them from here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

from plugwork import (
    AssetKey,
    AssetMaterialization,
    Backoff,
    DynamicOut,
    DynamicOutput,
    Failure,
    HookContext,
    Jitter,
    OpExecutionContext,
    Out,
    Output,
    RetryPolicy,
    RetryRequested,
    failure_hook,
    graph,
    job,
    op,
    success_hook,
)
from plugwork_testkit.executor_jobs import (
    add,
    add_one,
    branches,
    fails,
    one,
    perhaps_keys,
    total,
)

# Skip, abandon, execute.


@job
def all_skipped() -> None:
    _, b = branches.alias("branch")()
    total([add_one.alias("da")(b), add_one.alias("db")(b)])


@job
def skipped_beside_failed() -> None:
    _, b = branches.alias("branch")()
    total([add_one.alias("db")(b), fails.alias("bad")()])


@job
def skipped_before_abandoned() -> None:
    _, b = branches.alias("branch")()
    add.alias("both")(b, fails.alias("bad")())


@op(out=DynamicOut(int))
def fails_to_fan_out() -> Iterator[DynamicOutput[int]]:
    yield DynamicOutput(1, mapping_key="k0")
    raise ValueError("after the first dynamic output")


@job
def failed_origin() -> None:
    total.alias("tot")(fails_to_fan_out.alias("gen")().map(add_one.alias("mul")).collect())


@op(out=DynamicOut(int))
def keys_of_three() -> list[DynamicOutput[int]]:
    return [DynamicOutput(number, mapping_key=f"k{number}") for number in range(3)]


@job
def mapped_twice() -> None:
    gen = keys_of_three.alias("gen")()
    total.alias("tot")(gen.map(add_one.alias("mul")).map(add_one.alias("mul2")).collect())


@op(out=DynamicOut(int))
def keys_after(number: int) -> Iterator[DynamicOutput[int]]:
    yield DynamicOutput(number, mapping_key="k0")


@job
def skipped_origin() -> None:
    _, b = branches.alias("branch")()
    total.alias("tot")(keys_after.alias("gen")(b).map(add_one.alias("mul")).collect())


@job
def absent_dynamic() -> None:
    add_one.alias("after")(total.alias("tot")(perhaps_keys.alias("gen")().collect()))


# Keys and order.


@graph
def pair(number: int) -> Any:
    return add_one(add_one(number))


@job
def nested() -> None:
    pair.alias("g")(add_one(one()))


@op
def a_op() -> None:
    pass


@op
def z_op() -> None:
    pass


@job
def in_key_order() -> None:
    z_op()
    a_op()


@job
def by_priority() -> None:
    a_op.tag({"priority": "0"})()
    z_op.tag({"priority": "5"})()


# What a function may return.


@op(out={"first": Out(int), "second": Out(int)})
def two() -> tuple[int, int]:
    return 1, 2


@job
def returns_two() -> None:
    first, second = two()
    add(first, second)


@op(out=Out(is_required=False))
def gives_none():  # type: ignore[no-untyped-def]  # an output of any type
    return None


@op
def takes(value: Any) -> None:
    if value is not None:
        raise Failure(f"expected None, got {value!r}")


@job
def returns_none() -> None:
    takes(gives_none())


@op
async def one_async() -> int:
    await asyncio.sleep(0)
    return 1


@op(out={"first": Out(int), "second": Out(int, is_required=False)})
async def yields_async() -> AsyncIterator[Output[int]]:
    await asyncio.sleep(0)
    yield Output(1, "first")
    await asyncio.sleep(0)


@op(out=DynamicOut(int))
async def keys_async() -> AsyncIterator[DynamicOutput[int]]:
    for number in range(2):
        await asyncio.sleep(0)
        yield DynamicOutput(number, mapping_key=f"k{number}")


@op
async def add_one_async(number: int) -> int:
    return number + 1


@job
def asynchronous() -> None:
    first, second = yields_async()
    add(add_one_async(one_async()), first)
    add_one.alias("never")(second)
    total.alias("tot")(keys_async().map(add_one_async.alias("mul")).collect())


@op(retry_policy=RetryPolicy(max_retries=1))
async def fails_once_async(context: OpExecutionContext) -> int:
    await asyncio.sleep(0)
    if context.retry_number == 0:
        raise ValueError("the first attempt fails")
    return 1


@job
def retried_async() -> None:
    add_one(fails_once_async())


@op(out={"first": Out(int), "second": Out(int)})
async def half_async() -> AsyncIterator[Output[int]]:
    yield Output(1, "first")
    raise ValueError("after the first output")


@job
def half_way_async() -> None:
    half_async()


KEY = AssetKey(["testkit", "thing"])


@op
def tells(context: OpExecutionContext) -> Iterator[Any]:
    context.log_event(AssetMaterialization(KEY))
    yield AssetMaterialization(KEY)
    yield Output(1)


@job
def telling() -> None:
    tells()


# Mistakes.


@op(out={"first": Out(int), "second": Out(int)})
def too_few():  # type: ignore[no-untyped-def]  # on purpose
    return (1,)


@op(out={"first": Out(int), "second": Out(int)})
def no_tuple():  # type: ignore[no-untyped-def]
    return 1


@op(out=Out(int))
def returns_event():  # type: ignore[no-untyped-def]
    return AssetMaterialization(KEY)


@op(out={"first": Out(int)})
def unknown_output() -> Iterator[Output[int]]:
    yield Output(1, "last")


@op(out=Out(int))
def twice() -> Iterator[Output[int]]:
    yield Output(1)
    yield Output(2)


@op(out=Out(int))
def dynamic_for_plain() -> Iterator[Any]:
    yield DynamicOutput(1, mapping_key="k")


@op(out=DynamicOut(int))
def plain_for_dynamic() -> Iterator[Any]:
    yield Output(1)


@op(out=DynamicOut(int))
def same_key() -> Iterator[DynamicOutput[int]]:
    yield DynamicOutput(1, mapping_key="k")
    yield DynamicOutput(2, mapping_key="k")


@op(out=Out(int))
async def yields_values() -> AsyncIterator[Any]:
    yield 1


@job
def mistaken() -> None:
    too_few()
    no_tuple()
    returns_event()
    unknown_output()
    twice()
    dynamic_for_plain()
    plain_for_dynamic()
    same_key()
    yields_values()


# Retries.


@op(retry_policy=RetryPolicy(max_retries=3, delay=0.01))
def after_equal_delays() -> None:
    raise ValueError("on purpose")


@op(retry_policy=RetryPolicy(max_retries=3, delay=0.01, backoff=Backoff.LINEAR))
def after_linear_delays() -> None:
    raise ValueError("on purpose")


@op(retry_policy=RetryPolicy(max_retries=3, delay=0.01, backoff=Backoff.EXPONENTIAL))
def after_growing_delays() -> None:
    raise ValueError("on purpose")


@op(retry_policy=RetryPolicy(max_retries=3, delay=0.01, jitter=Jitter.FULL))
def after_any_delay() -> None:
    raise ValueError("on purpose")


@op(retry_policy=RetryPolicy(max_retries=3, delay=0.01, jitter=Jitter.PLUS_MINUS))
def after_about_a_delay() -> None:
    raise ValueError("on purpose")


@job
def delayed() -> None:
    after_equal_delays()
    after_linear_delays()
    after_growing_delays()
    after_any_delay()
    after_about_a_delay()


@op
def requests() -> None:
    raise RetryRequested(max_retries=1)


@op(retry_policy=RetryPolicy(max_retries=1))
def tried_by_policy() -> None:
    raise ValueError("on purpose")


@op(retry_policy=RetryPolicy(max_retries=1))
def gives_up_late() -> None:
    raise Failure("no use", metadata={"why": "on purpose"})


@op(out=Out(int), retry_policy=RetryPolicy(max_retries=1))
def lies_again():  # type: ignore[no-untyped-def]  # the value is not of the declared type
    return "text"


@job
def out_of_attempts() -> None:
    requests()
    tried_by_policy()
    gives_up_late()
    lies_again()


# Hooks.


@success_hook
def on_success(context: HookContext) -> None:
    context.log.info("%s succeeded", context.step_key)


@failure_hook
def raises_on_failure(context: HookContext) -> None:
    raise ValueError("a hook that fails")


@op(retry_policy=RetryPolicy(max_retries=1))
def fails_at_first(context: OpExecutionContext) -> int:
    if context.retry_number == 0:
        raise ValueError("the first attempt fails")
    return 1


@job(hooks={on_success, raises_on_failure})
def hooked() -> None:
    fails.alias("bad")()
    one.alias("good")()
    fails_at_first.alias("again")()


# Output.


@op(retry_policy=RetryPolicy(max_retries=1))
def talks(context: OpExecutionContext) -> None:
    me = f"{context.step_key}@{context.retry_number + 1}"
    print(f"{me} prints")
    print(f"{me} complains", file=sys.stderr)
    context.log.info("%s tells", me)
    if context.retry_number == 0:
        raise ValueError("the first attempt fails")


@job
def talking() -> None:
    talks.alias("a")()
    talks.alias("b")()
