"""What a batch means for the tables that are kept beside the log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import attrs

from plugwork.model.enums import FINISHED_STATUSES, EventType, RunFailureReason, StepStatus
from plugwork.model.envelope import EncodedEntry
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.event import EventLogEntry
from plugwork.model.payloads import StepFailureData, StepRetryData, StepSuccessData
from plugwork.model.run import FailureSummary, RunSummary, StepAttempt
from plugwork.model.run_payloads import RunFailureData
from plugwork.model.state import TRANSITIONS

_LINE = 500
_T = EventType
_ENDS = {
    _T.STEP_SUCCESS: StepStatus.SUCCESS,
    _T.STEP_FAILURE: StepStatus.FAILURE,
    _T.STEP_UP_FOR_RETRY: StepStatus.UP_FOR_RETRY,
    _T.STEP_SKIPPED: StepStatus.SKIPPED,
}
_COUNTED = {
    _T.STEP_SUCCESS: "steps_succeeded",
    _T.STEP_FAILURE: "steps_failed",
    _T.STEP_SKIPPED: "steps_skipped",
    _T.STEP_UP_FOR_RETRY: "steps_retried",
    _T.ASSET_MATERIALIZATION: "materializations",
}


@attrs.define
class Derived:
    """Changes that a storage applies with a batch, in the same transaction."""

    #: Names of :class:`RunSummary` counters -> how much is added.
    counts: dict[str, int] = attrs.field(factory=dict)
    #: (step key, attempt) -> what is known of it now; None fields leave the stored ones.
    attempts: dict[tuple[str, int], StepAttempt] = attrs.field(factory=dict)
    #: The first failure in the batch; stored only when none is.
    failure: FailureSummary | None = None
    reason: RunFailureReason | None = None
    #: Seconds since the epoch, of the events of these names in the batch.
    start_time: float | None = None
    end_time: float | None = None
    #: Time of the last event that changes a status.
    status_time: float | None = None


def derive(entries: Sequence[EncodedEntry], first_seq: int) -> Derived:
    """Fold a batch, already guarded, into the changes of the tables beside the log."""
    derived = Derived()
    for seq, encoded in enumerate(entries, first_seq):
        entry = encoded.entry
        kind = entry.event_type
        if kind is None:
            continue
        counter = _COUNTED.get(kind)
        if counter is not None:
            derived.counts[counter] = derived.counts.get(counter, 0) + 1
        if kind in TRANSITIONS:
            _fold_status(derived, entry, kind, seq)
        elif entry.step_key is not None:
            _fold_attempt(derived, entry, kind, seq)
    return derived


def _fold_status(derived: Derived, entry: EventLogEntry, kind: EventType, seq: int) -> None:
    derived.status_time = entry.timestamp
    if kind is _T.RUN_START:
        derived.start_time = entry.timestamp
    if TRANSITIONS[kind][0] in FINISHED_STATUSES:
        derived.end_time = entry.timestamp
    data = entry.event.event_specific_data if entry.event is not None else None
    if kind is _T.RUN_FAILURE:
        failure = data if isinstance(data, RunFailureData) else RunFailureData()
        derived.reason = failure.failure_reason
        if derived.failure is None:
            derived.failure = _failure(None, failure.error, entry.message, seq)


def _fold_attempt(derived: Derived, entry: EventLogEntry, kind: EventType, seq: int) -> None:
    key = (entry.step_key or "", entry.attempt or 1)
    if kind in (_T.STEP_START, _T.STEP_RESTARTED):
        derived.attempts[key] = StepAttempt(*key, StepStatus.IN_PROGRESS, started=entry.timestamp)
        return
    status = _ENDS.get(kind)
    if status is None:
        return
    before = derived.attempts.get(key)
    data = entry.event.event_specific_data if entry.event is not None else None
    error = data.error if isinstance(data, (StepFailureData, StepRetryData)) else None
    ranged = isinstance(data, (StepSuccessData, StepFailureData, StepRetryData))
    derived.attempts[key] = StepAttempt(
        *key,
        status,
        started=before.started if before else None,
        ended=entry.timestamp,
        error=error.summary()[:_LINE] if error else None,
        logs=data.log_range if ranged else None,  # type: ignore[union-attr]  # told by `ranged`
    )
    if kind is _T.STEP_FAILURE and derived.failure is None:
        derived.failure = _failure(entry.step_key, error, entry.message, seq)


def _failure(
    step_key: str | None, error: SerializableErrorInfo | None, message: str, seq: int
) -> FailureSummary:
    text = error.summary() if error else message.partition("\n")[0]
    root = error.unwrapped() if error else None
    return FailureSummary(
        step_key=step_key,
        error_class=root.cls_name if root else None,
        message=text[:_LINE],
        fingerprint=_fingerprint(root, text),
        seq=seq,
    )


def _fingerprint(error: SerializableErrorInfo | None, text: str) -> str:
    """Equal for the same error at the same place, whatever numbers its message holds."""
    frame = error.user_frame if error else None
    place = f"{frame[0]}:{frame[2]}" if frame else ""
    shape = re.sub(r"0x[0-9a-f]+|\d+", "#", text)
    name = error.cls_name if error else ""
    return hashlib.sha256(f"{name}|{place}|{shape}".encode(errors="replace")).hexdigest()[:16]


def add_to_summary(summary: RunSummary, derived: Derived) -> RunSummary:
    """Return a summary with a batch's changes; for storages that keep it as a record."""
    counts = {name: getattr(summary, name) + number for name, number in derived.counts.items()}
    return attrs.evolve(
        summary,
        **counts,
        reason=derived.reason or summary.reason,
        failure=summary.failure or derived.failure,
    )


def merge_attempt(before: StepAttempt | None, after: StepAttempt) -> StepAttempt:
    """Return an attempt with what a later batch tells of it."""
    if before is None:
        return after
    return attrs.evolve(
        after,
        started=after.started if after.started is not None else before.started,
        logs=after.logs or before.logs,
    )
