"""Graphs inside graphs, with inputs and several outputs."""

import plugwork as dg


@dg.op
def one() -> int:
    return 1


@dg.op
def add(left: int, right: int) -> int:
    return left + right


@dg.graph
def add_twice(number: int) -> int:
    return add(add(number, one()), one())


@dg.graph(out={"small": dg.GraphOut(), "large": dg.GraphOut()})
def sizes(number):
    once = add_twice(number)
    return {"small": once, "large": add_twice.alias("again")(once)}


@dg.op
def compare(small: int, large: int) -> bool:
    return small < large


@dg.graph
def whole():
    small, large = sizes(one())
    compare(small, large)


job = whole.to_job(name="nested", tags={"team": "graphs"}, description="Graphs in graphs.")
assert job.name == "nested"
assert job.tags["team"] == "graphs"
result = job.execute_in_process()
assert result.output_for_node("compare") is True
assert result.output_for_node("sizes.again.add_2") == 5
assert result.output_for_node("sizes", "small") == 3

direct = add_twice.execute_in_process(input_values={"number": 40})
assert direct.output_value() == 42
