"""``plugwork runs delete``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plugwork.cli.group import Command
from plugwork.cli.output import emit, say, short_id
from plugwork.cli.settings import Settings

if TYPE_CHECKING:
    from plugwork.instance import Instance


@click.command(cls=Command)
@click.argument("runs", nargs=-1, required=True)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(settings: Settings, runs: tuple[str, ...], yes: bool) -> None:
    """Delete RUNS with their events and logs; stored outputs stay."""
    from plugwork.cli.opening import opened
    from plugwork.cli.run_ids import find_run

    with opened(settings) as instance:
        found = {find_run(instance, each).run.run_id: None for each in runs}
        if not yes:
            names = ", ".join(map(short_id, found))
            click.confirm(f"delete {names} with events and logs?", abort=True, err=True)
        for run_id in found:
            _delete(instance, run_id)
    if settings.json:
        emit("deleted/1", {"ids": list(found)})
        return
    for run_id in found:
        say(f"deleted {short_id(run_id)}")


def _delete(instance: Instance, run_id: str) -> None:
    instance.delete_run(run_id)
    # A log that nobody can find is worse than a run without logs: the run goes first.
    instance.compute_log_manager.delete_logs(prefix=[run_id])
