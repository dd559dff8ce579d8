"""Unit tests of ops: direct calls, contexts, mocked resources, async ops."""

import asyncio

import plugwork as dg


@dg.op
def add(left: int, right: int = 2) -> int:
    return left + right


@dg.op(config_schema={"factor": int}, required_resource_keys={"base"})
def scaled(context, number: int) -> int:
    context.log.info("scaling")
    return context.resources.base + number * context.op_config["factor"]


class Words(dg.Config):
    text: str


@dg.op
def count(config: Words) -> int:
    return len(config.text.split())


@dg.op
async def fetch(url: str) -> str:
    await asyncio.sleep(0)
    return f"<{url}>"


@dg.op(out={"a": dg.Out(), "b": dg.Out()})
def pair():
    yield dg.Output(1, "a")
    yield dg.Output(2, "b")


assert add(1) == 3
assert add(left=1, right=5) == 6
context = dg.build_op_context(op_config={"factor": 3}, resources={"base": 100})
assert scaled(context, 4) == 112
assert count(Words(text="one two three")) == 3
assert asyncio.run(fetch("u")) == "<u>"
assert [one.value for one in pair()] == [1, 2]


@dg.resource
def clock(init_context):
    yield "ticking"


@dg.op(required_resource_keys={"clock"})
def look(context):
    return context.resources.clock


with dg.build_op_context(resources={"clock": clock}) as context:
    assert look(context) == "ticking"

made = clock(dg.build_init_resource_context())
with made as value:
    assert value == "ticking"
