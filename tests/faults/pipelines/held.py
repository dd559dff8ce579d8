"""A step that waits for the test, and tells what became of it."""

from __future__ import annotations

import signs

from plugwork import OpExecutionContext, RetryPolicy, job, op


def _hold(context: OpExecutionContext) -> int:
    print("printed before the fault")
    context.log.info("logged before the fault")
    try:
        signs.hold("go-on")
    finally:
        signs.give(f"finally.{context.retry_number}")
    return 1


@op
def holds(context: OpExecutionContext) -> int:
    return _hold(context)


@op(retry_policy=RetryPolicy(max_retries=3))
def holds_with_retries(context: OpExecutionContext) -> int:
    return _hold(context)


@op
def stubborn() -> int:
    while True:
        try:
            signs.hold("never")
        except BaseException:  # noqa: BLE001 - this is what it is for
            signs.give("ignored")


@op
def after(number: int) -> int:
    signs.give("after")
    return number + 1


@job
def held() -> None:
    after(holds())


@job
def retried() -> None:
    after(holds_with_retries())


@job
def unstoppable() -> None:
    after(stubborn())
