"""The smallest pipeline with a dependency: what a fresh install must be able to run."""

from __future__ import annotations

from plugwork import job, op


@op
def one() -> int:
    return 1


@op
def add_one(number: int) -> int:
    return number + 1


@job
def tiny() -> None:
    add_one(one())
