"""The reaper of an instance: runs in every process that keeps the instance open for long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork.abc.launcher import WorkerHealth, WorkerStatus
from plugwork.journal.reaper import Reaper

if TYPE_CHECKING:
    from plugwork.instance.instance import Instance
    from plugwork.model import Appended, Run


def make_reaper(instance: Instance) -> Reaper:
    """Return the reaper of an instance; the caller starts and stops it."""

    def health(run: Run) -> WorkerHealth:
        launcher = instance.run_launcher
        if not launcher.supports_check_run_worker_health:
            return WorkerHealth(WorkerStatus.UNKNOWN)
        return launcher.check_run_worker_health(run)

    def committed(appended: Appended) -> None:
        instance.notices.committed(appended.entries[0].entry.run_id, appended)

    leases = instance.config.leases
    return Reaper(instance.storage, instance.clock, leases.ttl, leases.reap, health, committed)
