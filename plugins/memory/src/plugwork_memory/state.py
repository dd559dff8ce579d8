"""What the parts of the storage share: the data, and the one lock over it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from plugwork.model import (
    RunRecord,
    RunStatus,
    RunSummary,
    StepAttempt,
    deserialize_value,
    replace,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugwork.clock import Clock
    from plugwork.model import (
        ClaimedSlotInfo,
        Columns,
        FailureSummary,
        Lease,
        LeaseKind,
        PoolLimit,
        Run,
        RunFailureReason,
    )
    from plugwork_memory.pools import Waiting

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(seconds: float) -> int:
    return round(seconds * 1_000_000)


def as_stored(seconds: float | None) -> float | None:
    """Return a time as a stored event has it: events keep microseconds."""
    return None if seconds is None else to_micros(seconds) / 1_000_000


def to_seconds(micros: int | None) -> float | None:
    return None if micros is None else micros / 1_000_000


@attrs.define
class Log:
    """The log of one run, of a run that is not known, or of no run."""

    #: Plain tuples: the garbage collector need not look at them.
    rows: list[Columns] = attrs.field(factory=list)
    #: Storage ids, one a row.
    ids: list[int] = attrs.field(factory=list)
    fence: int = 0
    last_batch: int = 0
    attempts: dict[tuple[str, int], StepAttempt] = attrs.field(factory=dict)
    #: Names of counters of :class:`RunSummary` -> their numbers.
    counts: dict[str, int] = attrs.field(factory=dict)
    steps_planned: int | None = None
    reason: RunFailureReason | None = None
    failure: FailureSummary | None = None

    def summary(self) -> RunSummary:
        return RunSummary(
            **self.counts,
            steps_planned=self.steps_planned,
            reason=self.reason,
            failure=self.failure,
        )


@attrs.define
class StoredRun:
    """A run and its narrow fields; times in microseconds."""

    storage_id: int
    #: The run without tags and status, serialised: nothing a caller holds can change it.
    body: str
    tags: Mapping[str, str]
    status: RunStatus
    job_name: str
    job_snapshot_id: str | None
    created: int
    updated: int
    started: int | None = None
    ended: int | None = None

    def build(self) -> Run:
        run: Run = deserialize_value(self.body)
        return replace(run, tags=self.tags, status=self.status)

    @property
    def created_at(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.created)

    @property
    def updated_at(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.updated)

    def record(self, summary: RunSummary) -> RunRecord:
        return RunRecord(
            self.storage_id,
            self.build(),
            self.created_at,
            self.updated_at,
            to_seconds(self.started),
            to_seconds(self.ended),
            summary,
        )


@attrs.define
class State:
    """Everything that is stored. Whoever reads or writes holds the lock."""

    clock: Clock
    storage_id: str
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    #: By run id, in the order of their storage ids.
    runs: dict[str, StoredRun] = attrs.field(factory=dict)
    logs: dict[str, Log] = attrs.field(factory=dict)
    leases: dict[tuple[LeaseKind, str], Lease] = attrs.field(factory=dict)
    #: By id: kind and body.
    snapshots: dict[str, tuple[str, str]] = attrs.field(factory=dict)
    #: Pools that have a limit, by name.
    pools: dict[str, PoolLimit] = attrs.field(factory=dict)
    #: Pool -> number of a slot -> who has it.
    slots: dict[str, dict[int, ClaimedSlotInfo]] = attrs.field(factory=dict)
    #: (pool, run, step) that waits.
    waits: dict[tuple[str, str, str], Waiting] = attrs.field(factory=dict)
    last_wait: int = 0
    last_event_id: int = 0
    last_run_id: int = 0

    def now(self) -> int:
        return to_micros(self.clock.now())

    def wipe(self) -> None:
        self.runs.clear()
        self.logs.clear()
        self.snapshots.clear()
        self.pools.clear()
        self.slots.clear()
        self.waits.clear()
        # A loop's fence goes on growing, or a leader from before would pass for the next one.
        self.leases = {
            place: attrs.evolve(lease, holder=None)
            for place, lease in self.leases.items()
            if lease.kind == "loop"
        }
