"""Storage: what keeps runs, their logs, leases and schedules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.abc.pools import PoolStorage
from plugwork.errors import InvariantViolationError

if TYPE_CHECKING:
    from plugwork.abc.schedule_storage import ScheduleStorage
    from plugwork.model import (
        Appended,
        AssetKey,
        Batch,
        EncodedEntry,
        EventLogConnection,
        EventLogEntry,
        EventLogRecord,
        EventType,
        Holder,
        Lease,
        LeaseKind,
        Run,
        RunRecord,
        RunsFilter,
        RunStats,
        RunStatus,
        StepAttempt,
        StepStats,
    )


class RunStorage(ABC):
    """Runs, their tags and their snapshots. Safe for threads and for several processes.

    Readers may be called at any time. Every reading method returns what is committed.
    """

    @abstractmethod
    def add_run(self, run: Run) -> None:
        """Store a new run.

        :raises RunAlreadyExists: when the id is stored already; the stored run is not changed.
        :raises SnapshotDoesNotExist: when the run names a job snapshot that is not stored.
        """

    @abstractmethod
    def get_run_records(
        self,
        filters: RunsFilter | None = None,
        limit: int | None = None,
        order_by: str | None = None,
        ascending: bool = False,
        cursor: str | None = None,
    ) -> Sequence[RunRecord]:
        """Return runs, newest first by storage id.

        :param limit: at most so many; None for all; 0 for none.
        :param order_by: ``None`` or ``"storage_id"``: pages are by storage id alone.
        :param cursor: go on after this run: a :attr:`RunRecord.cursor`, or a run id.
        :raises CheckError: for a negative limit or another order.
        :raises InvalidCursorError: for a cursor that names no stored run.
        """

    @abstractmethod
    def get_runs_count(self, filters: RunsFilter | None = None) -> int:
        """Return how many runs match."""

    @abstractmethod
    def find_run_ids(self, prefix: str, limit: int = 3) -> Sequence[str]:
        """Return ids that begin with a text, newest first; for short ids that users type."""

    @abstractmethod
    def add_run_tags(self, run_id: str, new_tags: Mapping[str, str]) -> None:
        """Merge tags into a run's.

        Atomic: with a concurrent status event or another merge, nothing is lost.

        :raises RunNotFoundError: when there is no such run.
        :raises CheckError: when a key or value is not text.
        """

    @abstractmethod
    def get_run_tags(
        self,
        tag_keys: Sequence[str],
        value_prefix: str | None = None,
        limit: int | None = None,
    ) -> Sequence[tuple[str, set[str]]]:
        """Return (key, values in use), sorted by key; the limit counts pairs of key and value."""

    @abstractmethod
    def get_run_tag_keys(self) -> Sequence[str]:
        """Return the keys in use, sorted."""

    @abstractmethod
    def add_snapshot(self, snapshot_id: str, kind: str, body: str) -> None:
        """Keep a snapshot; one that is stored already is left as it is.

        :param snapshot_id: hash of the body.
        :param kind: ``job`` or ``plan``.
        """

    @abstractmethod
    def get_snapshot(self, snapshot_id: str) -> str | None:
        """Return a snapshot's body, or None."""

    def has_snapshot(self, snapshot_id: str) -> bool:
        return self.get_snapshot(snapshot_id) is not None

    def get_runs(
        self,
        filters: RunsFilter | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        ascending: bool = False,
    ) -> Sequence[Run]:
        """Return runs as :meth:`get_run_records` does, without what is kept beside them."""
        records = self.get_run_records(filters, limit, ascending=ascending, cursor=cursor)
        return [record.run for record in records]

    def get_run_ids(
        self,
        filters: RunsFilter | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Sequence[str]:
        return [run.run_id for run in self.get_runs(filters, cursor, limit)]

    def get_run_record(self, run_id: str) -> RunRecord | None:
        """Return one run, or None."""
        from plugwork.model import RunsFilter  # records are imported when used

        records = self.get_run_records(RunsFilter(run_ids=(run_id,)), limit=1)
        return records[0] if records else None

    def has_run(self, run_id: str) -> bool:
        return self.get_run_record(run_id) is not None


class EventLogStorage(PoolStorage):
    """The logs of runs, and the slots of pools. Safe for threads and for several processes."""

    @abstractmethod
    def get_records_for_run(
        self,
        run_id: str,
        cursor: str | None = None,
        of_type: EventType | set[EventType] | None = None,
        limit: int | None = None,
        ascending: bool = True,
    ) -> EventLogConnection:
        """Return one page of a run's log, by ``seq``.

        :param cursor: from an earlier page; never skips or repeats a row, whoever writes.
        :param of_type: only these events; leaves out plain log lines.
        :param limit: at most so many; None for all; 0 for none.
        :returns: an empty page for an unknown run; ``has_more`` is exact.
        :raises InvalidCursorError: for a text that is no cursor.
        :raises EventLogInvalidForRun: when a row is damaged.
        """

    def get_records_of_type(
        self,
        of_type: EventType,
        asset_key: AssetKey | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        ascending: bool = False,
    ) -> EventLogConnection:
        """Return one page of the events of one type, over all logs, by storage id.

        Optional: a storage without it serves no sensors of runs and assets.

        :param of_type: one that changes a run's status, or tells of an asset.
        :param asset_key: of the asset that the events tell of.
        :param cursor: from an earlier page, or ``Cursor("storage_id", n)``; never skips a row that
            is committed later.
        :param limit: at most so many; None for all; 0 for none.
        :returns: ``has_more`` is exact.
        :raises CheckError: for a negative limit, or another type.
        :raises InvalidCursorError: for a text that is no cursor.
        :raises InvariantViolationError: from a storage that cannot do this.
        """
        raise InvariantViolationError(
            f"{type(self).__name__} cannot list the events of all runs, which sensors of runs and "
            "assets need; choose another storage"
        )

    @abstractmethod
    def get_step_attempts(
        self, run_id: str, step_keys: Sequence[str] | None = None
    ) -> Sequence[StepAttempt]:
        """Return the attempts of a run's steps, in the order in which they began."""

    @abstractmethod
    def get_stats_for_run(self, run_id: str) -> RunStats:
        """Return counts and times; each time is that of the latest event of its type."""

    def get_step_stats_for_run(
        self, run_id: str, step_keys: Sequence[str] | None = None
    ) -> Sequence[StepStats]:
        """Return what became of each step, in the order in which they began."""
        from plugwork.abc.step_stats import group_attempts  # imported when used

        return group_attempts(run_id, self.get_step_attempts(run_id, step_keys))

    def get_logs_for_run(
        self,
        run_id: str,
        cursor: str | None = None,
        of_type: EventType | set[EventType] | None = None,
        limit: int | None = None,
        ascending: bool = True,
    ) -> Sequence[EventLogEntry]:
        """Return the entries of one page."""
        page = self.get_records_for_run(run_id, cursor, of_type, limit, ascending)
        return [record.event_log_entry for record in page.records]

    def get_record(self, run_id: str, seq: int) -> EventLogRecord | None:
        """Return one entry of a run's log, or None."""
        from plugwork.model import Cursor  # records are imported when used

        page = self.get_records_for_run(run_id, Cursor("seq", seq - 1).to_text(), limit=1)
        return page.records[0] if page.records and page.records[0].seq == seq else None


class Storage(ABC):
    """One place that keeps everything, and writes a run's events in one transaction.

    Components share one storage object; :meth:`dispose` closes it, and its owner (the instance)
    calls that. Safe for threads; it must not be used across a fork.
    """

    #: Outlives the process, and can be opened by others.
    persistent: bool = True

    @property
    @abstractmethod
    def run_storage(self) -> RunStorage: ...

    @property
    @abstractmethod
    def event_log_storage(self) -> EventLogStorage: ...

    @property
    def schedule_storage(self) -> ScheduleStorage | None:
        """Schedules, sensors and ticks; None: this storage keeps none."""
        return None

    @abstractmethod
    def create_run(
        self,
        run: Run,
        entries: Sequence[EncodedEntry] = (),
        holder: Holder | None = None,
        ttl: float = 15.0,
        steps_planned: int | None = None,
    ) -> Lease | None:
        """Store a run, its planned events and its first lease in one transaction.

        :param entries: planned events, appended without a fence.
        :param holder: who executes it, or launches who does; None: nobody yet.
        :param ttl: of the lease, in seconds.
        :param steps_planned: kept in the run's summary.
        :returns: the lease, when a holder was given.
        :raises RunAlreadyExists: when the id is stored already; nothing is changed.
        """

    @abstractmethod
    def append(self, batch: Batch) -> Appended:
        """Write a batch, its run's status and all that is derived from it, in one transaction.

        The transaction begins with the check of fence and batch number (see the design of the
        writer): with an equal fence and a number that was used, the batch had been committed and
        its answer was lost: nothing is written and ``duplicate`` is set. Status events go through
        :func:`plugwork.model.guard`. What :func:`plugwork.model.derive` tells is applied. The end
        of an attempt frees its slot of a pool. A terminal status ends the run's lease, and all that
        its steps have of pools. For an unknown run without a fence, the events are
        stored and no run is made. On return the batch is durable at the storage's durability.

        :raises FencedError: when the fence is not the run's.
        :raises StorageUnavailableError: nothing is known; the same batch may be sent again.
        :raises StorageFullError: nothing was written.
        :raises CheckError: when events come for a run that is unknown and whose id is no run id.
        """

    @abstractmethod
    def acquire_lease(
        self,
        kind: LeaseKind,
        key: str,
        holder: Holder,
        ttl: float,
        seen: Lease | None = None,
    ) -> Lease | None:
        """Take a lease that is free, or that the caller saw expire.

        The fence is raised; for a run, that of its log too, its last batch is set to 0, and what
        the steps of its former holder have of pools is freed.

        :param seen: the lease as last read; it is taken only if fence and beat are still the same.
            None: take it only if nobody holds it.
        :returns: the new lease, or None when somebody else was first, or the run is finished or
            unknown.
        """

    @abstractmethod
    def renew_lease(self, lease: Lease) -> bool:
        """Raise the beat; False when the fence is no longer the lease's."""

    @abstractmethod
    def release_lease(self, lease: Lease) -> None:
        """Give a lease back, and the slots that go with it; nothing happens after a takeover."""

    @abstractmethod
    def get_leases(self, kind: LeaseKind | None = None) -> Sequence[Lease]:
        """Return the leases that are held."""

    @abstractmethod
    def delete_run(self, run_id: str) -> None:
        """Delete a run with its tags, events, attempts, lease and slots; silent when unknown."""

    @abstractmethod
    def get_storage_id(self) -> str:
        """Return the stable id of this storage, made on first use."""

    @abstractmethod
    def info(self) -> Mapping[str, Any]:
        """Return facts for people: place, schema, size; no secrets."""

    @abstractmethod
    def wipe(self) -> None:
        """Delete runs, events, snapshots, leases and pools.

        The storage keeps its id, and gives no storage id and no fence of a loop a second time.
        """

    @abstractmethod
    def dispose(self) -> None:
        """Close every connection; may be called again."""

    def get_open_runs(self, statuses: Sequence[RunStatus]) -> Sequence[RunRecord]:
        """Return runs in these statuses, oldest first; what the reaper looks at."""
        from plugwork.model import RunsFilter  # records are imported when used

        filters = RunsFilter(statuses=tuple(statuses))
        return self.run_storage.get_run_records(filters, ascending=True)

    def store_event(self, entry: EventLogEntry) -> Appended:
        """Append one entry from outside the run; a thin form of :meth:`append`."""
        from plugwork.model import Batch  # records are imported when used

        return self.append(Batch.of(entry.run_id, [entry]))
