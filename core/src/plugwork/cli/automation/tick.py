"""``plugwork automation tick --dry-run``: what one evaluation would request; nothing starts."""

from __future__ import annotations

import json
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

from plugwork.cli.automation.finding import find_automation
from plugwork.cli.group import Command
from plugwork.cli.opening import opened
from plugwork.cli.output import dim, emit, note, say, table
from plugwork.cli.settings import Settings
from plugwork.cli.words import counted
from plugwork.errors import CommandLineError

if TYPE_CHECKING:
    from plugwork.code import LoadedCode
    from plugwork.definitions.automation.schedule import ScheduleDefinition
    from plugwork.definitions.automation.sensor import SensorDefinition
    from plugwork.definitions.definitions import Definitions
    from plugwork.instance import Instance
    from plugwork.model import RunRequest, ScheduleExecutionData, SensorExecutionData


@click.command(cls=Command)
@click.argument("target")
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Start nothing, store nothing; required here.")
@click.option(
    "--at", metavar="TIME", help="The tick of a schedule: 2026-11-03T06:00; else its next."
)
@click.option("--cursor", metavar="TEXT", help="What a sensor begins with; else nothing.")
@click.pass_obj
def tick(
    settings: Settings,
    target: str,
    name: str,
    dry_run: bool,
    at: str | None,
    cursor: str | None,
) -> None:
    """Evaluate the schedule or sensor NAME of TARGET here, and show what it would request."""
    from plugwork.cli.target import load_code_of
    from plugwork.definitions.automation.schedule import ScheduleDefinition

    if not dry_run:
        raise CommandLineError("this command evaluates and starts nothing; say so: --dry-run")
    code = load_code_of(target)
    one = find_automation(code.definitions, name)
    code.definitions.check_automation(one)
    with opened(settings) as instance:
        if isinstance(one, ScheduleDefinition):
            if cursor is not None:
                raise CommandLineError(f"--cursor is for sensors; {name} is a schedule")
            _schedule(settings, code.definitions, one, instance, at)
            return
        if at is not None:
            raise CommandLineError(f"--at is for schedules; {name} is a sensor")
        _sensor(settings, code, one, instance, cursor)


def _schedule(
    settings: Settings,
    definitions: Definitions,
    one: ScheduleDefinition,
    instance: Instance,
    at: str | None,
) -> None:
    from plugwork.definitions.automation.schedule_context import ScheduleEvaluationContext

    time = _time(one, at, instance)
    context = ScheduleEvaluationContext(
        None, time, None, None, one.name, None, definitions, instance
    )
    with context:
        data = one.evaluate_tick(context)
    shown = time.isoformat()
    _show(settings, definitions, data, context.log_lines, {"at": shown}, f" at {shown}")


def _time(one: ScheduleDefinition, at: str | None, instance: Instance) -> datetime:
    if at is not None:
        return _read_time(at, one.timezone)
    for time in one.execution_time_iterator(instance.clock.now()):
        return time
    raise CommandLineError(f"schedule {one.name} has no next time; give one: --at")


def _read_time(text: str, zone: tzinfo) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise CommandLineError(
            f'--at takes a time such as 2026-11-03T06:00, got "{text}"'
        ) from None
    return time if time.tzinfo is not None else time.replace(tzinfo=zone)


def _sensor(
    settings: Settings,
    code: LoadedCode,
    one: SensorDefinition,
    instance: Instance,
    cursor: str | None,
) -> None:
    from plugwork.definitions.automation.sensor_context import SensorEvaluationContext

    context = SensorEvaluationContext(
        None,
        cursor=cursor,
        repository_def=code.definitions,
        instance=instance,
        sensor_name=one.name,
        code_location_origin=code.ref,
    )
    with context:
        data = one.evaluate_tick(context)
    more = {
        "cursor": data.cursor,
        "run_reactions": [
            {"run_id": each.run_id, "error": each.error.message if each.error else None}
            for each in data.run_reactions
        ],
        "partitions_to_change": len(data.dynamic_partitions_requests),
        "asset_events": len(data.asset_events),
    }
    _show(settings, code.definitions, data, context.log_lines, more, "")
    if not settings.json:
        _tell_sensor(data, cursor)


def _tell_sensor(data: SensorExecutionData, cursor: str | None) -> None:
    for reaction in data.run_reactions:
        error = f": {reaction.error.message.strip()}" if reaction.error else ""
        say(f"{'failed for' if error else 'called for'} run {reaction.run_id}{error}")
    for request in data.dynamic_partitions_requests:
        word = "add" if type(request).__name__.startswith("Add") else "delete"
        keys = ", ".join(request.partition_keys)
        say(f"would {word} partitions of {request.partitions_def_name}: {keys}")
    if data.asset_events:
        say(f"would store {counted(len(data.asset_events), 'event')} of assets")
    if data.cursor != cursor:
        say(f"cursor would be {data.cursor}")


def _show(
    settings: Settings,
    definitions: Definitions,
    data: ScheduleExecutionData | SensorExecutionData,
    lines: list[str],
    more: dict[str, Any],
    when: str,
) -> None:
    for request in data.run_requests:
        _check_config(definitions, request)
    for line in lines:
        note(settings, line)
    if settings.json:
        requests = [_document(one) for one in data.run_requests]
        emit("tick/1", {**more, "run_requests": requests, "skip_message": data.skip_message})
        return
    if not data.run_requests:
        reason = f": {data.skip_message}" if data.skip_message else ""
        say(f"no run would be requested{when}{reason}")
        return
    say(f"{counted(len(data.run_requests), 'run')} would be requested{when}")
    table(["JOB", "RUN KEY", "TAGS", "CONFIG"], [_row(one) for one in data.run_requests])


def _check_config(definitions: Definitions, request: RunRequest) -> None:
    """Check a request's run config, as its run would.

    :raises InvalidConfigError: with every problem.
    """
    from plugwork.definitions.run_config import validate_run_config

    validate_run_config(definitions.get_job_def(str(request.job_name)), request.run_config)


def _document(request: RunRequest) -> dict[str, Any]:
    return {
        "job": request.job_name,
        "run_key": request.run_key,
        "tags": request.tags,
        "run_config": request.run_config,
    }


def _row(request: RunRequest) -> list[str]:
    tags = ", ".join(f"{key}={value}" for key, value in sorted(request.tags.items()))
    config = json.dumps(request.run_config, default=str) if request.run_config else "-"
    return [str(request.job_name), request.run_key or "-", tags, dim(config)]
