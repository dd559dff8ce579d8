"""The jobs that every executor must be able to drive; other processes import them from here."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from plugwork import (
    Backoff,
    DynamicOut,
    DynamicOutput,
    Failure,
    In,
    InitResourceContext,
    Nothing,
    OpExecutionContext,
    Out,
    Output,
    RetryPolicy,
    RetryRequested,
    job,
    op,
    resource,
)


@op
def one() -> int:
    return 1


@op
def add_one(number: int) -> int:
    return number + 1


@op
def add(left: int, right: int = 10) -> int:
    return left + right


@op
def total(numbers: list[int]) -> int:
    return sum(numbers)


@op(config_schema={"expected": int})
def expects(context: OpExecutionContext, number: int) -> None:
    expected = context.op_config["expected"]
    if number != expected:
        raise Failure(f"expected {expected}, got {number}")


@job(config={"ops": {"expects": {"config": {"expected": 14}}}})
def diamond() -> None:
    start = add_one(one())
    expects(total([add.alias("left")(start), start]))


@op(retry_policy=RetryPolicy(max_retries=1))
def fails_once(context: OpExecutionContext) -> int:
    if context.retry_number == 0:
        raise ValueError("the first attempt fails")
    return 1


@job
def retried() -> None:
    add_one(fails_once())


@op
def requests_retries() -> None:
    raise RetryRequested(max_retries=2)


@job
def exhausted() -> None:
    requests_retries()


@op(retry_policy=RetryPolicy(max_retries=1, delay=0.01, backoff=Backoff.LINEAR))
def gives_up() -> None:
    raise Failure("no use", allow_retries=False)


@job
def given_up() -> None:
    gives_up()


@op
def fails() -> int:
    raise ValueError("this op fails")


@job
def failing() -> None:
    add_one.alias("d2")(add_one.alias("d1")(fails.alias("bad")()))
    one.alias("indep")()


@op(out={"a": Out(int, is_required=False), "b": Out(int, is_required=False)})
def branches() -> Iterator[Output[int]]:
    yield Output(1, "a")


@job
def branching() -> None:
    a, b = branches.alias("branch")()
    add_one.alias("da")(a)
    add_one.alias("d2")(add_one.alias("db")(b))


@job
def gathering() -> None:
    a, b = branches.alias("branch")()
    total([add_one.alias("da")(a), add_one.alias("db")(b)])


@op(out=DynamicOut(int))
def keys() -> Iterator[DynamicOutput[int]]:
    for number in range(2):
        yield DynamicOutput(number, mapping_key=f"k{number}")


@op
def fails_for_one(number: int) -> int:
    if number == 1:
        raise ValueError("one of the mapped steps fails")
    return number


@op(out=DynamicOut(int))
def no_keys() -> Iterator[DynamicOutput[int]]:
    yield from ()


@op(out=DynamicOut(int, is_required=False))
def perhaps_keys() -> Iterator[DynamicOutput[int]]:
    yield from ()


@job
def mapped() -> None:
    total.alias("tot")(keys.alias("gen")().map(add_one.alias("mul")).collect())


@job
def mapped_with_failure() -> None:
    total.alias("tot")(keys.alias("gen")().map(fails_for_one.alias("mul")).collect())


@job
def mapped_over_nothing() -> None:
    total.alias("tot")(no_keys.alias("gen")().map(add_one.alias("mul")).collect())


@job
def mapped_over_nothing_given() -> None:
    total.alias("tot")(perhaps_keys.alias("gen")().map(add_one.alias("mul")).collect())


@op(out={"first": Out(int), "second": Out(int)})
def stops_half_way() -> Iterator[Output[int]]:
    yield Output(1, "first")
    raise ValueError("after the first output")


@job
def half_way() -> None:
    first, _ = stops_half_way.alias("half")()
    add_one(first)


@op(out={"first": Out(int), "second": Out(int)})
def leaves_out() -> Iterator[Output[int]]:
    yield Output(1, "first")


@job
def incomplete() -> None:
    leaves_out()


@op(out={})
def gives_nothing() -> None:
    pass


@op(ins={"after": In(Nothing)})
def comes_after() -> None:
    pass


@op
def is_none() -> None:
    pass


@job
def bare() -> None:
    gives_nothing()


@job
def ordered() -> None:
    comes_after(after=is_none())


@job
def empty() -> None:
    pass


@op(out=Out(int))
def lies():  # type: ignore[no-untyped-def]  # the value is not of the declared type
    return "text"


@job
def bad_output() -> None:
    lies()


@op
def gives_anything():  # type: ignore[no-untyped-def]  # nothing is checked here
    return "text"


@job
def bad_input() -> None:
    add_one(gives_anything())


@op
def exits() -> None:
    sys.exit(3)


@job
def exiting() -> None:
    exits()


@resource
def broken(context: InitResourceContext) -> None:
    raise ValueError("this resource cannot be made")


@resource
def clingy(context: InitResourceContext) -> Iterator[int]:
    yield 1
    raise ValueError("this resource cannot be torn down")


@op(required_resource_keys={"thing"})
def uses_thing() -> None:
    pass


@job(resource_defs={"thing": broken})
def without_resource() -> None:
    uses_thing()


@job(resource_defs={"thing": clingy})
def with_clingy_resource() -> None:
    uses_thing()
