"""Ending a run from outside: take it over, close what is open, say why."""

from __future__ import annotations

from collections.abc import Iterator

from plugwork.abc import Storage
from plugwork.clock import Clock
from plugwork.errors import CheckError, WorkerLostError
from plugwork.journal.entries import outside_entry, run_event_entry
from plugwork.model import (
    Appended,
    Batch,
    ErrorSource,
    Event,
    EventLogEntry,
    EventType,
    Holder,
    Lease,
    Run,
    RunCanceledData,
    RunFailureData,
    RunFailureReason,
    RunStatus,
    SerializableErrorInfo,
    StepFailureData,
    StepStatus,
)

#: A living worker renews between two looks; so often is it tried again.
_TRIES = 10
#: Of the short lease under which a run is ended.
LEASE_TTL = 15.0


def end_run(
    storage: Storage,
    run_id: str,
    clock: Clock,
    status: RunStatus,
    message: str,
    reason: RunFailureReason | None,
    holder: Holder,
    error: SerializableErrorInfo | None = None,
) -> Appended | None:
    """Take a run over from whoever holds it, and end it: its open attempts first.

    Raising the fence stops its worker, dead or alive, from writing anything after this. When
    several try at once, one of them ends the run.

    :param status: FAILURE or CANCELED.
    :param reason: of a FAILURE.
    :param holder: this process.
    :param error: why; None: a :class:`WorkerLostError` with the message, for a FAILURE and for
        the attempts that were open.
    :returns: what was stored; None when the run is unknown or finished, or somebody was faster.
    :raises CheckError: for another status.
    :raises StorageError: nothing is known, or nothing was stored; it can be tried again.
    """
    if status not in (RunStatus.FAILURE, RunStatus.CANCELED):
        raise CheckError(f"a run is ended as FAILURE or CANCELED, not as {status}")
    for _ in range(_TRIES):
        record = storage.run_storage.get_run_record(run_id)
        if record is None or record.run.is_finished:
            return None
        seen = find_lease(storage, run_id)
        lease = storage.acquire_lease("run", run_id, holder, LEASE_TTL, seen)
        if lease is not None:
            return end_held_run(storage, record.run, lease, clock, status, message, reason, error)
    return None


def end_held_run(
    storage: Storage,
    run: Run,
    lease: Lease,
    clock: Clock,
    status: RunStatus,
    message: str,
    reason: RunFailureReason | None,
    error: SerializableErrorInfo | None = None,
) -> Appended:
    """Do as :func:`end_run` for a run that was taken over just now, under this lease."""
    lost = error or SerializableErrorInfo.from_exception(WorkerLostError(message))
    entries = list(_close_attempts(storage, run, message, lost, clock.now()))
    kind = EventType.RUN_FAILURE
    data: RunFailureData | RunCanceledData = RunFailureData(lost, reason)
    if status is RunStatus.CANCELED:
        kind, data = EventType.RUN_CANCELED, RunCanceledData(error)
    entries.append(run_event_entry(run, kind, message, clock.now(), data))
    return storage.append(Batch.of(run.run_id, entries, lease.fence, 1))


def find_lease(storage: Storage, run_id: str) -> Lease | None:
    """Return the lease under which a run is held now."""
    return next((lease for lease in storage.get_leases("run") if lease.key == run_id), None)


def _close_attempts(
    storage: Storage, run: Run, message: str, error: SerializableErrorInfo, now: float
) -> Iterator[EventLogEntry]:
    for attempt in storage.event_log_storage.get_step_attempts(run.run_id):
        if attempt.status is StepStatus.IN_PROGRESS:
            event = Event(
                EventType.STEP_FAILURE,
                run.job_name,
                StepFailureData(error=error, error_source=ErrorSource.FRAMEWORK_ERROR),
                f"step {attempt.step_key!r} was cut off: {message}",
                attempt.step_key,
                attempt.attempt,
            )
            yield outside_entry(event, run.run_id, now)
