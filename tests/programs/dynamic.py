"""Dynamic outputs: mapped, chained after the map, collected."""

import plugwork as dg


@dg.op(out=dg.DynamicOut(int))
def pieces():
    for number in range(4):
        yield dg.DynamicOutput(number, mapping_key=f"n{number}")


@dg.op
def offset() -> int:
    return 100


@dg.op
def square(number: int) -> int:
    return number * number


@dg.op
def add(number: int, more: int) -> int:
    return number + more


@dg.op
def total(numbers: list[int]) -> int:
    return sum(numbers)


@dg.job
def mapping():
    more = offset()
    squares = pieces().map(square)
    shifted = squares.map(lambda one: add(one, more))
    total(shifted.collect())


result = mapping.execute_in_process()
assert result.output_for_node("square") == {"n0": 0, "n1": 1, "n2": 4, "n3": 9}
assert result.output_for_node("add") == {"n0": 100, "n1": 101, "n2": 104, "n3": 109}
assert result.output_for_node("total") == 414
assert "add[n2]" in {event.step_key for event in result.all_node_events}
