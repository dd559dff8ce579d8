"""What one evaluation of a schedule or sensor told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from plugwork.errors import CheckError
from plugwork.model.assets import AssetMaterialization, AssetObservation
from plugwork.model.automation import (
    AddDynamicPartitionsRequest,
    DeleteDynamicPartitionsRequest,
    RunRequest,
)
from plugwork.model.enums import RunStatus
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.record import Record, tagged


def _optional_tuple(value: Iterable[Any] | None) -> tuple[Any, ...] | None:
    return None if value is None else tuple(value)


@tagged("run_reaction")
@attrs.frozen
class RunReaction(Record):
    """A run status sensor looked at one run."""

    run_id: str
    run_status: RunStatus | None = attrs.field(
        default=None, converter=attrs.converters.optional(RunStatus)
    )
    #: What the sensor's function raised; None: it went well.
    error: SerializableErrorInfo | None = None


def _tuple(value: Iterable[Any] | None) -> tuple[Any, ...]:
    return tuple(value or ())


@tagged("schedule_evaluation")
@attrs.frozen
class ScheduleExecutionData(Record):
    """What one evaluation of a schedule told.

    :raises CheckError: when it both asks for runs and says why there are none.
    """

    run_requests: tuple[RunRequest, ...] = attrs.field(default=(), converter=_tuple)
    #: Why no run was asked for; None when some were.
    skip_message: str | None = None
    #: Under which the lines of ``context.log`` are kept; None: nowhere.
    log_key: tuple[str, ...] | None = attrs.field(default=None, converter=_optional_tuple)

    def __attrs_post_init__(self) -> None:
        _either(self.run_requests, self.skip_message)


@tagged("sensor_evaluation")
@attrs.frozen
class SensorExecutionData(Record):
    """What one evaluation of a sensor told.

    :raises CheckError: when it both asks for runs and says why there are none.
    """

    run_requests: tuple[RunRequest, ...] = attrs.field(default=(), converter=_tuple)
    #: Why no run was asked for; None when some were, or when a run was reacted to.
    skip_message: str | None = None
    #: With which the next evaluation begins.
    cursor: str | None = None
    run_reactions: tuple[RunReaction, ...] = attrs.field(default=(), converter=_tuple)
    #: Under which the lines of ``context.log`` are kept; None: nowhere.
    log_key: tuple[str, ...] | None = attrs.field(default=None, converter=_optional_tuple)
    dynamic_partitions_requests: tuple[
        AddDynamicPartitionsRequest | DeleteDynamicPartitionsRequest, ...
    ] = attrs.field(default=(), converter=_tuple)
    asset_events: tuple[AssetMaterialization | AssetObservation, ...] = attrs.field(
        default=(), converter=_tuple
    )

    def __attrs_post_init__(self) -> None:
        _either(self.run_requests, self.skip_message)


def _either(requests: Sequence[RunRequest], skip_message: str | None) -> None:
    if requests and skip_message is not None:
        raise CheckError("an evaluation has run requests, or a reason to skip, not both")
