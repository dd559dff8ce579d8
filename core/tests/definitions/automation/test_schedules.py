from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from plugwork import (
    Config,
    DefaultScheduleStatus,
    ResourceParam,
    RunConfig,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    build_schedule_context,
    job,
    op,
    schedule,
)
from plugwork.errors import (
    CheckError,
    InvalidInvocationError,
    InvariantViolationError,
    ScheduleExecutionError,
)

NOON = datetime(2024, 3, 10, 12, tzinfo=UTC)


class Day(Config):
    day: str


@op
def load(config: Day): ...


@job
def nightly():
    load()


@job
def weekly():
    load()


def request_of(definition: ScheduleDefinition) -> RunRequest:
    [request] = definition.evaluate_tick(build_schedule_context()).run_requests
    return request


def skipped(definition: ScheduleDefinition) -> str | None:
    data = definition.evaluate_tick(build_schedule_context())
    assert data.run_requests == ()
    return data.skip_message


def of(result: Any, **arguments: Any) -> ScheduleDefinition:
    """Return a schedule whose function returns this."""
    arguments = {"job": nightly, **arguments}
    return ScheduleDefinition(
        "made", cron_schedule="@daily", execution_fn=lambda: result, **arguments
    )


def test_what_is_not_said_has_its_default() -> None:
    made = ScheduleDefinition(job=nightly, cron_schedule="@daily")
    assert made.name == "nightly_schedule"
    assert (made.job_name, made.job) == ("nightly", nightly)
    assert made.default_status is DefaultScheduleStatus.STOPPED
    assert made.execution_timezone is None
    assert made.environment_vars == {}


def test_a_schedule_is_named_as_its_function_and_keeps_its_words() -> None:
    @schedule("@daily", job_name="nightly", owners=["team:data", "a@b.de"], metadata={"a": 1})
    def each_day():
        """Load the day."""

    assert (each_day.name, each_day.description) == ("each_day", "Load the day.")
    assert (each_day.job_name, each_day.owners) == ("nightly", ("team:data", "a@b.de"))
    assert each_day.metadata == {"a": 1}


def test_without_functions_each_tick_asks_for_one_run() -> None:
    config = {"ops": {"load": {"config": {"day": "x"}}}}
    made = ScheduleDefinition(
        job=nightly, cron_schedule="@daily", run_config=config, tags={"team": "data", "n": 1}
    )
    asked = request_of(made)
    assert (asked.job_name, asked.run_config, asked.run_key) == ("nightly", config, None)
    assert asked.tags == {
        "team": "data",
        "n": "1",
        "plugwork/schedule_name": "nightly_schedule",
    }


def test_run_config_and_tags_may_come_from_functions_of_the_context() -> None:
    made = ScheduleDefinition(
        job=nightly,
        cron_schedule="@daily",
        run_config_fn=lambda context: {"ops": {"at": str(context.scheduled_execution_time.hour)}},
        tags_fn=lambda context: {"hour": context.scheduled_execution_time.hour},
    )
    data = made.evaluate_tick(build_schedule_context(scheduled_execution_time=NOON))
    assert data.run_requests[0].run_config == {"ops": {"at": "12"}}
    assert data.run_requests[0].tags["hour"] == "12"


@pytest.mark.parametrize(
    "result",
    [
        RunRequest(run_config={"a": 1}),
        [RunRequest(run_config={"a": 1})],
        {"a": 1},
    ],
)
def test_each_form_of_a_request_is_understood(result: object) -> None:
    assert request_of(of(result)).run_config == {"a": 1}


def test_typed_run_config_is_made_plain() -> None:
    typed = RunConfig(ops={"load": Day(day="monday")})
    plain = {"ops": {"load": {"config": {"day": "monday"}}}}
    assert request_of(of(typed)).run_config == plain
    assert request_of(of(RunRequest(run_config=typed))).run_config == plain
    made = ScheduleDefinition(job=nightly, cron_schedule="@daily", run_config=typed)
    assert request_of(made).run_config == plain
    inner = {"ops": {"load": {"config": Day(day="monday")}}}
    assert request_of(of(RunRequest(run_config=inner))).run_config == plain


def test_several_requests_are_yielded_each_with_a_key() -> None:
    @schedule("@daily", target=[nightly, weekly])
    def both() -> Iterator[RunRequest]:
        yield RunRequest("a", job_name="nightly", tags={"own": "1"})
        yield RunRequest("b", job_name="weekly")

    asked = both.evaluate_tick(build_schedule_context()).run_requests
    assert [(one.run_key, one.job_name) for one in asked] == [("a", "nightly"), ("b", "weekly")]
    assert asked[0].tags == {"own": "1", "plugwork/schedule_name": "both"}


def test_tags_of_the_schedule_are_for_runs_asked_for_by_config_alone() -> None:
    own = {"plugwork/schedule_name": "made"}
    assert request_of(of({}, tags={"a": "common"})).tags == {"a": "common", **own}
    assert request_of(of(RunRequest(tags={"b": "x"}), tags={"a": "common"})).tags == {
        "b": "x",
        **own,
    }


def test_reasons_to_skip_are_told() -> None:
    assert skipped(of(SkipReason("no data yet"))) == "no data yet"
    assert "returned nothing" in str(skipped(of(None)))
    assert "returned nothing" in str(skipped(of([])))
    for no in (False, None, []):
        assert "should_execute" in str(skipped(of({}, should_execute=lambda no=no: no)))
    assert request_of(of({}, should_execute=lambda context: True)).run_config == {}


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ([RunRequest(), SkipReason("no")], "a SkipReason and something else"),
        ([SkipReason("a"), SkipReason("b")], "a SkipReason and something else"),
        ([RunRequest("a"), RunRequest()], "asked for 2 runs at once, and not each has a run_key"),
        (5, "returned 5; it returns or yields RunRequest, SkipReason, or run config"),
        (RunRequest(job_name="weekly"), "'weekly', which is none of its targets"),
        (RunRequest(job_name="nigtly"), "did you mean 'nightly'?"),
        (RunRequest(partition_key="a"), "partition_key='a', and the job 'nightly' has no"),
        (RunRequest(asset_selection=["a"]), "the job 'nightly' has no assets"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_name_and_place(result: object, told: str) -> None:
    with pytest.raises(InvariantViolationError) as caught:
        of(result).evaluate_tick(build_schedule_context())
    assert told in str(caught.value)
    assert "schedule 'made'" in str(caught.value)
    assert "test_schedules.py:" in str(caught.value)


def test_a_request_says_which_of_several_jobs() -> None:
    made = of(RunRequest(), job=None, target=[nightly, weekly])
    with pytest.raises(InvariantViolationError, match=r"several targets \(nightly, weekly\)"):
        made.evaluate_tick(build_schedule_context())


def test_what_user_code_raises_is_wrapped_with_its_origin() -> None:
    def fail() -> Any:
        raise ValueError("bad day")

    def fail_late() -> Iterator[RunRequest]:
        yield RunRequest()
        raise ValueError("bad day")

    common: dict[str, Any] = {"job": nightly, "cron_schedule": "@daily"}
    for arguments in (
        {"execution_fn": fail},
        {"execution_fn": fail_late},
        {"should_execute": fail},
        {"run_config_fn": fail},
        {"tags_fn": fail},
    ):
        made = ScheduleDefinition("made", **common, **arguments)
        with pytest.raises(ScheduleExecutionError, match="evaluating schedule 'made'") as caught:
            made.evaluate_tick(build_schedule_context())
        assert isinstance(caught.value.user_exception, ValueError)
        assert caught.value.__cause__ is caught.value.user_exception


def test_a_coroutine_that_is_returned_is_refused() -> None:
    async def later() -> None: ...

    made = ScheduleDefinition(
        "made", job=nightly, cron_schedule="@daily", execution_fn=lambda: later()
    )
    with pytest.raises(InvariantViolationError, match="returned an awaitable"):
        made.evaluate_tick(build_schedule_context())


def test_a_schedule_is_called_as_its_function_in_a_unit_test() -> None:
    @schedule("@daily", job=nightly)
    def with_context(context: ScheduleEvaluationContext):
        return {"day": context.scheduled_execution_time.isoformat()}

    @schedule("@daily", job=nightly)
    def without():
        yield RunRequest("a")

    context = build_schedule_context(scheduled_execution_time=NOON.replace(tzinfo=None))
    assert with_context(context) == {"day": "2024-03-10T12:00:00+00:00"}
    assert with_context(context=context) == with_context(context)
    assert [one.run_key for one in without()] == ["a"]
    assert [one.run_key for one in without(context)] == ["a"]


def test_a_parameter_that_is_bound_to_a_value_is_left_alone() -> None:
    made = [
        ScheduleDefinition(
            "made", job=nightly, cron_schedule="@daily", execution_fn=lambda key=key: {"key": key}
        )
        for key in ("a", "b")
    ]
    assert [request_of(one).run_config for one in made] == [{"key": "a"}, {"key": "b"}]

    @schedule("@daily", job=nightly)
    def optional(context=None):
        return {"has": str(context is not None)}

    assert (optional(), request_of(optional).run_config) == ({"has": "False"}, {"has": "True"})


def test_a_call_whose_arguments_do_not_fit_is_refused() -> None:
    @schedule("@daily", job=nightly)
    def made(context, db: ResourceParam[Any]): ...

    context = build_schedule_context()
    for call, told in (
        (lambda: made(), "needs 'context': give it first"),
        (lambda: made(context, 1), "got 2 arguments"),
        (lambda: made(context, other=1), "has no parameter 'other'"),
        (lambda: made(None), "needs the resource 'db': give it by name"),
        (lambda: ScheduleDefinition(job=nightly, cron_schedule="@daily")(), "has no function"),
    ):
        with pytest.raises(InvalidInvocationError) as caught:
            call()
        assert told in str(caught.value)
        assert "test_schedules.py:" in str(caught.value)


def test_what_a_context_was_built_without_is_told() -> None:
    context = build_schedule_context()
    for member in ("scheduled_execution_time", "instance", "repository_def", "resources"):
        with pytest.raises(InvariantViolationError, match="build"):
            getattr(context, member)


def test_a_time_of_another_type_is_refused() -> None:
    with pytest.raises(CheckError, match="scheduled_execution_time must be a datetime, got 'x'"):
        build_schedule_context(scheduled_execution_time="x")  # type: ignore[arg-type]  # wrong use


def test_an_owner_may_stand_alone_and_one_job_may_be_unknown() -> None:
    made = ScheduleDefinition(job_name="far", cron_schedule="@daily", owners="team:data")
    assert (made.owners, made.job_name, repr(made)) == (
        ("team:data",),
        "far",
        "<ScheduleDefinition far_schedule>",
    )
    with pytest.raises(InvariantViolationError, match="was not given one job"):
        _ = made.job


def test_lines_of_the_log_reach_pythons_logging(caplog: pytest.LogCaptureFixture) -> None:
    @schedule("@daily", job=nightly)
    def made(context):
        context.log.info("looked at %s", "it")

    context = build_schedule_context()
    with caplog.at_level(logging.INFO):
        assert made.evaluate_tick(context).log_key is None
    assert [record.getMessage() for record in caplog.records] == ["looked at it"]
    assert context.log_lines == ["INFO  looked at it"]
