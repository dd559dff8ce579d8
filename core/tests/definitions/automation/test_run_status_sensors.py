from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plugwork import (
    CodeLocationSelector,
    DefaultSensorStatus,
    Failure,
    Instance,
    JobSelector,
    RepositorySelector,
    ResourceParam,
    RunFailureSensorContext,
    RunRequest,
    RunStatus,
    RunStatusSensorContext,
    RunStatusSensorDefinition,
    SensorResult,
    build_run_status_sensor_context,
    build_sensor_context,
    job,
    op,
    run_failure_sensor,
    run_status_sensor,
)
from plugwork.definitions.automation.selectors import Monitored
from plugwork.errors import CheckError, InvalidDefinitionError
from plugwork.model import CodeRef, EventType, JobOrigin, Run, SensorExecutionData

pytestmark = pytest.mark.needs_plugins


@op
def work(): ...


@op
def break_down():
    raise Failure("broken")


@job
def good():
    work()


@job
def other():
    work()


@job
def bad():
    break_down()


@pytest.fixture
def instance() -> Iterator[Instance]:
    with Instance.ephemeral() as made:
        yield made


def evaluated(
    sensor: RunStatusSensorDefinition, instance: Instance, cursor: str | None
) -> SensorExecutionData:
    return sensor.evaluate_tick(build_sensor_context(instance, cursor=cursor))


def run(instance: Instance, job_def: Any = good) -> str:
    return job_def.execute_in_process(instance=instance, raise_on_error=False).run_id


def seen_by(**arguments: Any) -> tuple[RunStatusSensorDefinition, list[str]]:
    """Return a sensor of successful runs, and the names of the jobs that it has seen."""
    seen: list[str] = []
    sensor = RunStatusSensorDefinition(
        "made", RunStatus.SUCCESS, lambda context: seen.append(context.run.job_name), **arguments
    )
    return sensor, seen


def test_what_is_not_said_has_its_default() -> None:
    @run_status_sensor(RunStatus.SUCCESS)
    def after_success(context):
        """Tell somebody."""

    assert (after_success.name, after_success.description) == ("after_success", "Tell somebody.")
    assert after_success.minimum_interval_seconds == 30
    assert after_success.default_status is DefaultSensorStatus.STOPPED
    assert after_success.run_status is RunStatus.SUCCESS


def test_the_first_evaluation_only_marks_where_it_starts(instance: Instance) -> None:
    sensor, seen = seen_by()
    run(instance)
    first = evaluated(sensor, instance, None)
    assert (seen, first.run_reactions) == ([], ())
    assert "starts here" in str(first.skip_message)
    run(instance, other)
    second = evaluated(sensor, instance, first.cursor)
    assert seen == ["other"]
    assert [one.run_status for one in second.run_reactions] == [RunStatus.SUCCESS]
    assert second.skip_message is None
    third = evaluated(sensor, instance, second.cursor)
    assert seen == ["other"]
    assert "no run has become SUCCESS" in str(third.skip_message)
    assert third.cursor == second.cursor


def test_it_starts_in_an_empty_storage_too(instance: Instance) -> None:
    sensor, seen = seen_by()
    cursor = evaluated(sensor, instance, None).cursor
    run(instance)
    evaluated(sensor, instance, cursor)
    assert seen == ["good"]


def test_at_most_five_runs_are_reacted_to_in_their_order(instance: Instance) -> None:
    sensor, _ = seen_by()
    cursor = evaluated(sensor, instance, None).cursor
    runs = [run(instance) for _ in range(7)]
    first = evaluated(sensor, instance, cursor)
    second = evaluated(sensor, instance, first.cursor)
    assert [one.run_id for one in first.run_reactions] == runs[:5]
    assert [one.run_id for one in second.run_reactions] == runs[5:]


def test_runs_that_are_deleted_or_of_other_jobs_are_passed_over(instance: Instance) -> None:
    sensor, seen = seen_by(monitored_jobs=[other])
    cursor = evaluated(sensor, instance, None).cursor
    run(instance)
    instance.delete_run(run(instance, other))
    run(instance, other)
    run(instance, bad)
    data = evaluated(sensor, instance, cursor)
    assert seen == ["other"]
    assert len(data.run_reactions) == 1


def test_what_it_asks_for_is_requested(instance: Instance) -> None:
    @run_status_sensor(RunStatus.SUCCESS, monitored_jobs=[good], request_job=other, tags={"a": 1})
    def follow(context: RunStatusSensorContext):
        return RunRequest(context.run.run_id)

    cursor = evaluated(follow, instance, None).cursor
    run_id = run(instance)
    [asked] = evaluated(follow, instance, cursor).run_requests
    assert (asked.run_key, asked.job_name) == (run_id, "other")
    assert asked.tags == {"plugwork/sensor_name": "follow"}


def test_what_it_raises_is_told_with_its_run_and_the_next_has_its_turn(
    instance: Instance,
) -> None:
    @run_status_sensor(RunStatus.SUCCESS)
    def picky(context):
        if context.run.job_name == "good":
            raise ValueError("not this one")
        return SensorResult(cursor="mine") if context.run.job_name == "bad" else None

    cursor = evaluated(picky, instance, None).cursor
    run(instance)
    run(instance, other)
    first, second = evaluated(picky, instance, cursor).run_reactions
    assert first.error is not None
    assert first.error.cls_name == "RunStatusSensorExecutionError"
    assert first.error.cause is not None
    assert first.error.cause.message == "ValueError: not this one\n"
    assert second.error is None


def test_a_cursor_of_its_own_is_refused(instance: Instance) -> None:
    @run_status_sensor(RunStatus.SUCCESS)
    def own(context):
        return SensorResult(cursor="mine")

    cursor = evaluated(own, instance, None).cursor
    run(instance)
    data = evaluated(own, instance, cursor)
    assert "the cursor of a run status sensor is its own" in str(data.run_reactions[0].error)
    assert data.cursor != "mine"


def test_a_failed_run_is_told_with_the_events_of_its_failed_steps(instance: Instance) -> None:
    told: list[Any] = []

    @run_failure_sensor
    def alert(context: RunFailureSensorContext):
        told.append(context.failure_event.event_type)
        told.extend(event.step_key for event in context.get_step_failure_events())

    cursor = evaluated(alert, instance, None).cursor
    run(instance)
    run(instance, bad)
    evaluated(alert, instance, cursor)
    assert told == [EventType.RUN_FAILURE, "break_down"]
    named = run_failure_sensor(name="named", monitored_jobs=[bad])(lambda context: None)
    assert (named.name, named.run_status) == ("named", RunStatus.FAILURE)


def test_it_is_called_as_its_function_in_a_unit_test(instance: Instance) -> None:
    @run_status_sensor(RunStatus.SUCCESS)
    def made(context: RunStatusSensorContext, mail: ResourceParam[str]):
        return f"{mail}: {context.run.job_name} {context.event.event_type} {context.sensor_name}"

    @run_failure_sensor
    def failed(context: RunFailureSensorContext):
        return [event.step_key for event in context.get_step_failure_events()]

    result = good.execute_in_process(instance=instance)
    stored = instance.require_run(result.run_id)
    [event] = [e for e in result.all_events if e.event_type is EventType.RUN_SUCCESS]
    context = build_run_status_sensor_context(
        "made", event, instance, stored, resources={"mail": "a@b"}
    )
    assert made(context) == "a@b: good RUN_SUCCESS made"
    assert made(context, mail="c@d").startswith("c@d")
    assert context.partition_key is None

    broken = bad.execute_in_process(instance=instance, raise_on_error=False)
    [event] = [e for e in broken.all_events if e.event_type is EventType.RUN_FAILURE]
    context = build_run_status_sensor_context(
        "failed", event, instance, instance.require_run(broken.run_id)
    )
    assert failed(context.for_run_failure()) == ["break_down"]
    with pytest.raises(CheckError, match="event must be a Event"):
        build_run_status_sensor_context("x", None, instance, stored)  # type: ignore[arg-type]  # wrong use


def a_run(job_name: str, target: str = "/code/shop.py", kind: Any = "file") -> Run:
    return Run(job_name, job_code_origin=JobOrigin(CodeRef(kind, target), job_name))


def test_which_runs_are_monitored() -> None:
    here = CodeRef("file", "/code/shop.py")
    good_here, good_there = a_run("good"), a_run("good", "shop.jobs", "module")

    def holds(jobs: Any, one: Run, everywhere: bool = False) -> bool:
        return Monitored(jobs, everywhere, "sensor 'x'").holds(one, here)

    assert holds(None, good_here)
    assert not holds(None, good_there)
    assert not holds(None, Run("good"))
    assert holds(None, good_there, everywhere=True)
    assert holds([good], good_here)
    assert not holds([good], good_there)
    assert not holds([good], a_run("other"))
    assert holds([CodeLocationSelector("shop.jobs")], good_there)
    assert not holds([CodeLocationSelector("shop.jobs")], good_here)
    assert holds([RepositorySelector("shop.py", "main")], good_here)
    assert holds([JobSelector("shop.py", job_name="good")], good_here)
    assert not holds([JobSelector("shop.py", job_name="other")], good_here)
    assert holds([JobSelector("shop.jobs"), good], good_there)
    assert not holds([CodeLocationSelector("shop.py")], Run("good"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"run_status": "no"}, "run_status must be a RunStatus that an event brings, got 'no'"),
        ({"run_status": RunStatus.NOT_STARTED}, "run_status must be a RunStatus"),
        ({"monitored_jobs": good}, "monitored_jobs must be a list"),
        ({"monitored_jobs": ["good"]}, "'good', which is neither a job nor a selector"),
        ({"monitored_jobs": [good], "monitor_all_code_locations": True}, "exclude each other"),
        ({"request_job": 5}, "5 is no job"),
        ({"request_job": good, "request_jobs": [good]}, "told twice"),
        ({"run_status_sensor_fn": 5}, "expected a function, got 5"),
        ({"run_status_sensor_fn": lambda a, b: None}, "'b' is neither"),
        ({"default_status": True}, "default_status must be a DefaultSensorStatus"),
        ({"minimum_interval_seconds": 0.5}, "must be a whole number"),
        ({"name": "a-b"}, "'a-b' is no name"),
    ],
)
def test_wrong_use_is_refused_with_name_and_place(arguments: dict[str, Any], told: str) -> None:
    given = {
        "name": "made",
        "run_status": RunStatus.SUCCESS,
        "run_status_sensor_fn": lambda context: None,
        **arguments,
    }
    with pytest.raises(InvalidDefinitionError) as caught:
        RunStatusSensorDefinition(**given)
    assert told in str(caught.value)
    assert "sensor" in str(caught.value)
    assert "test_run_status_sensors.py:" in str(caught.value)


def test_wrong_use_of_the_decorators_is_refused() -> None:
    async def later(context): ...

    for decorator in (run_status_sensor(RunStatus.SUCCESS), run_failure_sensor()):
        for wrong in (later, 5):
            with pytest.raises(InvalidDefinitionError, match=r"test_run_status_sensors\.py:"):
                decorator(wrong)  # type: ignore[arg-type]  # wrong use
    with pytest.raises(InvalidDefinitionError, match="job_selection is the old name"):
        run_status_sensor(RunStatus.SUCCESS, job_selection=[good], monitored_jobs=[good])


@pytest.mark.parametrize("kind", [CodeLocationSelector, JobSelector])
def test_a_selector_names_a_location(kind: Any) -> None:
    with pytest.raises(CheckError, match="location_name must be text, got None"):
        kind(None)
    assert kind("shop") == kind("shop") != kind("mart")
