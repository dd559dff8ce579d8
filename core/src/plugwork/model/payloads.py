"""What the events of steps, resources and the engine carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from plugwork.model.enums import ErrorSource
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.record import Record, as_texts, tagged

_NOTHING: Mapping[str, Any] = {}


@tagged("step_output_handle")
@attrs.frozen
class StepOutputHandle(Record):
    """Names one output of one step."""

    step_key: str
    output_name: str = "result"
    mapping_key: str | None = None


@tagged("type_check")
@attrs.frozen
class TypeCheckData(Record):
    """How a value's type check went."""

    success: bool = True
    label: str = ""
    description: str | None = None
    metadata: Mapping[str, Any] = _NOTHING


@tagged("log_range")
@attrs.frozen
class LogRange(Record):
    """Where the output of one attempt stands in a capture: bytes, half open."""

    file_key: str
    stdout_start: int = 0
    stdout_end: int = 0
    stderr_start: int = 0
    stderr_end: int = 0


@tagged("engine_event")
@attrs.frozen
class EngineEventData(Record):
    """Free-form information of the framework."""

    metadata: Mapping[str, Any] = _NOTHING
    error: SerializableErrorInfo | None = None
    marker_start: str | None = None
    marker_end: str | None = None


@tagged("logs_captured")
@attrs.frozen
class ComputeLogsCaptureData(Record):
    """One process captures the output of these steps under a file key."""

    file_key: str
    step_keys: tuple[str, ...] = attrs.field(converter=as_texts)
    external_url: str | None = None
    external_stdout_url: str | None = None
    external_stderr_url: str | None = None
    shell_cmd: str | None = None
    #: Attempts run side by side, each captured under a key of its own; the rest is here.
    is_routed: bool = False

    def file_key_of(self, step_key: str, attempt: int) -> str:
        """Return the key under which the output of an attempt is, or would be."""
        return f"{self.file_key}.{step_key}@{attempt}" if self.is_routed else self.file_key


@tagged("loaded_input")
@attrs.frozen
class LoadedInputData(Record):
    input_name: str
    manager_key: str
    upstream_output_name: str | None = None
    upstream_step_key: str | None = None
    metadata: Mapping[str, Any] = _NOTHING


@tagged("step_input")
@attrs.frozen
class StepInputData(Record):
    input_name: str
    type_check_data: TypeCheckData


@tagged("step_output")
@attrs.frozen
class StepOutputData(Record):
    step_output_handle: StepOutputHandle
    type_check_data: TypeCheckData
    metadata: Mapping[str, Any] = _NOTHING
    tags: Mapping[str, str] | None = None
    #: Names the contents of the value, as the op told it.
    data_version: str | None = None

    @property
    def output_name(self) -> str:
        return self.step_output_handle.output_name

    @property
    def mapping_key(self) -> str | None:
        return self.step_output_handle.mapping_key


@tagged("handled_output")
@attrs.frozen
class HandledOutputData(Record):
    output_name: str
    manager_key: str
    metadata: Mapping[str, Any] = _NOTHING


@tagged("step_success")
@attrs.frozen
class StepSuccessData(Record):
    #: Loading, computing and storing, in milliseconds.
    duration_ms: float
    log_range: LogRange | None = None


@tagged("user_failure")
@attrs.frozen
class UserFailureData(Record):
    """What an explicit ``Failure`` said."""

    label: str
    description: str | None = None
    metadata: Mapping[str, Any] = _NOTHING


@tagged("step_failure")
@attrs.frozen
class StepFailureData(Record):
    error: SerializableErrorInfo | None = None
    user_failure_data: UserFailureData | None = None
    error_source: ErrorSource | None = None
    log_range: LogRange | None = None


@tagged("step_retry")
@attrs.frozen
class StepRetryData(Record):
    error: SerializableErrorInfo | None = None
    seconds_to_wait: float | None = None
    log_range: LogRange | None = None


@tagged("hook_errored")
@attrs.frozen
class HookErroredData(Record):
    error: SerializableErrorInfo
