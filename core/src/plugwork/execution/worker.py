"""A run worker: executes a stored run that somebody else submitted.

``python -m plugwork.execution.worker`` reads one JSON object from standard input: ``instance``, an
``InstanceRef`` as a dictionary, and ``run_id``. Whoever starts it holds the run's lease; the worker
takes it over before it does anything else. Only refs cross: the worker loads the job itself.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from plugwork.boundary import last_interrupt
from plugwork.errors import FencedError, InvariantViolationError, RunNotFoundError, StorageError
from plugwork.model.enums import RunFailureReason, RunStatus
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.payloads import EngineEventData

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition
    from plugwork.execution.starting import RunExecution
    from plugwork.instance import Instance
    from plugwork.model import Lease, Run

SUCCEEDED = 0
FAILED = 1
STORAGE_FAILED = 4
CANCELED = 5
#: The process that hands the run over may renew its lease between two looks.
_TRIES = 5
_STARTABLE = frozenset({RunStatus.NOT_STARTED, RunStatus.STARTING})


def execute_run(instance: Instance, run_id: str, *, echo_logs: bool = False) -> int:
    """Execute a stored run in this process, to its end.

    :param echo_logs: pass what steps print on to this process's own output.
    :returns: an exit code: 0 for a run that succeeded or must not be run, 1 for one that failed,
        4 when the storage failed, 5 for one that was canceled, 128 + n after signal n.
    :raises RunNotFoundError: for an unknown run.
    """
    from plugwork.execution.starting import RunExecution
    from plugwork.instance.reexecution import known_state_of
    from plugwork.plan import create_plan

    run = instance.get_run_by_id(run_id)
    if run is None:
        raise RunNotFoundError(invalid_run_id=run_id)
    if run.status not in _STARTABLE:
        return _refuse(instance, run)
    lease = _take_lease(instance, run)
    if lease is None:
        return _refuse(instance, instance.require_run(run_id))
    try:
        job = _load_job(instance, run)
        known = known_state_of(instance, job, run)
        plan = create_plan(job, run.run_config, run.step_keys_to_execute, known, run.tags)
    except Exception as error:  # noqa: BLE001 - told by the run's terminal event
        info = SerializableErrorInfo.from_exception(error)
        message = f"The run could not be started: {info.summary()}"
        instance.report_run_failed(run, message, RunFailureReason.JOB_INITIALIZATION_FAILURE, info)
        return FAILED
    execution = RunExecution(instance, job, plan, run, lease, echo_logs=echo_logs)
    return _execute(instance, run, execution)


def _execute(instance: Instance, run: Run, execution: RunExecution) -> int:
    try:
        for _ in execution.events():
            pass
    except FencedError:
        return FAILED
    except StorageError as error:
        print(f"run {run.run_id}: {error}", file=sys.stderr)
        return STORAGE_FAILED
    signal = last_interrupt()
    status = instance.require_run(run.run_id).status
    if status is RunStatus.SUCCESS:
        return SUCCEEDED
    if status is RunStatus.CANCELED:
        return CANCELED
    return 128 + signal if signal is not None else FAILED


def _take_lease(instance: Instance, run: Run) -> Lease | None:
    """Take the run over from the process that launched this one."""
    from plugwork.journal.ending import find_lease
    from plugwork.journal.holder import current_holder

    ttl = instance.config.leases.ttl
    for _ in range(_TRIES):
        held = find_lease(instance.storage, run.run_id)
        lease = instance.storage.acquire_lease("run", run.run_id, current_holder(), ttl, held)
        if lease is not None:
            return lease
    return None


def _refuse(instance: Instance, run: Run) -> int:
    """Answer a worker that came too late, or twice: the run is as it should be already."""
    if run.status is RunStatus.CANCELING:
        instance.report_run_canceled(run, "Canceled before its worker could start.")
        return CANCELED
    told = {
        RunStatus.CANCELED: "The run was canceled before its worker could start.",
        RunStatus.STARTED: "Ignoring a second worker for a run that has one.",
        **dict.fromkeys(_STARTABLE, "Ignoring a worker: another process holds the run."),
    }
    message = told.get(run.status, "Ignoring a worker that started after the run had ended.")
    instance.report_engine_event(message, run, EngineEventData())
    return SUCCEEDED


def _load_job(instance: Instance, run: Run) -> JobDefinition:
    """Load the job again, and check that it is the one that was submitted."""
    from plugwork.code import load_job
    from plugwork.plan.snapshot import canonical, job_snapshot, snapshot_id

    if run.job_code_origin is None:
        raise InvariantViolationError(f"run {run.run_id} does not say where its job is found")
    job = load_job(run.job_code_origin).get_definition().for_subset(run.op_selection)
    loaded = snapshot_id(canonical(job_snapshot(job)))
    if run.job_snapshot_id is not None and loaded != run.job_snapshot_id:
        raise InvariantViolationError(
            f"job {run.job_name!r} of {run.job_code_origin.code.describe()} has changed since the "
            "run was submitted; submit it again"
        )
    return job


def main() -> int:
    """Read the order from standard input and execute the run."""
    from plugwork.instance import Instance, InstanceRef

    order = json.load(sys.stdin)
    with Instance.from_ref(InstanceRef.from_dict(order["instance"])) as instance:
        return execute_run(instance, order["run_id"])


if __name__ == "__main__":
    sys.exit(main())
