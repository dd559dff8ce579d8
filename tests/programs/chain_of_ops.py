"""Two ops, one feeding the other, and a tree of uses of one op."""

import plugwork as dg


@dg.op
def one() -> int:
    return 1


@dg.op
def add(left: int, right: int) -> int:
    return left + right


@dg.op
def shout(context: dg.OpExecutionContext, number: int) -> str:
    context.log.info(f"got {number}")
    return f"{number}!"


@dg.job
def arithmetic():
    shout(add(add(one(), one()), one()))


result = arithmetic.execute_in_process()
assert result.success
assert result.output_for_node("add") == 2
assert result.output_for_node("add_2") == 3
assert result.output_for_node("shout") == "3!"
assert {event.step_key for event in result.all_node_events} == {
    "one",
    "one_2",
    "one_3",
    "add",
    "add_2",
    "shout",
}
