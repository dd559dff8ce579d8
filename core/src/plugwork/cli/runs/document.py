"""A run as JSON: ``plugwork.run/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.cli.failure import label_of
from plugwork.cli.frames import frame_of, shown_path
from plugwork.model import EventLogRecord, RunRecord, SerializableErrorInfo
from plugwork.model.payloads import StepFailureData
from plugwork.model.run_payloads import RunFailureData

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.model import StepAttempt


def run_summary(record: RunRecord) -> dict[str, Any]:
    """Return what is kept with a run; reads no log."""
    run, summary = record.run, record.summary
    failure = summary.failure
    return {
        "id": run.run_id,
        "job": run.job_name,
        "status": run.status.value,
        "created": record.create_timestamp.timestamp(),
        "started": record.start_time,
        "ended": record.end_time,
        "tags": dict(run.tags),
        "parent": run.parent_run_id,
        "root": run.root_run_id,
        "steps": {
            "planned": summary.steps_planned,
            "succeeded": summary.steps_succeeded,
            "failed": summary.steps_failed,
            "skipped": summary.steps_skipped,
            "retried": summary.steps_retried,
        },
        "reason": summary.reason.value if summary.reason else None,
        "failure": {
            "step": failure.step_key,
            "type": failure.error_class,
            "message": failure.message,
            "fingerprint": failure.fingerprint,
        }
        if failure
        else None,
    }


def run_document(instance: Instance, record: RunRecord) -> dict[str, Any]:
    """Return a run with its failure in full and its attempts."""
    document = run_summary(record)
    run = record.run
    attempts = instance.event_log_storage.get_step_attempts(run.run_id)
    document["config"] = run.run_config
    document["code"] = run.job_code_origin.code.describe() if run.job_code_origin else None
    if document["failure"] is not None:
        document["failure"] |= _failure(instance, record, attempts)
    document["attempts"] = [_attempt(each) for each in attempts]
    return document


def failure_of(event: EventLogRecord) -> tuple[SerializableErrorInfo | None, str | None]:
    """Return the error that an event tells of, and whose code it came from."""
    data = event.event_log_entry.get_event().event_specific_data
    if isinstance(data, StepFailureData):
        return data.error, data.error_source.value if data.error_source else None
    return (data.error, None) if isinstance(data, RunFailureData) else (None, None)


def _failure(instance: Instance, record: RunRecord, attempts: Any) -> dict[str, Any]:
    failure = record.summary.failure
    if failure is None:
        return {}
    event = instance.event_log_storage.get_record(record.run.run_id, failure.seq)
    error, source = failure_of(event) if event is not None else (None, None)
    frame = frame_of(error.unwrapped()) if error else None
    return {
        "label": label_of(source, error),
        "frame": {
            "file": shown_path(frame.file),
            "line": frame.line,
            "function": frame.function,
        }
        if frame
        else None,
        "attempts": sum(each.step_key == failure.step_key for each in attempts),
        "causes": [each.message.strip() for each in list(error.unwrapped().chain())[1:]]
        if error
        else [],
        "seq": failure.seq,
    }


def _attempt(attempt: StepAttempt) -> dict[str, Any]:
    return {
        "step": attempt.step_key,
        "attempt": attempt.attempt,
        "status": attempt.status.value,
        "started": attempt.started,
        "ended": attempt.ended,
        "error": attempt.error,
    }
