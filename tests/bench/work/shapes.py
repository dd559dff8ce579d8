"""The measured jobs. Both frameworks take the same words, so both are given the same code."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable
from typing import Any

Decorator = Callable[..., Any]
#: Seconds that a step of the shape ``sleeping`` sleeps.
SLEEP = 0.05
#: Graphs around the steps of the shape ``nested``.
DEPTH = 10


def build_job(framework: types.ModuleType, shape: str, count: int, **options: Any) -> Any:
    """Return a job of no-op steps.

    :param framework: whose ``op`` and ``job`` are used.
    :param shape: ``chain``: each step takes the value of the one before; ``fan-out``: each takes
        the first one's; ``async``: as a fan-out, of async functions; ``sleeping``: of those that
        sleep for ``SLEEP`` seconds; ``mapped``: each takes a dynamic output of the first one;
        ``nested``: a fan-out in graphs ten deep.
    :param count: steps in all.
    :param options: of the ``job`` decorator.
    """
    if shape == "mapped":
        return _build_mapped(framework, count, **options)
    if shape == "nested":
        return _build_nested(framework, count, **options)
    op: Decorator = framework.op
    job: Decorator = framework.job(**options)

    @op
    def first() -> int:
        return 1

    @op
    def step(value: int) -> int:
        return value

    @op
    async def step_async(value: int) -> int:
        return value

    @op
    async def step_sleeping(value: int) -> int:
        await asyncio.sleep(SLEEP)
        return value

    step = {"async": step_async, "sleeping": step_sleeping}.get(shape, step)

    @job
    def steps() -> None:
        value = source = first()
        for number in range(1, count):
            given = value if shape == "chain" else source
            value = step.alias(f"step_{number}")(given)

    return steps


def _build_mapped(framework: types.ModuleType, count: int, **options: Any) -> Any:
    op: Decorator = framework.op
    job: Decorator = framework.job(**options)

    @op(out=framework.DynamicOut(int))
    def first():  # type: ignore[no-untyped-def]  # each framework has its own classes
        for number in range(count):
            yield framework.DynamicOutput(number, mapping_key=str(number))

    @op
    def step(value: int) -> int:
        return value

    @job
    def steps() -> None:
        first().map(step)

    return steps


def _build_nested(framework: types.ModuleType, count: int, **options: Any) -> Any:
    op: Decorator = framework.op
    job: Decorator = framework.job(**options)
    graph: Decorator = framework.graph

    @op
    def first() -> int:
        return 1

    @op
    def step(value: int) -> int:
        return value

    @graph(name="level_1")
    def innermost(value):  # type: ignore[no-untyped-def]  # a handle
        given = [step.alias(f"step_{number}")(value) for number in range(1, count)]
        return given[-1]

    def around(inner: Any, level: int) -> Any:
        @graph(name=f"level_{level}")
        def outer(value):  # type: ignore[no-untyped-def]  # a handle
            return inner(value)

        return outer

    outermost = innermost
    for level in range(2, DEPTH + 1):
        outermost = around(outermost, level)

    @job
    def steps() -> None:
        outermost(first())

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
