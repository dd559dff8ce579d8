"""Runs, what is kept beside them, and how to ask for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from plugwork.errors import CheckError
from plugwork.model.code_ref import JobOrigin
from plugwork.model.cursor import Cursor
from plugwork.model.enums import (
    CANCELABLE_STATUSES,
    FINISHED_STATUSES,
    RunFailureReason,
    RunStatus,
    StepStatus,
)
from plugwork.model.payloads import LogRange
from plugwork.model.record import Record, tagged

#: Tags of this prefix are plugwork's own; ``.plugwork/`` hides one from users.
SYSTEM_TAG_PREFIX = "plugwork/"
PARENT_RUN_ID_TAG = "plugwork/parent_run_id"
ROOT_RUN_ID_TAG = "plugwork/root_run_id"
#: "true" on a run that does again what failed in its parent.
RESUME_RETRY_TAG = "plugwork/is_resume_retry"
PARTITION_TAG = "plugwork/partition"
PARTITION_RANGE_START_TAG = "plugwork/asset_partition_range_start"
PARTITION_RANGE_END_TAG = "plugwork/asset_partition_range_end"
FAILURE_REASON_TAG = "plugwork/failure_reason"
MAX_RUNTIME_SECONDS_TAG = "plugwork/max_runtime"
#: An integer as text: of the run in the queue, and of its steps where they wait for pools.
RUN_PRIORITY_TAG = "plugwork/priority"


def make_run_id() -> str:
    """Return a new run id."""
    return str(uuid.uuid4())


def check_run_id(run_id: object) -> str:
    """Return the id in its one accepted form: it becomes part of paths.

    :raises CheckError: unless it is the text of a UUID with hyphens, in lower case.
    """
    if isinstance(run_id, str):
        try:
            if str(uuid.UUID(run_id)) == run_id:
                return run_id
        except ValueError:
            pass
    raise CheckError(f"a run id is the text of a UUID, got {run_id!r}")


def _run_id(value: str | None) -> str:
    return make_run_id() if value is None else check_run_id(value)


def _texts(tags: Mapping[str, str] | None) -> Mapping[str, str]:
    found = dict(tags or {})
    for key, value in found.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise CheckError(f"tags are text, got {key!r}: {value!r}")
    return found


def _optional_tuple(value: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


@tagged("run")
@attrs.frozen
class Run(Record):
    """One execution of a job, as it was asked for; an immutable value.

    :raises CheckError: for an id that is no UUID, tags that are not text, or only one of root
        and parent id.
    """

    job_name: str
    run_id: str = attrs.field(factory=make_run_id, converter=_run_id)
    run_config: Mapping[str, Any] = attrs.field(factory=dict)
    status: RunStatus = attrs.field(default=RunStatus.NOT_STARTED, converter=RunStatus)
    tags: Mapping[str, str] = attrs.field(factory=dict, converter=_texts)
    root_run_id: str | None = None
    parent_run_id: str | None = attrs.field(default=None)
    #: The clauses that chose a part of the job's ops; None for all of them.
    op_selection: tuple[str, ...] | None = attrs.field(default=None, converter=_optional_tuple)
    #: The paths of the ops that they chose.
    resolved_op_selection: tuple[str, ...] | None = attrs.field(
        default=None, converter=_optional_tuple
    )
    step_keys_to_execute: tuple[str, ...] | None = attrs.field(
        default=None, converter=_optional_tuple
    )
    job_snapshot_id: str | None = None
    execution_plan_snapshot_id: str | None = None
    #: How a worker in another process finds the job; None for a job made in memory.
    job_code_origin: JobOrigin | None = None

    @parent_run_id.validator
    def _both_or_neither(self, _: attrs.Attribute[str | None], value: str | None) -> None:
        if (value is None) != (self.root_run_id is None):
            raise CheckError("root_run_id and parent_run_id are set together, or not at all")

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED_STATUSES

    @property
    def is_success(self) -> bool:
        return self.status is RunStatus.SUCCESS

    @property
    def is_failure(self) -> bool:
        return self.status is RunStatus.FAILURE

    @property
    def is_failure_or_canceled(self) -> bool:
        return self.status in (RunStatus.FAILURE, RunStatus.CANCELED)

    @property
    def is_resume_retry(self) -> bool:
        """Whether the run does again what failed in its parent."""
        return self.tags.get(RESUME_RETRY_TAG) == "true"

    @property
    def is_cancelable(self) -> bool:
        return self.status in CANCELABLE_STATUSES


@attrs.frozen
class FailureSummary:
    """Why a run failed, in one line; kept with the run so that lists need not read logs."""

    #: The step that failed first; None when the run itself failed.
    step_key: str | None
    #: Bare name of the exception's class.
    error_class: str | None
    #: First line of the message, at most 500 characters.
    message: str
    #: Equal for failures of the same class at the same place: 16 hex digits.
    fingerprint: str
    #: The event that tells all of it.
    seq: int


@attrs.frozen
class RunSummary:
    """What the writer counts while it writes, so that readers need not read the log."""

    steps_succeeded: int = 0
    steps_failed: int = 0
    steps_skipped: int = 0
    steps_retried: int = 0
    materializations: int = 0
    #: Steps of the plan; None before the run started.
    steps_planned: int | None = None
    reason: RunFailureReason | None = None
    failure: FailureSummary | None = None


@attrs.frozen
class RunRecord:
    """A stored run."""

    storage_id: int
    run: Run
    #: UTC.
    create_timestamp: datetime
    #: UTC; the time of the last event that changed the status, or of the last tag.
    update_timestamp: datetime
    #: Seconds since the epoch, of RUN_START.
    start_time: float | None = None
    #: Seconds since the epoch, of the terminal event.
    end_time: float | None = None
    summary: RunSummary = attrs.field(factory=RunSummary)

    @property
    def cursor(self) -> str:
        """Opaque text: pages that go on after this run."""
        return Cursor("run", self.storage_id).to_text()


def _statuses(value: Iterable[RunStatus] | None) -> tuple[RunStatus, ...] | None:
    try:
        return None if value is None else tuple(RunStatus(status) for status in value)
    except ValueError as error:
        known = ", ".join(status.value for status in RunStatus)
        raise CheckError(f"{error}: a run is {known}") from None


def _some_ids(value: Sequence[str] | None) -> tuple[str, ...] | None:
    if value is not None and not value:
        raise CheckError("run_ids is empty: give at least one id, or None for all runs")
    return _optional_tuple(value)


@attrs.frozen
class RunsFilter:
    """Which runs: every given field must match.

    Times are strict (``<``, ``>``); a naive datetime is taken as UTC.
    """

    run_ids: tuple[str, ...] | None = attrs.field(default=None, converter=_some_ids)
    job_name: str | None = None
    #: Any of them; empty means all.
    statuses: tuple[RunStatus, ...] | None = attrs.field(default=None, converter=_statuses)
    #: Each key must match: one text, or any of a list.
    tags: Mapping[str, str | Sequence[str]] | None = None
    snapshot_id: str | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    exclude_subruns: bool | None = None


@attrs.frozen
class StepAttempt:
    """One attempt of one step, kept up to date while the run goes on."""

    step_key: str
    #: From 1.
    attempt: int
    status: StepStatus
    #: Seconds since the epoch; None for a step that was skipped.
    started: float | None = None
    ended: float | None = None
    #: First line of what went wrong.
    error: str | None = None
    logs: LogRange | None = None


@attrs.frozen
class RunStats:
    """Counts and times of a run; zeros and None for an unknown run."""

    run_id: str
    steps_succeeded: int = 0
    steps_failed: int = 0
    materializations: int = 0
    expectations: int = 0
    enqueued_time: float | None = None
    launch_time: float | None = None
    start_time: float | None = None
    end_time: float | None = None


@attrs.frozen
class StepStats:
    """What became of a step over all its attempts."""

    run_id: str
    step_key: str
    status: StepStatus
    start_time: float | None
    end_time: float | None
    attempts: int
    attempts_list: tuple[StepAttempt, ...] = ()
