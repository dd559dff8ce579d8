"""Cron schedules: checked when they are written, and their times found in a time zone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from heapq import merge
from typing import Any

from plugwork.errors import InvalidDefinitionError

ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS = 5
_DAY = 2
_MONTH = 3
_FEBRUARY = 2


class Cron:
    """One or several cron expressions; each tick of any of them, once.

    An expression has five fields or is one of :data:`ALIASES`. When clocks are set forward, a
    time that does not exist fires at the first one that does; when they are set back, a fixed
    time fires at its first occurrence, and what fires each hour or more often fires in both.

    :param timezone: a name of the IANA database.
    :param owner: whose it is, with its place, for messages.
    :raises InvalidDefinitionError: for what is no expression, or no time zone.
    """

    __slots__ = ("expressions", "timezone", "zone")

    def __init__(self, expressions: str | Sequence[str], timezone: str, owner: str) -> None:
        given = [expressions] if isinstance(expressions, str) else expressions
        if not isinstance(given, (list, tuple)) or not given:
            raise InvalidDefinitionError(
                f"{owner}: cron_schedule is a cron expression or a list of some, got "
                f"{expressions!r}"
            )
        self.expressions = tuple(_checked(one, owner) for one in given)
        self.timezone = timezone
        self.zone = _zone(timezone, owner)

    def ticks(self, start: float) -> Iterator[datetime]:
        """Yield the times from a moment on, in the time zone, for ever.

        :param start: seconds since the epoch; a tick at this very moment is yielded.
        """
        last = -math.inf
        for moment in merge(*(_ticks(one, self.zone, start) for one in self.expressions)):
            if moment > last:
                last = moment
                yield datetime.fromtimestamp(moment, self.zone)


def _ticks(expression: str, zone: tzinfo, start: float) -> Iterator[float]:
    # The second before is asked for the time after it, so that a tick at the start counts.
    before = datetime.fromtimestamp(math.ceil(start) - 1, UTC).astimezone(zone)
    for tick in _simulation(expression, before):
        moment: float = tick.timestamp()
        # In the second of two equal hours, a fixed time has fired in the first.
        if moment >= start:
            yield moment


def _simulation(expression: str, before: datetime) -> Iterator[datetime]:
    from cronsim import CronSim, CronSimError

    try:
        found: Iterator[datetime] = CronSim(expression, before)
    except CronSimError:
        return iter(())  # checked before: a date that never comes
    return found


def _checked(expression: Any, owner: str) -> str:
    if not isinstance(expression, str):
        raise InvalidDefinitionError(f"{owner}: a cron expression is text, got {expression!r}")
    text = expression.strip()
    if text.startswith("@"):
        if text not in ALIASES:
            raise InvalidDefinitionError(
                f"{owner}: {expression!r} is no cron alias; there are: {', '.join(ALIASES)}"
            )
        return ALIASES[text]
    fields = text.split()
    if len(fields) != _FIELDS:
        raise InvalidDefinitionError(
            f"{owner}: {expression!r} has {len(fields)} fields; a cron expression has five: minute "
            "hour day-of-month month day-of-week"
        )
    problem = _problem(fields)
    if problem is not None:
        raise InvalidDefinitionError(
            f"{owner}: {expression!r} is no cron expression: {problem}; its fields are: minute "
            "hour day-of-month month day-of-week"
        )
    return " ".join(fields)


def _problem(fields: list[str]) -> str | None:
    """Return what is wrong; of the dates that never come, those of February alone."""
    from cronsim import CronSim, CronSimError

    some_day = datetime(2000, 1, 1, tzinfo=UTC)
    months: set[int] = set()
    try:
        months = CronSim(" ".join([*fields[:_DAY], "1", *fields[_DAY + 1 :]]), some_day).months
        CronSim(" ".join([*fields[:_MONTH], "*", *fields[_MONTH + 1 :]]), some_day)
        if months == {_FEBRUARY}:
            CronSim(" ".join(fields), some_day)
    except CronSimError as error:
        if str(error) == "Bad day-of-month" and months == {_FEBRUARY}:
            return "February has no such day"
        return str(error)[:1].lower() + str(error)[1:]
    return None


def _zone(name: Any, owner: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        raise InvalidDefinitionError(
            f"{owner}: {name!r} is no time zone; give a name such as 'UTC' or 'Europe/Berlin'"
        ) from None
