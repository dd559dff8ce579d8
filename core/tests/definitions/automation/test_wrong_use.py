"""Every wrong use of a definition is refused where it stands, and says what and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from plugwork import (
    ResourceParam,
    ScheduleDefinition,
    SensorDefinition,
    job,
    schedule,
    sensor,
)
from plugwork.errors import InvalidDefinitionError

HERE = "test_wrong_use.py:"


@job
def nightly(): ...


@job(name="nightly")
def same_name(): ...


def each(**arguments: Any) -> Callable[[], ScheduleDefinition]:
    given = {"name": "made", "job": nightly, "cron_schedule": "@daily", **arguments}
    return lambda: ScheduleDefinition(**given)


def look(**arguments: Any) -> Callable[[], SensorDefinition]:
    given = {"name": "made", "evaluation_fn": lambda: None, **arguments}
    return lambda: SensorDefinition(**given)


async def later(): ...


async def many_later():
    yield


def two(context, path): ...


def with_db(db: ResourceParam[str]): ...


COMMON: list[tuple[dict[str, Any], str]] = [
    ({"name": "a-b"}, "'a-b' is no name"),
    ({"name": "config"}, "the word is reserved"),
    ({"name": "é"}, "is no name"),
    ({"job": 5}, "5 is no job; give a job"),
    ({"job": "nightly"}, "'nightly' is no job; give a job, or the name of one as job_name"),
    ({"job": nightly, "job_name": "nightly"}, "told twice, by job_name and job"),
    ({"job": None, "target": [nightly, same_name]}, "two of its jobs are named 'nightly'"),
    ({"job": None, "target": [nightly, 5]}, "5 is no job"),
    ({"job": None, "job_name": "a b"}, "'a b' is no name"),
    ({"tags": ["a"]}, "tags must be a dictionary, got ['a']"),
    ({"tags": {"a": object()}}, "neither text nor a value that JSON can hold"),
    ({"tags": {5: "a"}}, "a tag's key must be text"),
    ({"metadata": 5}, "metadata must be a dictionary, got 5"),
    ({"owners": ["bad owner"]}, "'bad owner' is no owner"),
    ({"default_status": "RUNNING"}, "default_status must be a Default"),
    ({"required_resource_keys": "db"}, "required_resource_keys must be a set of names"),
    ({"required_resource_keys": {"a b"}}, "'a b' is no name"),
]
SCHEDULE: list[tuple[dict[str, Any], str]] = [
    ({"job": None}, "has no target: give a job"),
    ({"cron_schedule": None}, "cron_schedule is a cron expression"),
    ({"cron_schedule": "@reboot"}, "is no cron alias"),
    ({"cron_schedule": "0 0 30 2 *"}, "February has no such day"),
    ({"execution_timezone": "Mars"}, "'Mars' is no time zone"),
    ({"run_config": 5}, "run_config must be a dictionary, got 5"),
    ({"run_config": {"a": 1}, "execution_fn": lambda: {}}, "run_config and execution_fn exclude"),
    ({"run_config": {"a": 1}, "run_config_fn": lambda: {}}, "run_config and run_config_fn exclude"),
    ({"tags": {"a": "b"}, "tags_fn": lambda: {}}, "tags and tags_fn exclude each other"),
    ({"environment_vars": ["A"]}, "environment_vars must be a dictionary"),
    ({"execution_fn": 5}, "expected a function, got 5"),
    ({"execution_fn": later}, "its function is async"),
    ({"execution_fn": many_later}, "its function is async"),
    ({"execution_fn": two}, "'path' is neither"),
    ({"run_config_fn": dict, "execution_fn": dict}, "run_config_fn and execution_fn exclude"),
    ({"should_execute": later}, "its function is async"),
    ({"should_execute": 5}, "expected a function, got 5"),
    ({"tags_fn": two}, "'path' is neither"),
    ({"run_config_fn": 5}, "expected a function, got 5"),
    ({"execution_fn": with_db, "required_resource_keys": {"a"}}, "in one of the two ways"),
]
SENSOR: list[tuple[dict[str, Any], str]] = [
    ({"evaluation_fn": None}, "needs evaluation_fn"),
    ({"evaluation_fn": 5}, "expected a function, got 5"),
    ({"evaluation_fn": later}, "its function is async"),
    ({"evaluation_fn": many_later}, "its function is async"),
    ({"evaluation_fn": two}, "'path' is neither"),
    ({"evaluation_fn": with_db, "required_resource_keys": {"a"}}, "in one of the two ways"),
    ({"minimum_interval_seconds": "5"}, "must be a whole number from 0 on, got '5'"),
    ({"minimum_interval_seconds": -1}, "must be a whole number from 0 on, got -1"),
    ({"minimum_interval_seconds": True}, "must be a whole number from 0 on, got True"),
    ({"jobs": []}, "jobs must be a list of jobs"),
    ({"jobs": nightly}, "jobs must be a list of jobs"),
    ({"jobs": [nightly], "job": nightly}, "told twice, by job and jobs"),
    ({"asset_selection": "*"}, "has no assets yet"),
]


@pytest.mark.parametrize(("arguments", "told"), COMMON + SCHEDULE)
def test_of_a_schedule(arguments: dict[str, Any], told: str) -> None:
    refused(each(**arguments), told, "schedule")


@pytest.mark.parametrize(("arguments", "told"), COMMON + SENSOR)
def test_of_a_sensor(arguments: dict[str, Any], told: str) -> None:
    refused(look(**arguments), told, "sensor")


@pytest.mark.parametrize("fn", [later, many_later, two, 5])
def test_of_a_decorator(fn: Any) -> None:
    refused(lambda: schedule("@daily", job=nightly)(fn), "", "@schedule")
    refused(lambda: sensor(job=nightly)(fn), "", "@sensor")


def test_of_a_decorator_without_parentheses() -> None:
    refused(lambda: sensor(lambda: None), "@sensor stands with parentheses", "@sensor")  # type: ignore[arg-type]  # wrong use
    refused(lambda: schedule(lambda: None), "@schedule stands with parentheses", "@schedule")  # type: ignore[arg-type]  # wrong use


def refused(make: Callable[[], object], told: str, what: str) -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        make()
    message = str(caught.value)
    assert told in message
    assert what in message
    assert HERE in message
