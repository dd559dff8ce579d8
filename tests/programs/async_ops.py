"""Async ops beside sync ones in one job."""

import asyncio

import plugwork as dg


@dg.op
async def fetch() -> int:
    await asyncio.sleep(0.001)
    return 20


@dg.op(out={"a": dg.Out(int), "b": dg.Out(int)})
async def stream():
    yield dg.Output(1, "a")
    await asyncio.sleep(0)
    yield dg.Output(2, "b")


@dg.op
def add(left: int, right: int, more: int) -> int:
    return left + right + more


@dg.job
def mixed():
    a, b = stream()
    add(fetch(), a, b)


assert mixed.execute_in_process().output_for_node("add") == 23
