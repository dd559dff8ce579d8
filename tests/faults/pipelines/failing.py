"""Five steps of which the third raises."""

from __future__ import annotations

import signs

from plugwork import OpExecutionContext, job, op


@op
def first() -> int:
    return 1


@op
def second(number: int) -> int:
    return number + 1


@op
def third(context: OpExecutionContext, number: int) -> int:
    context.log.warning("about to divide")
    signs.give("third")
    return number // 0


@op
def fourth(number: int) -> int:
    signs.give("fourth")
    return number


@op
def fifth(number: int) -> int:
    signs.give("fifth")
    return number


@job
def failing() -> None:
    fifth(fourth(third(second(first()))))
