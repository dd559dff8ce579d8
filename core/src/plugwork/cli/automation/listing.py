"""``plugwork automation list`` and ``show``: the schedules and sensors of a file or module."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from plugwork.cli.automation.finding import find_automation
from plugwork.cli.group import Command
from plugwork.cli.output import bold, emit, facts, say, table
from plugwork.cli.settings import Settings

if TYPE_CHECKING:
    from plugwork.definitions.automation.automation_definition import AutomationDefinition

#: Times of a schedule that are shown.
_NEXT = 3


@click.command("list", cls=Command)
@click.argument("target")
@click.pass_obj
def list_automations(settings: Settings, target: str) -> None:
    """List the schedules and sensors of TARGET: a file, or a module."""
    from plugwork.cli.target import load_code_of

    definitions = load_code_of(target).definitions
    found = [*definitions.schedules, *definitions.sensors]
    if settings.json:
        emit("automations/1", {"automations": [_document(one) for one in found]})
        return
    table(["NAME", "KIND", "WHEN", "JOBS", "BY DEFAULT"], [_row(one) for one in found])


@click.command(cls=Command)
@click.argument("target")
@click.argument("name")
@click.pass_obj
def show(settings: Settings, target: str, name: str) -> None:
    """Show the schedule or sensor NAME of TARGET, and when a schedule comes next."""
    from plugwork.cli.target import load_code_of

    one = find_automation(load_code_of(target).definitions, name)
    document = {**_document(one), "next": _next_times(one)}
    if settings.json:
        emit("automation/1", document)
        return
    summary = (one.description or "").strip().partition("\n")[0]
    say(f"{bold(one.name)}  {summary}".rstrip())
    facts(
        [
            ("kind", one.what),
            ("when", _when(one)),
            ("jobs", _jobs(one)),
            ("by default", document["default_status"].lower()),
            *(("next", time) for time in document["next"]),
            *(("tag", f"{key}={value}") for key, value in sorted(one.tags.items())),
            *(("needs", f"resource {key}") for key in sorted(one.required_resource_keys)),
        ],
        "  ",
    )


def _row(one: AutomationDefinition) -> list[str]:
    return [one.name, one.what, _when(one), _jobs(one), _status(one).lower()]


def _jobs(one: AutomationDefinition) -> str:
    return ", ".join(one.targets.names) or "-"


def _when(one: AutomationDefinition) -> str:
    """Tell a schedule's cron expressions and time zone, and a sensor's interval."""
    document = _document(one)
    if "cron_schedule" in document:
        return f"{', '.join(document['cron_schedule'])}  {document['timezone']}"
    return f"every {document['minimum_interval_seconds']} s"


def _status(one: Any) -> str:
    status: str = one.default_status.value
    return status


def _document(one: AutomationDefinition) -> dict[str, Any]:
    from plugwork.definitions.automation.schedule import ScheduleDefinition

    own: dict[str, Any]
    if isinstance(one, ScheduleDefinition):
        cron = one.cron_schedule
        own = {
            "cron_schedule": [cron] if isinstance(cron, str) else list(cron),
            "timezone": one.execution_timezone or "UTC",
        }
    else:
        own = {"minimum_interval_seconds": getattr(one, "minimum_interval_seconds", None)}
    return {
        "name": one.name,
        "kind": one.what,
        "description": one.description,
        **own,
        "jobs": list(one.targets.names),
        "default_status": _status(one),
        "tags": one.tags,
        "resources": sorted(one.required_resource_keys),
    }


def _next_times(one: AutomationDefinition) -> list[str]:
    from plugwork.clock import SYSTEM_CLOCK
    from plugwork.definitions.automation.schedule import ScheduleDefinition

    if not isinstance(one, ScheduleDefinition):
        return []
    times = one.execution_time_iterator(SYSTEM_CLOCK.now())
    return [time.isoformat() for time in islice(times, _NEXT)]
