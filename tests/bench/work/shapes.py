"""The measured jobs. Both frameworks take the same words, so both are given the same code."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

Decorator = Callable[[Callable[..., Any]], Any]


def build_job(framework: types.ModuleType, shape: str, count: int, **options: Any) -> Any:
    """Return a job of no-op steps.

    :param framework: whose ``op`` and ``job`` are used.
    :param shape: ``chain``: each step takes the value of the one before; ``fan-out``: each takes
        the first one's.
    :param count: steps in all.
    :param options: of the ``job`` decorator.
    """
    op: Decorator = framework.op
    job: Decorator = framework.job(**options)

    @op
    def first() -> int:
        return 1

    @op
    def step(value: int) -> int:
        return value

    @job
    def steps() -> None:
        value = source = first()
        for number in range(1, count):
            given = value if shape == "chain" else source
            value = step.alias(f"step_{number}")(given)

    return steps


def build_talking_job(framework: types.ModuleType) -> Any:
    """Return a job of one step that logs as many lines as its config says."""
    op: Decorator = framework.op(config_schema={"lines": int})
    job: Decorator = framework.job

    @op
    def talk(context) -> None:  # type: ignore[no-untyped-def]  # each framework has its own class
        for number in range(context.op_config["lines"]):
            context.log.info(f"line {number} of a step that has much to say")

    @job
    def talking() -> None:
        talk()

    return talking
