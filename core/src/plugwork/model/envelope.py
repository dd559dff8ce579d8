"""Entries as stored: narrow columns, and a JSON body.

The body is ``{"t": tag, "v": 1, ...}``: the tag of the event's payload, ``event`` for an event
without one, ``log`` for a plain line. An event is cut to :data:`ENTRY_LIMIT` bytes, with a mark.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from plugwork.errors import DeserializationError
from plugwork.model.enums import EventType
from plugwork.model.error_info import TRUNCATED, SerializableErrorInfo
from plugwork.model.event import Event, EventLogEntry
from plugwork.model.record import dumps, pack, pack_fields, unpack, unpack_record

#: Bytes of one stored body.
ENTRY_LIMIT = 1 << 20
_CUT_TEXT = 10_000


@attrs.frozen
class EncodedEntry:
    """An entry, and the body that stores it."""

    entry: EventLogEntry
    body: str

    @property
    def size(self) -> int:
        """Bytes it takes, about."""
        return len(self.body) + 100


def encode_entry(entry: EventLogEntry) -> EncodedEntry:
    """Encode an entry once; retries and copies reuse the result.

    :raises DeserializationError: when the entry holds a value that cannot be stored.
    """
    body = dumps(_body(entry))
    if len(body) > ENTRY_LIMIT // 4 and len(body.encode()) > ENTRY_LIMIT:
        body = _cut_body(entry)
    return EncodedEntry(entry, body)


def _body(entry: EventLogEntry) -> dict[str, Any]:
    event = entry.event
    body: dict[str, Any] = {"t": "log", "v": 1}
    if event is not None:
        payload = event.event_specific_data
        body["t"] = "event"
        if payload is not None:
            body["t"], body["v"] = payload._tag, payload._version
            body["data"] = pack_fields(payload)
        if event.message is not None:
            body["message"] = event.message
        _add_rare(body, event)
    if entry.user_message:
        body["user_message"] = entry.user_message
    if entry.job_name is not None:
        body["job"] = entry.job_name
    if entry.error_info is not None:
        body["error"] = pack(entry.error_info)
    return body


def _add_rare(body: dict[str, Any], event: Event) -> None:
    if event.step_kind_value is not None:
        body["kind"] = event.step_kind_value
    if event.logging_tags:
        body["tags"] = pack(event.logging_tags)
    if event.pid is not None:
        body["pid"] = event.pid


def _cut_body(entry: EventLogEntry) -> str:
    """Cut every long text of the body until it fits."""
    body = _body(entry)
    limit = _CUT_TEXT * 10
    while limit > 10:
        text = dumps(_cut(body, limit))
        if len(text.encode()) <= ENTRY_LIMIT:
            return text
        limit //= 10
    return dumps({"t": "log", "v": 1, "user_message": f"{entry.message[:_CUT_TEXT]}{TRUNCATED}"})


def _cut(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= limit else f"{value[:limit]}{TRUNCATED}"
    if isinstance(value, list):
        kept = [_cut(item, limit) for item in value[:limit]]
        return kept if len(value) <= limit else [*kept, TRUNCATED]
    if isinstance(value, dict):
        return {key: _cut(item, limit) for key, item in value.items()}
    return value


@attrs.frozen
class Row:
    """The columns of one stored entry."""

    run_id: str
    #: Microseconds since the epoch, UTC.
    time: int
    #: Event type; None for a plain log line.
    type: str | None
    level: int
    step_key: str | None
    attempt: int | None
    #: The asset key as a JSON array.
    asset_key: str | None
    partition: str | None
    body: str


#: The fields of a :class:`Row`, in their order.
Columns = tuple[str, int, str | None, int, str | None, int | None, str | None, str | None, str]


def columns_of(encoded: EncodedEntry) -> Columns:
    """Return the columns of an entry: what ``Row(*columns)`` holds."""
    entry = encoded.entry
    event = entry.event
    kind = asset_key = partition = None
    if event is not None:
        kind = event.event_type._value_  # every entry comes by here: the property takes its time
        if kind.startswith("ASSET_"):
            key = event.asset_key
            asset_key = None if key is None else key.to_string()
            partition = event.partition
    return (
        entry.run_id,
        round(entry.timestamp * 1_000_000),
        kind,
        entry.level,
        entry.step_key,
        entry.attempt,
        asset_key,
        partition,
        encoded.body,
    )


def to_row(encoded: EncodedEntry) -> Row:
    """Return the columns of an entry."""
    return Row(*columns_of(encoded))


def from_row(row: Row) -> EventLogEntry:
    """Read a stored entry.

    A body of a newer release reads as an ENGINE_EVENT that holds the raw text.

    :raises DeserializationError: when the body is not JSON of this shape.
    """
    try:
        body = json.loads(row.body)
        tag, version, job = body["t"], body.get("v", 1), body.get("job")
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DeserializationError(f"a stored event is damaged: {error}") from error
    error_info = unpack(body["error"]) if "error" in body else None
    return EventLogEntry(
        error_info=error_info,
        level=row.level,
        user_message=body.get("user_message", ""),
        run_id=row.run_id,
        timestamp=row.time / 1_000_000,
        step_key=row.step_key,
        job_name=job,
        event=_event(row, tag, version, body) if row.type is not None else None,
        attempt=row.attempt,
    )


def entry_to_json(entry: EventLogEntry) -> str:
    """Write an entry as JSON: its columns, with the body as text."""
    return json.dumps(attrs.asdict(to_row(encode_entry(entry))), ensure_ascii=False)


def entry_from_json(text: str) -> EventLogEntry:
    """Read what :func:`entry_to_json` wrote.

    :raises DeserializationError: for other text.
    """
    try:
        row = Row(**json.loads(text))
    except (TypeError, ValueError) as error:
        raise DeserializationError(f"the text is no entry of a log: {error}") from error
    return from_row(row)


def _event(row: Row, tag: str, version: int, body: Mapping[str, Any]) -> Event:
    try:
        payload = None if tag == "event" else unpack_record(tag, version, body.get("data", {}))
        return Event(
            EventType(str(row.type)),
            job_name=body.get("job") or "",
            event_specific_data=payload,
            message=body.get("message"),
            step_key=row.step_key,
            attempt=row.attempt,
            step_kind_value=body.get("kind"),
            logging_tags=body.get("tags"),
            pid=body.get("pid"),
        )
    except (DeserializationError, ValueError) as error:
        return _unreadable(row, body, error)


def _unreadable(row: Row, body: Mapping[str, Any], error: Exception) -> Event:
    from plugwork.model.payloads import EngineEventData  # only for data of a newer release

    message = f"an event of type {row.type} cannot be read by this release: {error}"
    return Event(
        EventType.ENGINE_EVENT,
        job_name=body.get("job") or "",
        event_specific_data=EngineEventData(
            metadata={"raw": row.body, "message": body.get("message")},
            error=SerializableErrorInfo(message=f"{error}\n", cls_name=type(error).__name__),
        ),
        message=message,
        step_key=row.step_key,
        attempt=row.attempt,
    )
