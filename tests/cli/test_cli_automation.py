"""Schedules and sensors on the command line: listed, shown, evaluated; nothing is started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell

SHOP = """
import plugwork as dg


class Day(dg.Config):
    day: str


@dg.op
def load(config: Day): ...


@dg.op
def fail():
    raise ValueError


@dg.job
def shop():
    load()


@dg.job
def broken():
    fail()


@dg.schedule("0 6 * * *", job=shop, execution_timezone="Europe/Berlin")
def each_morning(context):
    day = context.scheduled_execution_time.date().isoformat()
    context.log.info("asking for %s", day)
    return dg.RunRequest(run_config={"ops": {"load": {"config": {"day": day}}}})


@dg.sensor(job=shop)
def inbox(context):
    if context.cursor == "full":
        raise ValueError("no room")
    if context.cursor:
        return dg.SkipReason("nothing new")
    config = {"ops": {"load": {"config": {"day": "x"}}}}
    return dg.SensorResult([dg.RunRequest("a", config)], cursor="1")


@dg.sensor(job=shop)
def careless():
    return dg.RunRequest(run_config={"ops": {"load": {"config": {"dy": "x"}}}})


@dg.run_failure_sensor(monitored_jobs=[broken])
def alert(context): ...
"""


@pytest.fixture
def shop(shell: Shell) -> Shell:
    shell.write("shop.py", SHOP)
    return shell


def test_schedules_and_sensors_are_listed_without_a_definitions(shop: Shell) -> None:
    done = shop("automation", "list", "shop.py")
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == [
        "each_morning",
        "inbox",
        "careless",
        "alert",
    ]
    document = json.loads(shop("automation", "list", "shop.py", "--json").out)
    assert document["schema"] == "plugwork.automations/1"
    assert document["automations"][0]["timezone"] == "Europe/Berlin"


def test_a_schedule_is_shown_with_its_next_times(shop: Shell) -> None:
    document = json.loads(shop("automation", "show", "shop.py", "each_morning", "--json").out)
    assert document["cron_schedule"] == ["0 6 * * *"]
    assert len(document["next"]) == 3
    assert all("T06:00:00" in time for time in document["next"])
    shown = shop("automation", "show", "shop.py", "inbox").out
    assert "every 30 s" in shown
    assert "stopped" in shown


def test_a_tick_of_a_schedule_shows_what_it_would_request(shop: Shell) -> None:
    tick = ("automation", "tick", "shop.py", "each_morning", "--dry-run")
    done = shop(*tick, "--at", "2026-11-03T06:00")
    assert done.code == 0
    assert "1 run would be requested at 2026-11-03T06:00:00+01:00" in done.out
    assert '{"day": "2026-11-03"}' in done.out
    assert "asking for 2026-11-03" in done.err
    document = json.loads(shop(*tick, "--json").out)
    assert document["run_requests"][0]["job"] == "shop"
    assert "T06:00:00" in document["at"]
    assert json.loads(shop("runs", "list", "--json").out)["runs"] == []


def test_a_tick_of_a_sensor_goes_on_from_a_cursor(shop: Shell) -> None:
    tick = ("automation", "tick", "shop.py", "inbox", "--dry-run")
    first = shop(*tick)
    assert "1 run would be requested" in first.out
    assert "cursor would be 1" in first.out
    assert "no run would be requested: nothing new" in shop(*tick, "--cursor", "1").out


def test_a_sensor_of_failed_runs_is_called_for_the_runs_that_are_stored(shop: Shell) -> None:
    tick = ("automation", "tick", "shop.py", "alert", "--dry-run", "--json")
    cursor = json.loads(shop(*tick).out)["cursor"]
    assert shop("run", "shop.py", "--job", "broken").code == 1
    told = json.loads(shop(*tick, "--cursor", cursor).out)
    [run] = json.loads(shop("runs", "list", "--json").out)["runs"]
    assert told["run_reactions"] == [{"run_id": run["id"], "error": None}]


def test_what_would_not_run_is_told(shop: Shell) -> None:
    tick = ("automation", "tick", "shop.py")
    careless = shop(*tick, "careless", "--dry-run")
    assert careless.code == 2
    assert 'did you mean "day"?' in careless.err
    raising = shop(*tick, "inbox", "--dry-run", "--cursor", "full")
    assert raising.code == 2
    assert "PW-AUT-001" in raising.err
    assert "ValueError: no room" in raising.err
    assert 'raise ValueError("no room")' in raising.err
    unknown = shop(*tick, "inbx", "--dry-run")
    assert unknown.code == 3
    assert "did you mean 'inbox'?" in unknown.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("inbox",), "say so: --dry-run"),
        (("inbox", "--dry-run", "--at", "2026-11-03"), "--at is for schedules"),
        (("each_morning", "--dry-run", "--cursor", "1"), "--cursor is for sensors"),
        (("each_morning", "--dry-run", "--at", "soon"), "--at takes a time such as"),
    ],
)
def test_a_command_line_that_does_not_fit_is_refused(
    shop: Shell, words: tuple[str, ...], told: str
) -> None:
    done = shop("automation", "tick", "shop.py", *words)
    assert done.code == 2
    assert told in done.err


def test_check_looks_at_schedules_and_sensors_and_tells_every_problem(shell: Shell) -> None:
    shell.write(
        "jobs.py",
        """
        import plugwork as dg

        @dg.job
        def shop(): ...

        @dg.schedule("@daily", job_name="shpo")
        def misspelt(): ...

        @dg.sensor(required_resource_keys={"db"})
        def hungry(): ...

        fine = dg.ScheduleDefinition(job=shop, cron_schedule="@daily")
        """,
    )
    done = shell("check", "jobs.py")
    assert done.code == 2
    assert "schedule ok: shop_schedule" in done.out
    assert "its target 'shpo' is no job" in done.err
    assert "needs the resource 'db'" in done.err
    assert done.err.count("jobs.py:") >= 2


def test_a_bad_definition_is_shown_at_its_line(shell: Shell) -> None:
    shell.write(
        "jobs.py",
        """
        import plugwork as dg

        @dg.job
        def shop(): ...

        late = dg.ScheduleDefinition(job=shop, cron_schedule="0 0 30 2 *")
        """,
    )
    done = shell("check", "jobs.py")
    assert done.code == 2
    assert "February has no such day" in done.err
    assert "jobs.py:7" in done.err
