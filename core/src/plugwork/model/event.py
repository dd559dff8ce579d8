"""Events, and the rows of a run's log."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import attrs

from plugwork.errors import CheckError
from plugwork.model.assets import AssetKey, AssetMaterialization, AssetObservation
from plugwork.model.enums import FAILURE_EVENTS, HOOK_EVENTS, RUN_EVENTS, STEP_EVENTS, EventType
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.record import Record

_MARKER = "engine_event"
#: The payload each type must carry; a type that is not listed carries none.
PAYLOAD_TAGS: Mapping[EventType, str] = {
    EventType.RUN_ENQUEUED: "run_enqueued",
    EventType.RUN_FAILURE: "run_failure",
    EventType.RUN_CANCELED: "run_canceled",
    EventType.STEP_WORKER_STARTING: _MARKER,
    EventType.STEP_WORKER_STARTED: _MARKER,
    EventType.RESOURCE_INIT_STARTED: _MARKER,
    EventType.RESOURCE_INIT_SUCCESS: _MARKER,
    EventType.RESOURCE_INIT_FAILURE: _MARKER,
    EventType.LOGS_CAPTURED: "logs_captured",
    EventType.STEP_UP_FOR_RETRY: "step_retry",
    EventType.LOADED_INPUT: "loaded_input",
    EventType.STEP_INPUT: "step_input",
    EventType.STEP_OUTPUT: "step_output",
    EventType.HANDLED_OUTPUT: "handled_output",
    EventType.STEP_SUCCESS: "step_success",
    EventType.STEP_FAILURE: "step_failure",
    EventType.ASSET_MATERIALIZATION: "step_materialization",
    EventType.ASSET_OBSERVATION: "asset_observation",
    EventType.ASSET_MATERIALIZATION_PLANNED: "asset_planned",
    EventType.HOOK_ERRORED: "hook_errored",
    EventType.ENGINE_EVENT: _MARKER,
}
_MAY_BE_BARE = frozenset({EventType.RUN_ENQUEUED, EventType.RUN_CANCELED, EventType.RUN_FAILURE})


def _check_payload(instance: Event, _: object, payload: Record | None) -> None:
    kind = instance.event_type
    expected = PAYLOAD_TAGS.get(kind)
    if payload is None:
        if expected is not None and kind not in _MAY_BE_BARE:
            raise CheckError(f"a {kind} event carries a payload tagged {expected!r}")
    elif payload._tag != expected:
        raise CheckError(f"a {kind} event cannot carry a {type(payload).__name__}")


@attrs.frozen
class Event:
    """One thing that happened in a run.

    :raises ValueError: for an unknown event type.
    :raises CheckError: when the payload is not of the class that the type carries.
    """

    event_type: EventType = attrs.field(alias="event_type_value", converter=EventType)
    job_name: str
    event_specific_data: Record | None = attrs.field(default=None, validator=_check_payload)
    message: str | None = None
    step_key: str | None = None
    #: From 1 within (run, step); None for an event of no step.
    attempt: int | None = None
    #: ``COMPUTE`` for the steps of ops.
    step_kind_value: str | None = None
    logging_tags: Mapping[str, str] | None = None
    pid: int | None = None

    @property
    def event_type_value(self) -> str:
        return self.event_type.value

    @property
    def is_step_event(self) -> bool:
        return self.event_type in STEP_EVENTS

    @property
    def is_run_event(self) -> bool:
        return self.event_type in RUN_EVENTS

    @property
    def is_hook_event(self) -> bool:
        return self.event_type in HOOK_EVENTS

    @property
    def is_failure(self) -> bool:
        return self.event_type in FAILURE_EVENTS

    @property
    def is_step_start(self) -> bool:
        return self.event_type is EventType.STEP_START

    @property
    def is_step_success(self) -> bool:
        return self.event_type is EventType.STEP_SUCCESS

    @property
    def is_step_failure(self) -> bool:
        return self.event_type is EventType.STEP_FAILURE

    @property
    def is_step_skipped(self) -> bool:
        return self.event_type is EventType.STEP_SKIPPED

    @property
    def is_step_up_for_retry(self) -> bool:
        return self.event_type is EventType.STEP_UP_FOR_RETRY

    @property
    def is_step_restarted(self) -> bool:
        return self.event_type is EventType.STEP_RESTARTED

    @property
    def is_successful_output(self) -> bool:
        return self.event_type is EventType.STEP_OUTPUT

    @property
    def is_handled_output(self) -> bool:
        return self.event_type is EventType.HANDLED_OUTPUT

    @property
    def is_loaded_input(self) -> bool:
        return self.event_type is EventType.LOADED_INPUT

    @property
    def is_engine_event(self) -> bool:
        return self.event_type is EventType.ENGINE_EVENT

    @property
    def is_resource_init_failure(self) -> bool:
        return self.event_type is EventType.RESOURCE_INIT_FAILURE

    @property
    def is_step_materialization(self) -> bool:
        return self.event_type is EventType.ASSET_MATERIALIZATION

    @property
    def is_asset_observation(self) -> bool:
        return self.event_type is EventType.ASSET_OBSERVATION

    @property
    def is_asset_materialization_planned(self) -> bool:
        return self.event_type is EventType.ASSET_MATERIALIZATION_PLANNED

    @property
    def is_expectation_result(self) -> bool:
        return self.event_type is EventType.STEP_EXPECTATION_RESULT

    @property
    def asset_key(self) -> AssetKey | None:
        found = getattr(self.event_specific_data, "asset_key", None)
        return found if isinstance(found, AssetKey) else None

    @property
    def partition(self) -> str | None:
        found = getattr(self.event_specific_data, "partition", None)
        return found if isinstance(found, str) else None


def _level(value: int | str) -> int:
    if isinstance(value, int):
        return value
    number = logging.getLevelNamesMapping().get(value.upper())
    if number is None:
        raise CheckError(f"{value!r} is not the name of a log level")
    return number


@attrs.frozen
class EventLogEntry:
    """One row of a run's log: a plain log line, or an :class:`Event`."""

    error_info: SerializableErrorInfo | None
    #: A number of :mod:`logging`; its name is taken too, in any case.
    level: int = attrs.field(converter=_level)
    user_message: str
    #: Empty for an event of no run.
    run_id: str
    #: Seconds since the epoch, UTC.
    timestamp: float
    step_key: str | None = None
    job_name: str | None = None
    event: Event | None = None
    #: The step's attempt, from 1, for a line that a step logged.
    attempt: int | None = None

    @property
    def is_framework_event(self) -> bool:
        return self.event is not None

    @property
    def event_type(self) -> EventType | None:
        return self.event.event_type if self.event is not None else None

    @property
    def message(self) -> str:
        if self.event is not None and self.event.message is not None:
            return self.event.message
        return self.user_message

    def get_event(self) -> Event:
        """Return the event.

        :raises CheckError: when this is a plain log line.
        """
        if self.event is None:
            raise CheckError("this entry is a log line, not an event")
        return self.event

    @property
    def asset_materialization(self) -> AssetMaterialization | None:
        """What a materialization tells; None in every other entry."""
        return getattr(self.event and self.event.event_specific_data, "materialization", None)

    @property
    def asset_observation(self) -> AssetObservation | None:
        """What an observation tells; None in every other entry."""
        return getattr(self.event and self.event.event_specific_data, "observation", None)

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of the asset event; empty in every other entry."""
        told = self.asset_materialization or self.asset_observation
        return (told.tags if told is not None else None) or {}

    def to_json(self) -> str:
        """Write the entry as JSON, as it is stored."""
        from plugwork.model.envelope import entry_to_json  # it imports this module

        return entry_to_json(self)

    @staticmethod
    def from_json(text: str) -> EventLogEntry:
        """Read what :meth:`to_json` wrote.

        :raises DeserializationError: for other text.
        """
        from plugwork.model.envelope import entry_from_json  # it imports this module

        return entry_from_json(text)


@attrs.frozen
class EventLogRecord:
    """A stored entry."""

    #: Grows over the whole storage; for cross-run cursors only.
    storage_id: int
    event_log_entry: EventLogEntry
    #: From 1 without gap in its run, in commit order.
    seq: int = 0

    @property
    def run_id(self) -> str:
        return self.event_log_entry.run_id

    @property
    def timestamp(self) -> float:
        return self.event_log_entry.timestamp

    @property
    def event_type(self) -> EventType | None:
        return self.event_log_entry.event_type

    @property
    def asset_materialization(self) -> AssetMaterialization | None:
        return self.event_log_entry.asset_materialization

    @property
    def asset_observation(self) -> AssetObservation | None:
        return self.event_log_entry.asset_observation

    @property
    def asset_event(self) -> AssetMaterialization | AssetObservation | None:
        return self.asset_materialization or self.asset_observation

    @property
    def asset_key(self) -> AssetKey | None:
        event = self.event_log_entry.event
        return event.asset_key if event is not None else None

    @property
    def partition_key(self) -> str | None:
        event = self.event_log_entry.event
        return event.partition if event is not None else None


@attrs.frozen
class EventLogConnection:
    """One page of a run's log."""

    records: Sequence[EventLogRecord]
    #: Opaque text: where the next page begins.
    cursor: str
    has_more: bool
