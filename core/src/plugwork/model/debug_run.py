"""A stored run with all that belongs to it, to be loaded into another instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from plugwork.model.event import EventLogEntry
from plugwork.model.run import Run

if TYPE_CHECKING:
    from plugwork.instance import Instance

_NONE: Mapping[str, tuple[str, str]] = {}


@attrs.frozen
class DebugRunPayload:
    """A run and its log, as ``Instance.ephemeral(preload=[...])`` takes them."""

    run: Run
    #: In order.
    event_list: Sequence[EventLogEntry]
    #: Snapshot id -> kind (``job`` or ``plan``) and text, of those that the run names.
    snapshots: Mapping[str, tuple[str, str]] = _NONE

    @classmethod
    def build(cls, instance: Instance, run: Run) -> DebugRunPayload:
        """Read a run of an instance."""
        named = {"job": run.job_snapshot_id, "plan": run.execution_plan_snapshot_id}
        snapshots = {
            found: (kind, text)
            for kind, found in named.items()
            if found is not None and (text := instance.run_storage.get_snapshot(found)) is not None
        }
        return cls(run, instance.all_logs(run.run_id), snapshots)
