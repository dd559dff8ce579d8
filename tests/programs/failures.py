"""Failures: what is raised, what is told, what still runs."""

import plugwork as dg


@dg.op
def breaks() -> int:
    raise ValueError("broken")


@dg.op
def needs(number: int) -> int:
    return number


@dg.op
def independent() -> str:
    return "fine"


@dg.job
def failing():
    needs(breaks())
    independent()


try:
    failing.execute_in_process()
except ValueError as error:
    assert str(error) == "broken"
else:
    raise SystemExit("nothing was raised")

result = failing.execute_in_process(raise_on_error=False)
assert not result.success
assert result.output_for_node("independent") == "fine"
(failed,) = [event for event in result.all_node_events if event.is_step_failure]
info = failed.event_specific_data.error
assert info.cls_name == "StepExecutionError"
assert info.cause.cls_name == "ValueError"
assert result.run.status == dg.RunStatus.FAILURE
try:
    result.output_for_node("needs")
except dg.InvariantViolationError:
    pass
else:
    raise SystemExit("a step that did not run has an output")
