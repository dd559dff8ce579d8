"""Conditional branches: outputs that are not given skip what needs them."""

import plugwork as dg


@dg.op(out={"even": dg.Out(is_required=False), "odd": dg.Out(is_required=False)})
def route():
    number = 4
    if number % 2:
        yield dg.Output(number, "odd")
    else:
        yield dg.Output(number, "even")


@dg.op
def halve(number):
    return number // 2


@dg.op
def triple(number):
    return number * 3


@dg.op
def after_triple(number):
    return number


@dg.op
def gather(numbers):
    return sum(numbers)


@dg.job
def branching():
    even, odd = route()
    tripled = triple(odd)
    after_triple(tripled)
    gather([halve(even), tripled])


result = branching.execute_in_process()
assert result.success
assert result.output_for_node("halve") == 2
assert result.output_for_node("gather") == 2
skipped = {event.step_key for event in result.get_step_skipped_events()}
assert skipped == {"triple", "after_triple"}
