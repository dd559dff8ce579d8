"""What the events of a whole run carry."""

from __future__ import annotations

import attrs

from plugwork.model.enums import RunFailureReason
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.record import Record, tagged


@tagged("run_enqueued")
@attrs.frozen
class RunEnqueuedData(Record):
    code_location_name: str
    repository_name: str
    partition_key: str | None = None


@tagged("run_failure")
@attrs.frozen
class RunFailureData(Record):
    error: SerializableErrorInfo | None = None
    failure_reason: RunFailureReason | None = None
    #: The step whose failure came first.
    first_failed_step: str | None = None


@tagged("run_canceled")
@attrs.frozen
class RunCanceledData(Record):
    error: SerializableErrorInfo | None = None
