from __future__ import annotations

import pytest

from plugwork import (
    Definitions,
    ResourceParam,
    ScheduleDefinition,
    SensorDefinition,
    graph,
    job,
    op,
    schedule,
    sensor,
)
from plugwork.errors import AutomationNotFoundError, InvalidDefinitionError


@op
def nothing(): ...


@job
def nightly():
    nothing()


@job
def weekly():
    nothing()


each_day = ScheduleDefinition("each_day", job=nightly, cron_schedule="@daily")


@sensor(jobs=[nightly, weekly])
def inbox(): ...


def test_schedules_and_sensors_are_found_by_name() -> None:
    defs = Definitions(schedules=[each_day], sensors=[inbox])
    assert isinstance(defs.get_schedule_def("each_day"), ScheduleDefinition)
    assert isinstance(defs.get_sensor_def("inbox"), SensorDefinition)
    assert (list(defs.schedules), list(defs.sensors)) == ([each_day], [inbox])
    assert (list(Definitions().schedules), list(Definitions().sensors)) == ([], [])


def test_an_unknown_one_is_told_with_the_nearest_and_all_names() -> None:
    defs = Definitions(schedules=[each_day], sensors=[inbox])
    with pytest.raises(AutomationNotFoundError, match=r"did you mean 'each_day'\? \(sch"):
        defs.get_schedule_def("each_dy")
    with pytest.raises(AutomationNotFoundError, match=r"no schedule 'inbox'"):
        defs.get_schedule_def("inbox")
    with pytest.raises(AutomationNotFoundError, match=r"no sensor 'x'$"):
        Definitions().get_sensor_def("x")


def test_jobs_that_are_targets_belong_to_the_collection() -> None:
    defs = Definitions(schedules=[each_day], sensors=[inbox])
    assert defs.job_names == ["nightly", "weekly"]
    assert defs.get_job_def("weekly").name == "weekly"
    assert Definitions(jobs=[nightly], schedules=[each_day]).job_names == ["nightly"]


def test_a_graph_as_target_is_made_a_job() -> None:
    @graph
    def whole():
        nothing()

    made = ScheduleDefinition(job=whole, cron_schedule="@daily")
    assert Definitions(schedules=[made]).job_names == ["whole"]


def test_a_target_must_be_one_job_of_its_name() -> None:
    @job(name="nightly")
    def other(): ...

    with pytest.raises(InvalidDefinitionError, match="two jobs have the name 'nightly'"):
        _ = Definitions(jobs=[other], schedules=[each_day]).job_names


def test_names_are_unique_among_schedules_and_sensors() -> None:
    @sensor(name="each_day")
    def same(): ...

    for defs in (
        Definitions(schedules=[each_day], sensors=[same]),
        Definitions(
            schedules=[each_day, ScheduleDefinition("each_day", job=weekly, cron_schedule="@daily")]
        ),
    ):
        with pytest.raises(InvalidDefinitionError, match=r"test_automations.*have the same name"):
            Definitions.validate_loadable(defs)
    Definitions.validate_loadable(Definitions(schedules=[each_day, each_day]))


def test_loading_checks_targets_by_name() -> None:
    @schedule("@daily", job_name="nigthly")
    def made(): ...

    with pytest.raises(
        InvalidDefinitionError,
        match=r"schedule 'made' \(.*test_automations.*\): its target 'nigthly' is no job .*"
        r"\(jobs: nightly\); did you mean 'nightly'",
    ):
        Definitions.validate_loadable(Definitions(jobs=[nightly], schedules=[made]))


def test_loading_checks_resources() -> None:
    @sensor()
    def made(db: ResourceParam[str]): ...

    with pytest.raises(InvalidDefinitionError, match=r"sensor 'made' .* needs the resource 'db'"):
        Definitions.validate_loadable(Definitions(sensors=[made]))
    Definitions.validate_loadable(Definitions(sensors=[made], resources={"db": "x"}))


def test_what_is_none_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="5, which is no schedule; make one"):
        Definitions(schedules=[5])
    with pytest.raises(InvalidDefinitionError, match="which is no sensor"):
        Definitions(sensors=[each_day])


def test_collections_are_joined() -> None:
    merged = Definitions.merge(Definitions(schedules=[each_day]), Definitions(sensors=[inbox]))
    assert (list(merged.schedules), list(merged.sensors)) == ([each_day], [inbox])
