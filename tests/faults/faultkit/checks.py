"""What must hold after every fault: the invariants of a home."""

from __future__ import annotations

import hashlib
import pickle
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from plugwork import Instance
from plugwork.cli.progress.json_lines import event_document
from plugwork.model import EventLogRecord, EventType, RunRecord, RunStatus, StepStatus

#: Extension of files whose last 64 characters are the SHA-256 of what stands before them.
SUMMED = ".summed"
_ENDS = {
    EventType.RUN_SUCCESS: RunStatus.SUCCESS,
    EventType.RUN_FAILURE: RunStatus.FAILURE,
    EventType.RUN_CANCELED: RunStatus.CANCELED,
}
_STARTS = frozenset({EventType.STEP_START, EventType.STEP_RESTARTED})
_STEP_ENDS = frozenset(
    {EventType.STEP_SUCCESS, EventType.STEP_FAILURE, EventType.STEP_UP_FOR_RETRY}
)


def check_instance(home: Path, acknowledged: Iterable[Mapping[str, Any]] = ()) -> list[str]:
    """Return what does not hold in a home where nothing runs any more; nothing is changed.

    1. Every run is terminal, or queued.
    2. A run's log has one end, and nothing of an older attempt after it.
    3. A terminal run has a cause, no open step and no lease.
    4. What was acknowledged is there as it was told; ``seq`` is 1 to n.
    5. What stands under a final name is whole, and what an event calls stored is there.

    :param acknowledged: events as ``--progress json`` prints them, of any runs.
    """
    with Instance.from_config(str(home)) as instance:
        found = list(_runs(instance))
        found += _acknowledged(instance, acknowledged)
        found += _files(Path(instance.storage_directory()))
    return [*found, *_database(home)]


@attrs.frozen
class _Log:
    """One run with all of its log."""

    instance: Instance
    record: RunRecord
    entries: list[EventLogRecord]

    def problems(self) -> Iterator[str]:
        for part in (self._status, self._order, self._steps, self._outputs):
            for text in part():
                yield f"run {self.record.run.run_id}: {text}"

    def _status(self) -> Iterator[str]:
        run = self.record.run
        ends = [one.event_type for one in self.entries if one.event_type in _ENDS]
        if run.status is not RunStatus.QUEUED and not run.is_finished:
            yield f"it is {run.status}"
        elif run.is_finished and [_ENDS[end] for end in ends if end] != [run.status]:
            yield f"it is {run.status}, but its log says {ends}"
        if run.status is RunStatus.FAILURE and not self._has_cause():
            yield "it failed without a cause"
        leases = self.instance.storage.get_leases("run")
        if run.is_finished and any(lease.key == run.run_id for lease in leases):
            yield "it is finished and has a lease"

    def _has_cause(self) -> bool:
        summary = self.record.summary
        return bool(summary.failure and summary.failure.message and summary.reason)

    def _order(self) -> Iterator[str]:
        seqs = [one.seq for one in self.entries]
        if seqs != list(range(1, len(seqs) + 1)):
            yield f"its events are {seqs}"
        ids = [one.storage_id for one in self.entries]
        if ids != sorted(set(ids)):
            yield f"its storage ids are {ids}"

    def _steps(self) -> Iterator[str]:
        if not self.record.run.is_finished:
            return
        open_attempts: set[tuple[str | None, int | None]] = set()
        over = False
        for one in self.entries:
            entry, kind = one.event_log_entry, one.event_type
            attempt = (entry.step_key, entry.attempt)
            if over and kind is not EventType.ENGINE_EVENT:
                yield f"{kind or 'a log line'} {attempt} stands after the end"
            if kind in _STARTS:
                open_attempts.add(attempt)
            elif kind in _STEP_ENDS and attempt not in open_attempts:
                yield f"{kind} {attempt} ends nothing"
            elif kind in _STEP_ENDS:
                open_attempts.remove(attempt)
            over = over or kind in _ENDS
        if open_attempts:
            yield f"steps were left open: {sorted(map(str, open_attempts))}"
        for stored in self._open_attempts():
            yield f"attempt {stored} is in progress"

    def _open_attempts(self) -> list[str]:
        found = self.instance.event_log_storage.get_step_attempts(self.record.run.run_id)
        return [one.step_key for one in found if one.status is StepStatus.IN_PROGRESS]

    def _outputs(self) -> Iterator[str]:
        folder = Path(self.instance.storage_directory()) / self.record.run.run_id
        for one in self.entries:
            event = one.event_log_entry.event
            if event is None or one.event_type is not EventType.HANDLED_OUTPUT:
                continue
            name = getattr(event.event_specific_data, "output_name", "?")
            if not (folder / str(event.step_key) / name).exists():
                yield f"output {name} of {event.step_key} is not there"


def _runs(instance: Instance) -> Iterator[str]:
    for record in instance.get_run_records():
        page = instance.get_records_for_run(record.run.run_id)
        yield from _Log(instance, record, list(page.records)).problems()


def _acknowledged(instance: Instance, told: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    stored: dict[str, dict[int, Any]] = {}
    for document in told:
        run_id, seq = document["run_id"], document["seq"]
        if run_id not in stored:
            page = instance.get_records_for_run(run_id)
            stored[run_id] = {one.seq: event_document(one) for one in page.records}
        if {"schema": document["schema"], **stored[run_id].get(seq, {})} != document:
            yield f"run {run_id}: event {seq} ({document['type']}) was acknowledged and is lost"


def _files(storage: Path) -> Iterator[str]:
    for file in storage.rglob("*"):
        parts = file.relative_to(storage).parts
        if not file.is_file() or ".growing" in parts or "compute_logs" in parts:
            continue
        if len(parts) > 2:  # <run>/<step>/<output>: a file manager's and the database's are above
            yield from _value(file)
        elif file.suffix == SUMMED:
            yield from _summed(file)


def _value(file: Path) -> Iterator[str]:
    try:
        pickle.loads(file.read_bytes())
    except Exception as error:  # noqa: BLE001 - a half file fails in any way
        yield f"{file} is not whole: {error!r}"


def _summed(file: Path) -> Iterator[str]:
    data = file.read_bytes()
    if hashlib.sha256(data[:-64]).hexdigest().encode() != data[-64:]:
        yield f"{file} is not whole"


def _database(home: Path) -> Iterator[str]:
    connection = sqlite3.connect(home / "plugwork.db")
    try:
        found = [line for (line,) in connection.execute("PRAGMA integrity_check")]
    finally:
        connection.close()
    if found != ["ok"]:
        yield f"the database is damaged: {found}"
