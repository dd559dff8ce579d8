"""Which events to read, and what reading them gives."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from plugwork.errors import CheckError
from plugwork.model.assets import AssetKey
from plugwork.model.enums import RUN_EVENTS, EventType
from plugwork.model.event import EventLogRecord


def _run_event(instance: object, field: object, value: EventType) -> None:
    if value not in RUN_EVENTS:
        raise CheckError(f"{value} is no event that changes the status of a run")


@attrs.frozen
class EventRecordsFilter:
    """Events of one type, over all runs.

    :raises CheckError: for partitions without an asset.
    """

    event_type: EventType = attrs.field(converter=EventType)
    asset_key: AssetKey | None = None
    asset_partitions: Sequence[str] | None = None
    #: Storage ids, exclusive.
    after_cursor: int | None = None
    before_cursor: int | None = None
    #: Seconds since the epoch, UTC, exclusive.
    after_timestamp: float | None = None
    before_timestamp: float | None = None
    storage_ids: Sequence[int] | None = None

    def __attrs_post_init__(self) -> None:
        if self.asset_partitions is not None and self.asset_key is None:
            raise CheckError("asset_partitions of a filter are those of an asset_key: give it")


@attrs.frozen
class AssetRecordsFilter:
    """Events of one asset, over all runs."""

    asset_key: AssetKey
    asset_partitions: Sequence[str] | None = None
    #: Seconds since the epoch, UTC, exclusive.
    after_timestamp: float | None = None
    before_timestamp: float | None = None
    #: Exclusive.
    after_storage_id: int | None = None
    before_storage_id: int | None = None
    storage_ids: Sequence[int] | None = None


@attrs.frozen
class RunStatusChangeRecordsFilter:
    """Changes of runs to one status.

    :raises CheckError: for a type of event that changes no status.
    """

    event_type: EventType = attrs.field(converter=EventType, validator=_run_event)
    #: Seconds since the epoch, UTC, exclusive.
    after_timestamp: float | None = None
    before_timestamp: float | None = None
    #: Exclusive.
    after_storage_id: int | None = None
    before_storage_id: int | None = None
    storage_ids: Sequence[int] | None = None
    job_names: Sequence[str] | None = None


@attrs.frozen
class EventRecordsResult:
    """One page of events over all runs."""

    records: Sequence[EventLogRecord]
    #: Opaque text: where the next page begins.
    cursor: str
    has_more: bool


@attrs.frozen
class RunShardedEventsCursor:
    """Where reading stands in a storage that keeps each run's log apart."""

    id: int
    run_updated_after: float
