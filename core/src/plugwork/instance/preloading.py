"""Stored runs put into an instance that has just been opened."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from plugwork.errors import CheckError
from plugwork.model.batch import Batch
from plugwork.model.debug_run import DebugRunPayload
from plugwork.model.enums import RunStatus

if TYPE_CHECKING:
    from plugwork.abc import Storage


def preload_runs(storage: Storage, payloads: Iterable[DebugRunPayload]) -> None:
    """Store runs with their events; their statuses follow from these.

    :raises CheckError: for anything else than a payload, and for events of another run.
    :raises RunAlreadyExists: when two have the same run id.
    """
    for each in payloads:
        if not isinstance(each, DebugRunPayload):
            raise CheckError(
                f"preload is a sequence of DebugRunPayload, got {each!r}; make them by "
                "DebugRunPayload.build(instance, run)"
            )
        _preload(storage, each)


def _preload(storage: Storage, payload: DebugRunPayload) -> None:
    run = payload.run
    strangers = {entry.run_id for entry in payload.event_list} - {run.run_id}
    if strangers:
        raise CheckError(f"preload: run {run.run_id} comes with events of {min(strangers)}")
    for snapshot_id, (kind, text) in payload.snapshots.items():
        storage.run_storage.add_snapshot(snapshot_id, kind, text)
    known = payload.snapshots
    job, plan = run.job_snapshot_id, run.execution_plan_snapshot_id
    born = attrs.evolve(
        run,
        status=run.status if run.status is RunStatus.MANAGED else RunStatus.NOT_STARTED,
        job_snapshot_id=job if job in known else None,
        execution_plan_snapshot_id=plan if plan in known else None,
    )
    storage.create_run(born, steps_planned=_planned(known.get(plan or "")))
    if payload.event_list:
        storage.append(Batch.of(run.run_id, payload.event_list))


def _planned(plan: tuple[str, str] | None) -> int | None:
    return None if plan is None else len(json.loads(plan[1]).get("executed", ()))
