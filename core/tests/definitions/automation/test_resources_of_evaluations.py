from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plugwork import (
    ConfigurableResource,
    Definitions,
    ResourceParam,
    RunRequest,
    SkipReason,
    build_schedule_context,
    build_sensor_context,
    job,
    resource,
    schedule,
    sensor,
)
from plugwork.errors import InvariantViolationError, ResourceFunctionError

pytestmark = pytest.mark.needs_plugins


@job
def nightly(): ...


told: list[str] = []


@pytest.fixture(autouse=True)
def _quiet() -> None:
    told.clear()


@resource
def inner() -> Iterator[str]:
    told.append("inner up")
    yield "inner"
    told.append("inner down")


@resource(required_resource_keys={"inner"})
def outer(context) -> Iterator[str]:
    told.append("outer up")
    yield f"outer over {context.resources.inner}"
    told.append("outer down")


BOTH: dict[str, Any] = {"inner": inner, "outer": outer, "unused": inner}
ORDER = ["inner up", "outer up", "called", "outer down", "inner down"]


class Inbox(ConfigurableResource):
    folder: str

    def names(self) -> list[str]:
        return [f"{self.folder}/a"]


@schedule("@daily", job=nightly)
def by_parameter(context, outer: ResourceParam[str]):
    told.append("called")
    return SkipReason(outer)


@sensor(job=nightly, required_resource_keys={"outer"})
def by_key(context):
    told.append("called")
    return SkipReason(context.resources.outer)


@sensor(job=nightly)
def generating(outer: ResourceParam[str]) -> Iterator[SkipReason]:
    told.append("called")
    yield SkipReason(outer)


def test_an_evaluation_makes_what_it_needs_and_tears_it_down() -> None:
    data = by_parameter.evaluate_tick(build_schedule_context(resources=BOTH))
    assert data.skip_message == "outer over inner"
    assert told == ORDER
    told.clear()
    for one in (by_key, generating):
        data = one.evaluate_tick(build_sensor_context(resources=BOTH))
        assert data.skip_message == "outer over inner"
    assert told == ORDER * 2


def test_resources_are_torn_down_after_a_failure_too() -> None:
    @sensor(job=nightly)
    def failing(outer: ResourceParam[str]):
        raise ValueError

    with pytest.raises(Exception, match="evaluating sensor"):
        failing.evaluate_tick(build_sensor_context(resources=BOTH))
    assert told == [one for one in ORDER if one != "called"]


def test_the_collection_offers_resources_and_the_contexts_own_win() -> None:
    defs = Definitions(schedules=[by_parameter], sensors=[by_key], resources=BOTH)
    bound = defs.get_schedule_def("by_parameter")
    assert bound.evaluate_tick(build_schedule_context()).skip_message == "outer over inner"
    context = build_sensor_context(resources={"outer": "mine"})
    assert defs.get_sensor_def("by_key").evaluate_tick(context).skip_message == "mine"


def test_a_call_in_a_unit_test_makes_resources_and_tears_them_down() -> None:
    assert by_parameter(build_schedule_context(resources=BOTH)) == SkipReason("outer over inner")
    assert told == ORDER
    told.clear()
    assert by_key(build_sensor_context(resources=BOTH)) == SkipReason("outer over inner")
    assert told == ORDER
    told.clear()
    generator = generating(build_sensor_context(resources=BOTH))
    assert told == []
    assert list(generator) == [SkipReason("outer over inner")]
    assert told == ORDER


def test_a_call_takes_resources_by_name() -> None:
    @sensor(job=nightly)
    def files(context, inbox: Inbox):
        return [RunRequest(name) for name in inbox.names()]

    [asked] = files(build_sensor_context(), inbox=Inbox(folder="in"))
    assert asked.run_key == "in/a"
    [asked] = files(build_sensor_context(resources={"inbox": Inbox(folder="out")}))
    assert asked.run_key == "out/a"


def test_an_entered_context_keeps_its_resources_until_it_is_left() -> None:
    with build_sensor_context(resources={"inner": inner}) as context:
        assert context.resources.inner == "inner"
        assert told == ["inner up"]
    assert told == ["inner up", "inner down"]


def test_a_resource_that_is_missing_or_fails_is_told() -> None:
    with pytest.raises(InvariantViolationError, match=r"sensor 'by_key' .* needs the resource 'ou"):
        by_key.evaluate_tick(build_sensor_context())
    with pytest.raises(InvariantViolationError, match="needs the resource 'inner', which is not"):
        by_key.evaluate_tick(build_sensor_context(resources={"outer": outer}))

    @resource
    def broken() -> None:
        raise ValueError

    with pytest.raises(ResourceFunctionError):
        by_key.evaluate_tick(build_sensor_context(resources={"outer": broken}))


def test_lines_of_the_log_are_kept_under_the_log_key(tmp_path: Any) -> None:
    from plugwork import Instance, SensorEvaluationContext
    from plugwork.abc.compute_logs import IOType

    @sensor()
    def talking(context):
        context.log.warning("nothing in %s", "inbox")

    key = ["sensors", "talking", "1"]
    with Instance.local_temp(str(tmp_path)) as instance:
        context = SensorEvaluationContext(None, log_key=key, instance=instance)
        data = talking.evaluate_tick(context)
        assert data.log_key == tuple(key)
        kept, _ = instance.compute_log_manager.get_log_data_for_type(key, IOType.STDERR)
        assert kept == b"WARNING  nothing in inbox\n"
        silent = SensorEvaluationContext(None, log_key=["sensors", "none"], instance=instance)
        assert sensor(name="silent")(lambda: None).evaluate_tick(silent).log_key is None


def test_a_context_opens_the_instance_that_its_ref_names(tmp_path: Any) -> None:
    from plugwork import Instance, SensorEvaluationContext

    with (
        Instance.local_temp(str(tmp_path)) as instance,
        SensorEvaluationContext(instance.get_ref()) as context,
    ):
        assert context.instance is context.instance is not instance
        assert context.instance.root_directory == instance.root_directory
