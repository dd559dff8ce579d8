"""``plugwork runs watch``."""

from __future__ import annotations

import click

from plugwork.cli.group import Command
from plugwork.cli.output import note, say, short_id
from plugwork.cli.settings import Settings


@click.command(cls=Command)
@click.argument("run")
@click.option(
    "--progress",
    type=click.Choice(["tree", "lines", "json", "none"]),
    help="How progress is shown. Default: a tree on a terminal, else lines.",
)
@click.pass_obj
def watch(settings: Settings, run: str, progress: str | None) -> int:
    """Follow RUN until it ends; the exit code tells how. Ctrl-C leaves the run alone."""
    from plugwork.cli.opening import opened
    from plugwork.cli.progress.choosing import Mode, choose_mode, make_progress
    from plugwork.cli.progress.view import view_of
    from plugwork.cli.run_ids import find_run
    from plugwork.cli.running import exit_code_of
    from plugwork.cli.summary import summary_lines
    from plugwork.cli.terminal import Terminal
    from plugwork.journal.watch import watch_records

    with opened(settings) as instance, Terminal() as terminal:
        instance.start_reaper()
        found = find_run(instance, run).run
        view = view_of(instance, found)
        wanted = "json" if settings.json and progress is None else progress
        mode = choose_mode(wanted, settings, terminal)
        shown = make_progress(mode, view, terminal, settings, instance.clock)
        shown.start()
        try:
            for record in watch_records(instance.storage, found.run_id):
                shown.note(record)
        finally:
            shown.stop()
        note(settings, "")
        command = f"plugwork runs retry {short_id(found.run_id)}" if found.job_code_origin else ""
        for line in summary_lines(view, ("retry", command), settings):
            if mode is Mode.JSON:
                note(settings, line)
            else:
                say(line)
        return exit_code_of(instance.require_run(found.run_id).status)
