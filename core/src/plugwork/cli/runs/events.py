"""``plugwork runs events``."""

from __future__ import annotations

import datetime
import logging
from typing import TYPE_CHECKING

import click

from plugwork.cli.group import Command
from plugwork.cli.output import colored, emit, note, one_line, say, table
from plugwork.cli.settings import Settings

if TYPE_CHECKING:
    from plugwork.model import EventLogConnection, EventLogRecord


@click.command(cls=Command)
@click.argument("run")
@click.option("--type", "types", metavar="TYPE", multiple=True, help="Only events of this type.")
@click.option("--step", metavar="KEY", help="Only events of this step.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(min=1))
@click.option("--after", "cursor", metavar="CURSOR", help="Go on where a page ended.")
@click.pass_obj
def events(
    settings: Settings,
    run: str,
    types: tuple[str, ...],
    step: str | None,
    limit: int,
    cursor: str | None,
) -> None:
    """List the events of RUN, oldest first."""
    from plugwork.cli.opening import opened
    from plugwork.cli.progress.json_lines import event_document
    from plugwork.cli.run_ids import find_run

    chosen = {_event_type(each) for each in types} or None
    with opened(settings) as instance:
        run_id = find_run(instance, run).run.run_id
        page: EventLogConnection = instance.get_records_for_run(
            run_id,
            cursor,
            chosen,  # type: ignore[arg-type]  # _event_type returns event types
            limit,
        )
    records = [each for each in page.records if step in (None, each.event_log_entry.step_key)]
    if settings.json:
        emit(
            "events/1",
            {
                "events": [event_document(each) for each in records],
                "cursor": page.cursor,
                "has_more": page.has_more,
            },
        )
        return
    if not records:
        say("no events")
        return
    table(["SEQ", "TIME", "TYPE", "STEP", "MESSAGE"], [_row(each) for each in records])
    if page.has_more:
        note(settings, f"more: --after {page.cursor}")


def _event_type(text: str) -> object:
    import difflib

    from plugwork.errors import CommandLineError
    from plugwork.model import EventType

    name = text.upper()
    if name in EventType.__members__:
        return EventType[name]
    close = difflib.get_close_matches(name, EventType.__members__, n=1)
    better = f"; did you mean {close[0]}?" if close else ""
    raise CommandLineError(f'there is no event type "{text}"{better}')


def _row(record: EventLogRecord) -> list[str]:
    entry = record.event_log_entry
    time = datetime.datetime.fromtimestamp(entry.timestamp, datetime.UTC).astimezone()
    kind = entry.event_type
    level = logging.getLevelName(entry.level)
    color = "red" if entry.level >= logging.ERROR else None
    return [
        str(record.seq),
        time.strftime("%H:%M:%S.%f")[:-3],
        colored(kind.value if kind else f"({level.lower()})", color),
        (entry.step_key or "") + (f" #{entry.attempt}" if (entry.attempt or 1) > 1 else ""),
        one_line(entry.message),
    ]
