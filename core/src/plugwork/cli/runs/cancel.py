"""``plugwork runs cancel``."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import click

from plugwork.cli.group import Command
from plugwork.cli.output import emit, note, say, short_id
from plugwork.cli.settings import Settings

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.model import Run


@click.command(cls=Command)
@click.argument("run")
@click.option("--force", is_flag=True, help="Take the run from its worker, and mark it canceled.")
@click.option(
    "--wait",
    default=30.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Seconds to wait for its end.",
)
@click.pass_obj
def cancel(settings: Settings, run: str, force: bool, wait: float) -> int:
    """Stop RUN: ask its worker; where that is gone, mark the run canceled."""
    from plugwork.cli.opening import end_dead_runs
    from plugwork.cli.run_ids import find_run
    from plugwork.errors import RunStateError
    from plugwork.instance.opening import open_located

    with open_located(settings.instance, settings.profile) as instance:
        found = find_run(instance, run).run
        if found.is_finished:
            raise RunStateError(
                f"run {short_id(found.run_id)} has ended already ({found.status.lower()})"
            )
        _cancel(instance, found, force)
        # Only now: a run that is asked to stop ends as canceled, also when its worker is gone.
        end_dead_runs(instance, settings)
        ended = _wait(instance, found.run_id, wait)
    if settings.json:
        emit("canceled/1", {"id": ended.run_id, "status": ended.status.value})
    elif ended.is_finished:
        say(f"run {short_id(ended.run_id)} is {ended.status.lower()}")
    else:
        note(settings, f"asked; the run is {ended.status.lower()} still. To end it now: --force")
    return 0 if ended.is_finished else 1


def _cancel(instance: Instance, run: Run, force: bool) -> None:
    if force or not _is_held(instance, run):
        instance.report_run_canceling(run)
        instance.report_run_canceled(run)
    elif not instance.run_coordinator.cancel_run(run.run_id):
        instance.report_run_canceling(run)


def _is_held(instance: Instance, run: Run) -> bool:
    from plugwork.journal.holder import is_gone

    leases = [each for each in instance.storage.get_leases("run") if each.key == run.run_id]
    return any(each.holder is not None and not is_gone(each.holder) for each in leases)


def _wait(instance: Instance, run_id: str, seconds: float) -> Run:
    """Wait until the run has ended."""
    from plugwork.journal.watch import watch_records

    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.daemon = True
    timer.start()
    try:
        for _ in watch_records(instance.storage, run_id, stop=stop, settle=0.0, poll=0.2):
            pass
    finally:
        timer.cancel()
    return instance.require_run(run_id)
