"""Rows of runs and attempts, as records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, overload

from plugwork.model import (
    FailureSummary,
    RunFailureReason,
    RunRecord,
    RunStatus,
    RunSummary,
    StepAttempt,
    StepStatus,
    deserialize_value,
    replace,
    serialize_value,
)
from plugwork_sql.tags import columns_of
from plugwork_sql.text import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugwork.model import Run

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@overload
def to_micros(seconds: float) -> int: ...
@overload
def to_micros(seconds: float | None) -> int | None: ...
def to_micros(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1_000_000)


def to_seconds(micros: int | None) -> float | None:
    return None if micros is None else micros / 1_000_000


def datetime_to_micros(time: datetime) -> int:
    """Return a time as columns have it; a naive one is taken as UTC."""
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def run_row(run: Run, log_id: int, now: int) -> tuple[Any, ...]:
    """Return the columns that a new run is given.

    The body holds neither tags nor status: their columns change.
    """
    partition, backfill, tags = columns_of(run.tags)
    return (
        run.run_id,
        log_id,
        run.status.value,
        now,
        now,
        to_column(run.job_name),
        to_column(run.job_snapshot_id),
        to_column(run.execution_plan_snapshot_id),
        to_column(run.root_run_id),
        to_column(run.parent_run_id),
        partition,
        backfill,
        tags,
        serialize_value(replace(run, tags={}, status=RunStatus.NOT_STARTED)),
    )


def read_run(row: Sequence[Any]) -> RunRecord:
    """Return the record of a row of ``runs_from``."""
    number, body, tags, status, created, updated, started, ended = row[:8]
    run: Run = deserialize_value(body)
    return RunRecord(
        number,
        replace(run, tags=deserialize_value(tags), status=RunStatus(status)),
        _EPOCH + timedelta(microseconds=created),
        _EPOCH + timedelta(microseconds=updated),
        to_seconds(started),
        to_seconds(ended),
        _summary(row[8], row[9:14], row[14:]),
    )


def _summary(reason: str | None, failure: Sequence[Any], counts: Sequence[Any]) -> RunSummary:
    seq, step, cls, message, fingerprint = failure
    succeeded, failed, skipped, retried, materializations, planned = counts
    return RunSummary(
        succeeded,
        failed,
        skipped,
        retried,
        materializations,
        planned,
        reason=RunFailureReason(reason) if reason is not None else None,
        failure=FailureSummary(
            from_column(step), from_column(cls), from_column(message), fingerprint, seq
        )
        if seq is not None
        else None,
    )


def failure_row(failure: FailureSummary) -> tuple[Any, ...]:
    """Return the columns of a failure."""
    return (
        failure.seq,
        to_column(failure.step_key),
        to_column(failure.error_class),
        to_column(failure.message),
        failure.fingerprint,
    )


def attempt_row(log_id: int, position: int, attempt: StepAttempt) -> tuple[Any, ...]:
    """Return the columns of an attempt."""
    return (
        log_id,
        to_column(attempt.step_key),
        attempt.attempt,
        position,
        attempt.status.value,
        to_micros(attempt.started),
        to_micros(attempt.ended),
        to_column(attempt.error),
        serialize_value(attempt.logs) if attempt.logs is not None else None,
    )


def read_attempt(row: Sequence[Any]) -> StepAttempt:
    """Return the attempt of a row of ``attempts``."""
    step_key, number, status, started, ended, error, logs = row
    return StepAttempt(
        from_column(step_key),
        number,
        StepStatus(status),
        to_seconds(started),
        to_seconds(ended),
        from_column(error),
        deserialize_value(logs) if logs is not None else None,
    )
