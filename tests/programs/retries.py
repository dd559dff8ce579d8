"""Retries: by policy, on request, given up at once."""

import plugwork as dg

attempts = {"flaky": 0, "asks": 0, "hopeless": 0}


@dg.op(
    retry_policy=dg.RetryPolicy(
        max_retries=3, delay=0.01, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.FULL
    )
)
def flaky(context) -> int:
    attempts["flaky"] += 1
    if context.retry_number < 2:
        raise RuntimeError("not yet")
    return context.retry_number


@dg.op
def asks() -> str:
    attempts["asks"] += 1
    if attempts["asks"] == 1:
        raise dg.RetryRequested(max_retries=1, seconds_to_wait=0.01)
    return "ok"


@dg.op
def hopeless():
    attempts["hopeless"] += 1
    raise dg.Failure("never", metadata={"why": "because"}, allow_retries=False)


@dg.job(op_retry_policy=dg.RetryPolicy(max_retries=5))
def retrying():
    flaky()
    asks()
    hopeless()


result = retrying.execute_in_process(raise_on_error=False)
assert result.output_for_node("flaky") == 2
assert result.output_for_node("asks") == "ok"
assert attempts == {"flaky": 3, "asks": 2, "hopeless": 1}
(failed,) = [event for event in result.all_node_events if event.is_step_failure]
assert failed.event_specific_data.user_failure_data.description == "never"
assert result.retry_attempts_for_node("flaky") == 2
