"""Runs of an instance: made, read, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.errors import InvariantViolationError, RunNotFoundError
from plugwork.instance.parts import InstancePart
from plugwork.model.run import Run, check_run_id, make_run_id

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition
    from plugwork.model import (
        EventLogConnection,
        EventLogEntry,
        EventType,
        Holder,
        JobOrigin,
        Lease,
        RunRecord,
        RunsFilter,
        RunStats,
        StepStats,
    )
    from plugwork.plan import ExecutionPlan


class RunMethods(InstancePart):
    """The part of an instance that makes, reads and deletes runs."""

    def create_run_for_job(
        self,
        job_def: JobDefinition,
        execution_plan: ExecutionPlan | None = None,
        run_id: str | None = None,
        run_config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        job_code_origin: JobOrigin | None = None,
        step_keys_to_execute: Sequence[str] | None = None,
    ) -> Run:
        """Store a run of a job, not started, with the snapshots of job and plan.

        :raises InvalidConfigError: with every problem of the run config; nothing is stored.
        :raises CheckError: when the run id is no UUID.
        """
        run, _ = self.create_held_run(
            job_def,
            execution_plan,
            run_id=run_id,
            run_config=run_config,
            tags=tags,
            job_code_origin=job_code_origin,
            step_keys_to_execute=step_keys_to_execute,
        )
        return run

    def create_held_run(
        self,
        job_def: JobDefinition,
        execution_plan: ExecutionPlan | None = None,
        *,
        run_id: str | None = None,
        run_config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        job_code_origin: JobOrigin | None = None,
        step_keys_to_execute: Sequence[str] | None = None,
        holder: Holder | None = None,
    ) -> tuple[Run, Lease | None]:
        """Store a run as :meth:`create_run_for_job` does, held by a process from its birth.

        :param holder: who executes it, or launches who does; a run without one that dies before
            it starts is nobody's.
        """
        from plugwork.definitions.run_config import complete_run_config
        from plugwork.plan import create_plan
        from plugwork.plan.snapshot import job_snapshot, plan_snapshot

        plan = execution_plan or create_plan(job_def, run_config, step_keys_to_execute, tags=tags)
        run = Run(
            job_name=job_def.name,
            run_id=check_run_id(run_id) if run_id is not None else make_run_id(),
            run_config=stored_config(complete_run_config(job_def, run_config)),
            tags={**job_def.run_tags, **(tags or {})},
            step_keys_to_execute=step_keys_to_execute,
            job_snapshot_id=self._keep_snapshot("job", job_snapshot(job_def)),
            execution_plan_snapshot_id=self._keep_snapshot("plan", plan_snapshot(plan)),
            job_code_origin=job_code_origin,
        )
        lease = self.storage.create_run(
            run, holder=holder, ttl=self.config.leases.ttl, steps_planned=len(plan.steps)
        )
        self.notices.created(run)
        return run, lease

    def _keep_snapshot(self, kind: str, snapshot: dict[str, Any]) -> str:
        from plugwork.plan.snapshot import canonical, snapshot_id

        text = canonical(snapshot)
        named = snapshot_id(text)
        if not self.run_storage.has_snapshot(named):
            self.run_storage.add_snapshot(named, kind, text)
        return named

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

    def get_run_stats(self, run_id: str) -> RunStats:
        return self.event_log_storage.get_stats_for_run(run_id)

    def get_run_step_stats(
        self, run_id: str, step_keys: Sequence[str] | None = None
    ) -> Sequence[StepStats]:
        return self.event_log_storage.get_step_stats_for_run(run_id, step_keys)


def stored_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return run config in the form that is stored with a run: plain values.

    :raises InvariantViolationError: for a value that cannot be stored.
    """
    from plugwork.errors import DeserializationError
    from plugwork.model.record import deserialize_value, serialize_value

    try:
        plain: dict[str, Any] = deserialize_value(serialize_value(config))
    except DeserializationError as error:
        raise InvariantViolationError(f"the run config cannot be stored: {error}") from error
    return plain
