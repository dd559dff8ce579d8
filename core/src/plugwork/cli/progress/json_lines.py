"""Progress as JSON: one stored event per line."""

from __future__ import annotations

import json
from typing import Any, TextIO

import click

from plugwork.cli.progress.view import RunView
from plugwork.model import EventLogRecord, encode_entry, to_row


def event_document(record: EventLogRecord) -> dict[str, Any]:
    """Return an event in its envelope: the columns as stored, the body as an object."""
    import attrs

    row = to_row(encode_entry(record.event_log_entry))
    columns = attrs.asdict(row)
    body = json.loads(columns.pop("body"))
    return {"seq": record.seq, "storage_id": record.storage_id, **columns, "body": body}


class JsonLines:
    """Writes each event of a run as it is committed.

    :param remarks: where what is no event goes.
    """

    def __init__(self, view: RunView, stream: TextIO, remarks: TextIO) -> None:
        self._view = view
        self._stream = stream
        self._remarks = remarks
        #: Whoever read the lines has gone; the run goes on.
        self._is_gone = False

    def start(self) -> None:
        """Nothing stands before the first event."""

    def note(self, record: EventLogRecord) -> None:
        self._view.note(record)
        if self._is_gone:
            return
        document = {"schema": "plugwork.event/1", **event_document(record)}
        try:
            self._stream.write(json.dumps(document, ensure_ascii=False) + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._is_gone = True

    def tell(self, text: str) -> None:
        click.echo(text, file=self._remarks)

    def stop(self) -> None:
        """Every line is written already."""
