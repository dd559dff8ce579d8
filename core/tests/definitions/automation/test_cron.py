from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugwork import ScheduleDefinition, job
from plugwork.errors import InvalidDefinitionError

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"


@job
def nightly(): ...


def ticks(
    cron: str | Sequence[str], zone: str | None, start: datetime, count: int
) -> list[datetime]:
    schedule = ScheduleDefinition(job=nightly, cron_schedule=cron, execution_timezone=zone)
    return list(islice(schedule.execution_time_iterator(start.timestamp()), count))


def walls(times: Sequence[datetime]) -> list[str]:
    return [time.strftime("%d %H:%M %z") for time in times]


@pytest.mark.parametrize(
    "cron",
    [
        "@hourly",
        "@daily",
        "@weekly",
        "@monthly",
        "@yearly",
        "@midnight",
        "@annually",
        "0 0 L * *",
        "0 0 * * 7",
        "0 0 * * MON-FRI",
        "*/15 6-18 * * *",
        "0 0 31 4 *",
        "0 0 29 2 *",
        ["0 1 * * *", "@daily"],
    ],
)
def test_expressions_that_pass(cron: str | list[str]) -> None:
    schedule = ScheduleDefinition(job=nightly, cron_schedule=cron)
    assert schedule.cron_schedule == cron


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("@reboot", "'@reboot' is no cron alias; there are: @hourly, @daily"),
        ([], "cron_schedule is a cron expression or a list of some"),
        (None, "cron_schedule is a cron expression or a list of some"),
        (5, "cron_schedule is a cron expression or a list of some"),
        (["@daily", 5], "a cron expression is text, got 5"),
        ("0 0 * * * *", "has 6 fields; a cron expression has five"),
        ("0 0 * *", "has 4 fields"),
        ("", "has 0 fields"),
        ("60 * * * *", "bad minute"),
        ("0 24 * * *", "bad hour"),
        ("0 0 0 * *", "bad day-of-month"),
        ("0 0 * 13 *", "bad month"),
        ("0 0 31 13 *", "bad month"),
        ("0 0 * * 8", "bad day-of-week"),
        ("not a cron at all", "bad minute"),
        ("0 0 30 2 *", "February has no such day"),
        ("0 0 31 2 *", "February has no such day"),
        ("0 0 30,31 FEB *", "February has no such day"),
        (["@daily", "0 0 30 2 *"], "February has no such day"),
    ],
)
def test_expressions_that_are_refused(cron: object, told: str) -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        ScheduleDefinition(job=nightly, cron_schedule=cron)  # type: ignore[arg-type]  # wrong use
    assert told in str(caught.value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "America", "../etc", 5, "/etc/localtime"])
def test_an_unknown_time_zone_is_refused(zone: object) -> None:
    with pytest.raises(InvalidDefinitionError, match=r"is no time zone; give a name such as"):
        ScheduleDefinition(job=nightly, cron_schedule="@daily", execution_timezone=zone)  # type: ignore[arg-type]  # wrong use


def test_ticks_begin_with_the_start_itself_and_are_in_utc_by_default() -> None:
    found = ticks("@daily", None, datetime(2024, 3, 10, tzinfo=UTC), 2)
    assert found == [datetime(2024, 3, 10, tzinfo=UTC), datetime(2024, 3, 11, tzinfo=UTC)]
    later = ticks("@daily", None, datetime(2024, 3, 10, 0, 0, 0, 1, tzinfo=UTC), 1)
    assert later == [datetime(2024, 3, 11, tzinfo=UTC)]


def test_several_crons_are_joined_and_each_time_comes_once() -> None:
    found = ticks(["0 6 * * *", "0 */6 * * *"], None, datetime(2024, 3, 10, tzinfo=UTC), 5)
    assert [time.hour for time in found] == [0, 6, 12, 18, 0]


def test_the_last_day_of_a_month_and_both_sundays() -> None:
    last = ticks("0 0 L * *", None, datetime(2024, 2, 1, tzinfo=UTC), 2)
    assert [(time.month, time.day) for time in last] == [(2, 29), (3, 31)]
    start = datetime(2024, 3, 1, tzinfo=UTC)
    assert ticks("0 0 * * 7", None, start, 4) == ticks("@weekly", None, start, 4)


def test_a_date_that_never_comes_has_no_ticks() -> None:
    assert ticks("0 0 31 4 *", BERLIN, datetime(2024, 1, 1, tzinfo=UTC), 1) == []


def test_a_time_that_does_not_exist_fires_when_the_clocks_are_set_forward() -> None:
    start = datetime(2024, 3, 10, 0, tzinfo=ZoneInfo(NEW_YORK))
    assert walls(ticks("30 2 * * *", NEW_YORK, start, 2)) == ["10 03:00 -0400", "11 02:30 -0400"]
    start = datetime(2024, 3, 31, 0, tzinfo=ZoneInfo(BERLIN))
    # Two fixed times in the missing hour, and one at its end, are one tick.
    found = ticks(["0,30 2 * * *", "0 3 * * *"], BERLIN, start, 2)
    assert walls(found) == ["31 03:00 +0200", "01 02:00 +0200"]


def test_a_fixed_time_fires_once_when_the_clocks_are_set_back() -> None:
    start = datetime(2024, 11, 3, 0, tzinfo=ZoneInfo(NEW_YORK))
    assert walls(ticks("30 1 * * *", NEW_YORK, start, 2)) == ["03 01:30 -0400", "04 01:30 -0500"]
    # Asked for in between, it does not fire again.
    between = datetime(2024, 11, 3, 1, 10, tzinfo=ZoneInfo(NEW_YORK), fold=1)
    assert walls(ticks("30 1 * * *", NEW_YORK, between, 1)) == ["04 01:30 -0500"]


def test_what_fires_each_hour_fires_in_both_repeated_hours() -> None:
    start = datetime(2024, 10, 27, 1, tzinfo=ZoneInfo(BERLIN))
    assert walls(ticks("@hourly", BERLIN, start, 4)) == [
        "27 01:00 +0200",
        "27 02:00 +0200",
        "27 02:00 +0100",
        "27 03:00 +0100",
    ]


FIELD = {
    "minute": st.sampled_from(["*", "*/15", "0", "30", "7,37", "0-20/10"]),
    "hour": st.sampled_from(["*", "*/3", "1", "2", "3", "0-4", "2,14"]),
    "day": st.sampled_from(["*", "1", "L", "10,31", "*/10"]),
    "weekday": st.sampled_from(["*", "7", "1-5"]),
}
CRON = st.builds("{minute} {hour} {day} * {weekday}".format, **FIELD)
#: Days around which clocks change, in one of the zones or the other.
CHANGES = [datetime(2024, *day, tzinfo=UTC) for day in ((3, 9), (3, 30), (10, 26), (11, 2))]


@given(
    crons=st.lists(CRON, min_size=1, max_size=3),
    zone=st.sampled_from([BERLIN, NEW_YORK]),
    day=st.sampled_from(CHANGES),
    offset=st.integers(0, 48 * 3600),
)
def test_ticks_grow_and_each_is_one_of_a_cron(
    crons: list[str], zone: str, day: datetime, offset: int
) -> None:
    start = day + timedelta(seconds=offset)
    found = ticks(crons, zone, start, 40)
    assert found
    assert all(before.timestamp() < after.timestamp() for before, after in pairwise(found))
    assert found[0].timestamp() >= start.timestamp()
    for time in found:
        wall = time.replace(tzinfo=UTC)
        assert ends_a_gap(time) or any(matches(cron, wall) for cron in crons), time


def ends_a_gap(time: datetime) -> bool:
    """Tell whether the clock was set forward to this time, over one that a cron may have named."""
    before = time - timedelta(hours=1)  # by the clock on the wall
    return before.astimezone(UTC).astimezone(time.tzinfo).hour != before.hour


@given(cron=CRON, zone=st.sampled_from([BERLIN, NEW_YORK]), day=st.sampled_from(CHANGES))
def test_a_later_start_gives_the_later_part_of_the_same_ticks(
    cron: str, zone: str, day: datetime
) -> None:
    whole = ticks(cron, zone, day, 30)
    for at in (7, 20):
        assert ticks(cron, zone, whole[at], 10) == whole[at : at + 10]


def matches(cron: str, wall: datetime) -> bool:
    """A small model of one cron expression, over wall-clock times."""
    minute, hour, day, _, weekday = cron.split()
    days = [fits(day, wall.day, 1, 31), fits(weekday, wall.isoweekday() % 7, 0, 7)]
    if day == "L":
        days[0] = (wall + timedelta(days=1)).day == 1
    starred = day.startswith("*") or weekday.startswith("*")
    on_day = all(days) if starred else any(days)
    return on_day and fits(minute, wall.minute, 0, 59) and fits(hour, wall.hour, 0, 23)


def fits(field: str, value: int, low: int, high: int) -> bool:
    found: set[int] = set()
    for part in field.split(","):
        if part == "L":
            continue
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if first == "*":
            first, last = str(low), str(high)
        found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return value in found or (high == 7 and value == 0 and 7 in found)
