"""Three steps: numbers are made, added up, and told."""

from __future__ import annotations

from plugwork import Config, OpExecutionContext, job, op


class HowMany(Config):
    count: int = 10


@op
def make_numbers(config: HowMany) -> list[int]:
    return list(range(config.count))


@op
def add_up(numbers: list[int]) -> int:
    return sum(numbers)


@op
def tell(context: OpExecutionContext, total: int) -> None:
    context.log.info(f"the total is {total}")
    print(f"the total is {total}")


@job
def hello() -> None:
    tell(add_up(make_numbers()))
