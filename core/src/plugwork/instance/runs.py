"""Runs of an instance: read, tagged, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plugwork.errors import CheckError, InvariantViolationError, RunNotFoundError
from plugwork.instance.creating import RunCreation
from plugwork.model.enums import EventType
from plugwork.model.run import ROOT_RUN_ID_TAG, RunsFilter
from plugwork.model.state import TRANSITIONS

if TYPE_CHECKING:
    from plugwork.model import (
        AssetKey,
        EventLogConnection,
        EventLogEntry,
        Run,
        RunRecord,
        RunStats,
        StepStats,
    )


#: Records of all runs that one page may hold.
_PAGE_LIMIT = 10_000


class RunMethods(RunCreation):
    """The part of an instance that makes, reads and deletes runs."""

    def get_run_by_id(self, run_id: str) -> Run | None:
        """Return a run, or None."""
        record = self.run_storage.get_run_record(run_id)
        return record.run if record is not None else None

    def get_run_record_by_id(self, run_id: str) -> RunRecord | None:
        """Return a run with what is kept beside it, or None."""
        return self.run_storage.get_run_record(run_id)

    def require_run(self, run_id: str) -> Run:
        """Return a run.

        :raises RunNotFoundError: when there is none of this id.
        """
        run = self.get_run_by_id(run_id)
        if run is None:
            raise RunNotFoundError(invalid_run_id=run_id)
        return run

    def get_runs(
        self,
        filters: RunsFilter | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        ascending: bool = False,
    ) -> Sequence[Run]:
        return self.run_storage.get_runs(filters, cursor, limit, ascending)

    def get_run_ids(
        self,
        filters: RunsFilter | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Sequence[str]:
        return self.run_storage.get_run_ids(filters, cursor, limit)

    def get_runs_count(self, filters: RunsFilter | None = None) -> int:
        return self.run_storage.get_runs_count(filters)

    def get_run_records(
        self,
        filters: RunsFilter | None = None,
        limit: int | None = None,
        order_by: str | None = None,
        ascending: bool = False,
        cursor: str | None = None,
    ) -> Sequence[RunRecord]:
        return self.run_storage.get_run_records(filters, limit, order_by, ascending, cursor)

    def has_run(self, run_id: str) -> bool:
        return self.run_storage.has_run(run_id)

    def get_run_group(self, run_id: str) -> tuple[str, Sequence[Run]]:
        """Return the id of the first run, and it with all runs that do it again, oldest first.

        :raises RunNotFoundError: when the run is unknown, or the first one was deleted.
        """
        run = self.require_run(run_id)
        root = self.require_run(run.root_run_id) if run.root_run_id is not None else run
        again = self.get_runs(RunsFilter(tags={ROOT_RUN_ID_TAG: root.run_id}), ascending=True)
        return root.run_id, [root, *again]

    def get_run_tags(
        self,
        tag_keys: Sequence[str],
        value_prefix: str | None = None,
        limit: int | None = None,
    ) -> Sequence[tuple[str, set[str]]]:
        """Return (key, values in use) of some tags, sorted by key.

        :param value_prefix: only values that begin with it.
        :param limit: of pairs of key and value.
        """
        return self.run_storage.get_run_tags(tag_keys, value_prefix, limit)

    def get_run_tag_keys(self) -> Sequence[str]:
        """Return the keys of tags in use, sorted."""
        return self.run_storage.get_run_tag_keys()

    def add_run_tags(self, run_id: str, new_tags: Mapping[str, str]) -> None:
        self.run_storage.add_run_tags(run_id, new_tags)

    def delete_run(self, run_id: str) -> None:
        """Delete a run with its events; silent for an unknown id.

        :raises InvariantViolationError: while the run is held by a process.
        """
        run = self.get_run_by_id(run_id)
        held = any(lease.key == run_id for lease in self.storage.get_leases("run"))
        if run is not None and held and not run.is_finished:
            raise InvariantViolationError(
                f"run {run_id} is {run.status} and a process holds it; cancel it first: "
                f"plugwork runs cancel {run_id}"
            )
        self.storage.delete_run(run_id)

    def all_logs(
        self, run_id: str, of_type: EventType | set[EventType] | None = None
    ) -> Sequence[EventLogEntry]:
        """Return a run's whole log; use :meth:`get_records_for_run` for a large one."""
        return self.event_log_storage.get_logs_for_run(run_id, of_type=of_type)

    def logs_after(
        self,
        run_id: str,
        cursor: str | None = None,
        of_type: EventType | set[EventType] | None = None,
        limit: int | None = None,
    ) -> Sequence[EventLogEntry]:
        return self.event_log_storage.get_logs_for_run(run_id, cursor, of_type, limit)

    def get_records_for_run(
        self,
        run_id: str,
        cursor: str | None = None,
        of_type: EventType | set[EventType] | None = None,
        limit: int | None = None,
        ascending: bool = True,
    ) -> EventLogConnection:
        return self.event_log_storage.get_records_for_run(run_id, cursor, of_type, limit, ascending)

    def fetch_run_status_changes(
        self,
        records_filter: EventType,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,
    ) -> EventLogConnection:
        """Return the events of all runs that brought a run to a status, newest first.

        :param records_filter: the event's type.
        :param limit: 10000 at most.
        :param cursor: from an earlier page.
        :raises CheckError: for an event that changes no status.
        :raises InvariantViolationError: for a page that is too large.
        """
        if records_filter not in TRANSITIONS:
            raise CheckError(f"{records_filter!r} is no event that changes the status of a run")
        _check_page(limit)
        return self.event_log_storage.get_records_of_type(
            records_filter, None, cursor, limit, ascending
        )

    def fetch_materializations(
        self,
        records_filter: AssetKey,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,
    ) -> EventLogConnection:
        """Return the materializations of an asset, newest first.

        :param records_filter: the asset's key.
        :param limit: 10000 at most.
        :param cursor: from an earlier page.
        :raises InvariantViolationError: for a page that is too large.
        """
        _check_page(limit)
        return self.event_log_storage.get_records_of_type(
            EventType.ASSET_MATERIALIZATION, records_filter, cursor, limit, ascending
        )

    def get_run_stats(self, run_id: str) -> RunStats:
        return self.event_log_storage.get_stats_for_run(run_id)

    def get_run_step_stats(
        self, run_id: str, step_keys: Sequence[str] | None = None
    ) -> Sequence[StepStats]:
        return self.event_log_storage.get_step_stats_for_run(run_id, step_keys)


def _check_page(limit: int) -> None:
    if limit > _PAGE_LIMIT:
        raise InvariantViolationError(
            f"a page of {limit} records is too large: ask for {_PAGE_LIMIT}, then for the next page"
        )
