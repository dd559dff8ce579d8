"""What an error in a step becomes: its source, its words, another attempt, what a caller gets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

import plugwork as pw
from plugwork import Backoff, EventType, Failure, Instance, RetryPolicy, RetryRequested
from plugwork.errors import InvalidConfigError, MaxRetriesExceededError
from plugwork.model import (
    ErrorSource,
    Record,
    RunFailureData,
    RunFailureReason,
    StepFailureData,
    StepRetryData,
    TextMetadataValue,
)
from plugwork_testkit.streams import Told, expected

Execute = Callable[..., Told]
T = TypeVar("T", bound=Record)


class OwnError(Exception):
    """The user's own."""


def job_of(fn: Callable[[], Any], **options: Any) -> pw.JobDefinition:
    """Make a job of one op, ``bad``."""
    defined = pw.op(name="bad", **options)(fn)

    @pw.job
    def failing() -> None:
        defined()

    return failing


def data_of(told: Told, event_type: EventType, of_type: type[T]) -> list[T]:
    found = [entry.get_event().event_specific_data for entry in told.of_type(event_type)]
    assert all(isinstance(one, of_type) for one in found)
    return found  # type: ignore[return-value]  # checked in the line before


def failure_of(told: Told) -> StepFailureData:
    (data,) = data_of(told, EventType.STEP_FAILURE, StepFailureData)
    return data


def raise_own() -> None:
    raise OwnError("v")


def raise_failure() -> None:
    raise Failure("on purpose", {"rows": 3})


def raise_request() -> None:
    raise RetryRequested(max_retries=1)


def raise_of_the_framework() -> None:
    raise InvalidConfigError("made up", [])


def leave() -> None:
    sys.exit(3)


@pytest.mark.parametrize(
    ("fn", "source", "cls_name"),
    [
        (raise_own, ErrorSource.USER_CODE_ERROR, "StepExecutionError"),
        (raise_failure, ErrorSource.FRAMEWORK_ERROR, "Failure"),
        (raise_of_the_framework, ErrorSource.FRAMEWORK_ERROR, "InvalidConfigError"),
        (leave, ErrorSource.UNEXPECTED_ERROR, "SystemExit"),
    ],
)
def test_a_failure_tells_whose_error_it_is(
    execute: Execute, fn: Callable[[], None], source: ErrorSource, cls_name: str
) -> None:
    told = execute(job_of(fn))
    assert told.steps == expected("bad: START FAILURE")
    data = failure_of(told)
    assert data.error_source is source
    assert data.error is not None
    assert data.error.cls_name == cls_name
    (ended,) = data_of(told, EventType.RUN_FAILURE, RunFailureData)
    assert ended.failure_reason is RunFailureReason.STEP_FAILURE
    assert ended.first_failed_step == "bad"
    assert ended.error == data.error


def test_a_user_error_is_the_cause_of_what_is_told(execute: Execute) -> None:
    error = failure_of(execute(job_of(raise_own))).error
    assert error is not None
    assert 'executing op "bad"' in error.message
    assert error.cause is not None
    assert (error.cause.cls_name, error.cause.cause) == ("OwnError", None)
    assert error.cause.message.endswith("OwnError: v\n")
    assert "raise_own" in error.cause.stack[-1]


def test_an_intentional_failure_tells_its_words_and_facts(execute: Execute) -> None:
    failure = failure_of(execute(job_of(raise_failure))).user_failure_data
    assert failure is not None
    assert (failure.label, failure.description) == ("intentional-failure", "on purpose")
    assert failure.metadata["rows"].value == 3


def test_a_failure_whose_facts_cannot_be_told_still_ends_its_step(execute: Execute) -> None:
    def fail() -> None:
        raise Failure("on purpose", {"thing": object()})

    told = execute(job_of(fail))
    assert told.steps == expected("bad: START FAILURE")
    error = failure_of(told).error
    assert error is not None
    assert "thing" in error.message


def test_a_policy_tries_again_after_its_delays_and_gives_up(execute: Execute) -> None:
    policy = RetryPolicy(max_retries=2, delay=0.01, backoff=Backoff.LINEAR)
    told = execute(job_of(raise_own, retry_policy=policy))
    assert told.steps == expected(
        "bad: START UP_FOR_RETRY RESTARTED UP_FOR_RETRY RESTARTED FAILURE"
    )
    waits = data_of(told, EventType.STEP_UP_FOR_RETRY, StepRetryData)
    assert [one.seconds_to_wait for one in waits] == [0.01, 0.02]
    data = failure_of(told)
    assert data.error_source is ErrorSource.USER_CODE_ERROR
    assert data.error is not None
    assert data.error.message == "Exceeded max_retries of 2\n"
    assert data.error.cause is not None
    assert data.error.cause.cause is not None
    assert data.error.cause.cause.cls_name == "OwnError"


def test_a_request_of_the_user_wins_over_the_policy(execute: Execute) -> None:
    told = execute(job_of(raise_request, retry_policy=RetryPolicy(max_retries=5)))
    assert told.steps == expected("bad: START UP_FOR_RETRY RESTARTED FAILURE")
    data = failure_of(told)
    assert data.error_source is ErrorSource.FRAMEWORK_ERROR
    assert data.error is not None
    assert data.error.message == "Exceeded max_retries of 1\n"


def test_a_failure_under_a_policy_is_tried_again_and_keeps_its_words(execute: Execute) -> None:
    told = execute(job_of(raise_failure, retry_policy=RetryPolicy(max_retries=1)))
    assert told.steps == expected("bad: START UP_FOR_RETRY RESTARTED FAILURE")
    failure = failure_of(told).user_failure_data
    assert failure is not None
    assert failure.description == "on purpose"


def test_an_error_of_the_framework_is_not_tried_again(execute: Execute) -> None:
    policy = RetryPolicy(max_retries=3)
    told = execute(job_of(raise_of_the_framework, retry_policy=policy))
    assert told.steps == expected("bad: START FAILURE")


@pytest.mark.parametrize("fn", [raise_own, raise_request])
def test_retries_that_are_disabled_are_failures(execute: Execute, fn: Callable[[], None]) -> None:
    settings = {"executor": {"in_process": {"retries": False}}}
    with Instance.ephemeral(settings=settings) as instance:
        from plugwork.execution.starting import RunExecution
        from plugwork.journal.holder import current_holder
        from plugwork.plan import create_plan

        job_def = job_of(fn, retry_policy=RetryPolicy(max_retries=3))
        plan = create_plan(job_def)
        run, lease = instance.create_held_run(job_def, plan, holder=current_holder())
        assert lease is not None
        list(RunExecution(instance, job_def, plan, run, lease).events())
        told = Told.of(instance, run.run_id)
    assert told.steps == expected("bad: START FAILURE")
    error = failure_of(told).error
    assert error is not None
    assert error.message == "RetryRequested but retries are disabled\n"


def test_the_caller_gets_the_users_own_exception(instance: Instance) -> None:
    raised = OwnError("mine")

    def fail() -> None:
        raise raised

    with pytest.raises(OwnError) as caught:
        job_of(fail).execute_in_process(instance=instance)
    assert caught.value is raised
    (run,) = instance.get_runs()
    (data,) = data_of(Told.of(instance, run.run_id), EventType.RUN_FAILURE, RunFailureData)
    assert data.failure_reason is RunFailureReason.RUN_EXCEPTION


def test_the_caller_is_told_of_exhausted_retries(instance: Instance) -> None:
    job_def = job_of(raise_own, retry_policy=RetryPolicy(max_retries=1))
    with pytest.raises(MaxRetriesExceededError, match="max_retries of 1") as caught:
        job_def.execute_in_process(instance=instance)
    assert isinstance(caught.value.__cause__, OwnError)


def test_what_the_user_yields_is_checked_and_the_generator_comes_to_its_end(
    execute: Execute,
) -> None:
    ended: list[str] = []

    @pw.op(out={"a": pw.Out(), "b": pw.Out()})
    def twice() -> Iterator[pw.Output[int]]:
        try:
            yield pw.Output(1, "a")
            yield pw.Output(2, "a")
        finally:
            ended.append("finally")

    @pw.job
    def doubled() -> None:
        twice()

    told = execute(doubled)
    assert told.steps == expected("twice: START OUT FAILURE")
    error = failure_of(told).error
    assert error is not None
    assert "'a' twice" in error.message
    assert ended == ["finally"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda: (1,), "declares 2 outputs"),
        (lambda: 5, "declares 2 outputs"),
        (lambda: (1, pw.Output(2, "c")), "in the place of 'b'"),
    ],
)
def test_results_that_do_not_fit_the_outputs_are_refused(
    execute: Execute, given: Callable[[], Any], words: str
) -> None:
    told = execute(job_of(given, out={"a": pw.Out(), "b": pw.Out()}))
    error = failure_of(told).error
    assert error is not None
    assert words in error.message


def test_an_asset_event_is_yielded_or_logged_not_returned(execute: Execute) -> None:
    told = execute(job_of(lambda: pw.AssetMaterialization("table")))
    error = failure_of(told).error
    assert error is not None
    assert "log_event" in error.message


def test_metadata_of_a_failure_is_typed(execute: Execute) -> None:
    def fail() -> None:
        raise Failure("x", {"note": "text"})

    failure = failure_of(execute(job_of(fail))).user_failure_data
    assert failure is not None
    assert failure.metadata == {"note": TextMetadataValue("text")}
