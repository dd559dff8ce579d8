"""Fan-in: a list of outputs as one input, and fixed values beside it."""

import plugwork as dg


@dg.op
def letter() -> str:
    return "a"


@dg.op(ins={"parts": dg.In(list[str])})
def join(parts):
    return "-".join(parts)


@dg.job
def fan_in():
    join([letter.alias(f"letter_{number}")() for number in range(5)])


result = fan_in.execute_in_process()
assert result.output_for_node("join") == "a-a-a-a-a"
assert result.output_for_node("letter_3") == "a"
