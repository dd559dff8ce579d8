"""Opening the instance that a command line means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plugwork.cli.output import note, short_id
from plugwork.cli.settings import Settings

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.model import Appended


@contextmanager
def opened(settings: Settings) -> Iterator[Instance]:
    """Open the instance, end the runs whose workers are gone, and dispose of it afterwards."""
    from plugwork.instance.opening import open_located

    with open_located(settings.instance, settings.profile) as instance:
        end_dead_runs(instance, settings)
        yield instance


def end_dead_runs(instance: Instance, settings: Settings) -> None:
    """Make one pass of the reaper, and tell which runs it ended."""
    if not instance.storage.persistent:
        return
    from plugwork.journal.reaper import reap_provably_dead

    def committed(appended: Appended) -> None:
        instance.notices.committed(appended.entries[0].entry.run_id, appended)

    for run_id in reap_provably_dead(instance.storage, instance.clock, committed):
        run = instance.require_run(run_id)
        note(
            settings,
            f"run {short_id(run_id)} of {run.job_name} was ended: its worker is gone "
            f"(plugwork runs show {short_id(run_id)})",
        )
