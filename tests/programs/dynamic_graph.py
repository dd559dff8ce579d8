"""A graph mapped over a dynamic output; a generator of a list; an empty one."""

import plugwork as dg


@dg.op(config_schema={"count": dg.Field(int, default_value=2)}, out=dg.DynamicOut())
def produce(context):
    return [dg.DynamicOutput(index, str(index)) for index in range(context.op_config["count"])]


@dg.op
def plus_one(number):
    return number + 1


@dg.op
def double(number):
    return number * 2


@dg.graph
def process(number):
    return double(plus_one(number))


@dg.op
def collect(numbers):
    return list(numbers)


@dg.job
def mapped_graph():
    collect(produce().map(process).collect())


result = mapped_graph.execute_in_process()
assert result.output_for_node("collect") == [2, 4]
assert result.output_for_node("process.double") == {"0": 2, "1": 4}
nothing = mapped_graph.execute_in_process(run_config={"ops": {"produce": {"config": {"count": 0}}}})
assert nothing.success
assert nothing.output_for_node("collect") == []
