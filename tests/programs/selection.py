"""Parts of a job: op selection, values for unconnected inputs."""

import plugwork as dg


@dg.op
def one() -> int:
    return 1


@dg.op
def double(number: int) -> int:
    return number * 2


@dg.op
def triple(number: int) -> int:
    return number * 3


@dg.op
def total(left: int, right: int) -> int:
    return left + right


@dg.job
def selectable():
    number = one()
    total(double(number), triple(number))


def steps(result):
    return {event.step_key for event in result.all_node_events}


assert steps(selectable.execute_in_process(op_selection=["*double"])) == {"one", "double"}
assert steps(selectable.execute_in_process(op_selection=["one+"])) == {"one", "double", "triple"}
part = selectable.execute_in_process(
    op_selection=["triple"], run_config={"ops": {"triple": {"inputs": {"number": {"value": 5}}}}}
)
assert part.output_for_node("triple") == 15
try:
    selectable.execute_in_process(op_selection=["nothing_like_that"])
except dg.InvalidSubsetError:
    pass
else:
    raise SystemExit("an empty selection was accepted")


@dg.job(input_values={"number": 4})
def fed(number):
    double(number)


assert fed.execute_in_process().output_for_node("double") == 8
assert fed.execute_in_process(input_values={"number": 6}).output_for_node("double") == 12
