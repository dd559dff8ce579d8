"""Runs of an instance: made and stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import attrs

from plugwork.errors import CheckError, InvariantViolationError, RunConflict
from plugwork.instance.parts import InstancePart
from plugwork.model.enums import RunStatus
from plugwork.model.run import (
    PARTITION_RANGE_END_TAG,
    PARTITION_RANGE_START_TAG,
    PARTITION_TAG,
    Run,
)

if TYPE_CHECKING:
    from plugwork.code.reconstruct import ReconstructableJob
    from plugwork.definitions.job import JobDefinition
    from plugwork.instance.instance import Instance
    from plugwork.model import Holder, JobOrigin, Lease, ReexecutionStrategy
    from plugwork.plan import ExecutionPlan

#: What a new run may be; every other status comes from events.
_AT_BIRTH = frozenset({RunStatus.NOT_STARTED, RunStatus.MANAGED})


class RunCreation(InstancePart):
    """The part of an instance that makes runs."""

    def create_run_for_job(
        self,
        job_def: JobDefinition,
        execution_plan: ExecutionPlan | None = None,
        run_id: str | None = None,
        run_config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        job_code_origin: JobOrigin | None = None,
        step_keys_to_execute: Sequence[str] | None = None,
        root_run_id: str | None = None,
        parent_run_id: str | None = None,
        op_selection: Sequence[str] | None = None,
    ) -> Run:
        """Store a run of a job, not started, with the snapshots of job and plan.

        :raises InvalidConfigError: with every problem of the run config; nothing is stored.
        :raises UnmetExecutorRequirementsError: when the job's executor starts processes that could
            not read what an IO manager keeps in memory; nothing is stored.
        :raises CheckError: when the run id is no UUID, or only one of root and parent is given.
        """
        run, _ = self.create_held_run(
            job_def,
            execution_plan,
            run_id=run_id,
            run_config=run_config,
            tags=tags,
            job_code_origin=job_code_origin,
            step_keys_to_execute=step_keys_to_execute,
            root_run_id=root_run_id,
            parent_run_id=parent_run_id,
            op_selection=op_selection,
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
        root_run_id: str | None = None,
        parent_run_id: str | None = None,
        op_selection: Sequence[str] | None = None,
        holder: Holder | None = None,
        in_process: bool = False,
    ) -> tuple[Run, Lease | None]:
        """Store a run as :meth:`create_run_for_job` does, held by a process from its birth.

        :param holder: who executes it, or launches who does; a run without one that dies before
            it starts is nobody's.
        :param in_process: whether its steps run in this process, whatever the job's executor.
        """
        from plugwork.definitions.run_config import complete_run_config
        from plugwork.plan import create_plan
        from plugwork.plan.sharing import check_shared_outputs
        from plugwork.plan.snapshot import job_snapshot, plan_snapshot

        if job_def.op_selection is None:
            job_def = job_def.for_subset(op_selection)
        plan = execution_plan or create_plan(job_def, run_config, step_keys_to_execute, tags=tags)
        if not in_process:
            check_shared_outputs(plan)
        run = Run(
            job_name=job_def.name,
            run_id=run_id,
            run_config=stored_config(complete_run_config(job_def, run_config)),
            tags=_run_tags({**job_def.run_tags, **(tags or {})}),
            root_run_id=root_run_id,
            parent_run_id=parent_run_id,
            op_selection=job_def.op_selection,
            resolved_op_selection=job_def.resolved_op_selection,
            step_keys_to_execute=step_keys_to_execute,
            job_snapshot_id=self._keep_snapshot("job", job_snapshot(job_def)),
            execution_plan_snapshot_id=self._keep_snapshot("plan", plan_snapshot(plan)),
            job_code_origin=job_code_origin,
        )
        return run, self._store(run, len(plan.steps), holder)

    def create_run(
        self,
        job_name: str,
        run_id: str | None = None,
        run_config: Mapping[str, Any] | None = None,
        status: RunStatus | None = None,
        tags: Mapping[str, Any] | None = None,
        root_run_id: str | None = None,
        parent_run_id: str | None = None,
        step_keys_to_execute: Sequence[str] | None = None,
        execution_plan_snapshot: Mapping[str, Any] | None = None,
        job_snapshot: Mapping[str, Any] | None = None,
        parent_job_snapshot: Mapping[str, Any] | None = None,
        op_selection: Sequence[str] | None = None,
        job_code_origin: JobOrigin | None = None,
    ) -> Run:
        """Store a run whose job need not be in this process.

        :param status: NOT_STARTED when not given, or MANAGED; others come from events.
        :param tags: values that are no text are stored as JSON.
        :param job_snapshot: as ``plugwork.plan.snapshot.job_snapshot`` makes them.
        :param parent_job_snapshot: of the whole job, when ``job_snapshot`` is of a part of it.
        :raises CheckError: when the id is no UUID, or what is given does not go together.
        :raises RunAlreadyExists: when the id is stored already.
        """
        run = self._made_run(
            job_name=job_name,
            run_id=run_id,
            run_config=run_config,
            status=status,
            tags=tags,
            root_run_id=root_run_id,
            parent_run_id=parent_run_id,
            step_keys_to_execute=step_keys_to_execute,
            execution_plan_snapshot=execution_plan_snapshot,
            job_snapshot=job_snapshot,
            parent_job_snapshot=parent_job_snapshot,
            op_selection=op_selection,
            job_code_origin=job_code_origin,
        )
        self._store(run, len((execution_plan_snapshot or {}).get("executed", ())) or None, None)
        return run

    def register_managed_run(
        self,
        job_name: str,
        run_id: str,
        run_config: Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        root_run_id: str | None = None,
        parent_run_id: str | None = None,
        step_keys_to_execute: Sequence[str] | None = None,
        execution_plan_snapshot: Mapping[str, Any] | None = None,
        job_snapshot: Mapping[str, Any] | None = None,
        parent_job_snapshot: Mapping[str, Any] | None = None,
        op_selection: Sequence[str] | None = None,
        job_code_origin: JobOrigin | None = None,
    ) -> Run:
        """Store a run that something else than plugwork drives; may be called again.

        :returns: the run as stored, by this call or by an equal one before.
        :raises RunConflict: when another run has the id; it lists what differs.
        """
        run = self._made_run(
            job_name=job_name,
            run_id=run_id,
            run_config=run_config,
            status=RunStatus.MANAGED,
            tags=tags,
            root_run_id=root_run_id,
            parent_run_id=parent_run_id,
            step_keys_to_execute=step_keys_to_execute,
            execution_plan_snapshot=execution_plan_snapshot,
            job_snapshot=job_snapshot,
            parent_job_snapshot=parent_job_snapshot,
            op_selection=op_selection,
            job_code_origin=job_code_origin,
        )
        record = self.run_storage.get_run_record(run.run_id)
        if record is None:
            self._store(run, None, None)
            return run
        _check_equal(record.run, run)
        return record.run

    def create_reexecuted_run(
        self,
        *,
        parent_run: Run,
        job: JobDefinition | ReconstructableJob,
        strategy: ReexecutionStrategy,
        extra_tags: Mapping[str, str] | None = None,
        run_config: Mapping[str, Any] | None = None,
        use_parent_run_tags: bool = False,
    ) -> Run:
        """Store a run, not started, that does another one again.

        The new run carries the ids of its parent and of the first run of all, as fields and tags.
        Steps that are not done again are read from where the ancestors stored them.

        :param job: the parent's, as it is now.
        :param strategy: all steps, or those from the failure on.
        :param run_config: the parent's when not given.
        :param use_parent_run_tags: take over the parent's tags, under ``extra_tags``.
        :raises InvariantViolationError: when there is no failure to go on from, or the job's steps
            are others by now.
        :raises InvalidSubsetError: when there is nothing to do again.
        """
        from plugwork.code.reconstruct import ReconstructableJob
        from plugwork.instance.reexecution import Reexecution
        from plugwork.model.enums import ReexecutionStrategy

        definition, origin = job, parent_run.job_code_origin
        if isinstance(job, ReconstructableJob):
            definition, origin = job.get_definition(), job.origin
        made = Reexecution(
            cast("Instance", self),
            cast("JobDefinition", definition),
            parent_run,
            strategy=ReexecutionStrategy(strategy),
            extra_tags=extra_tags,
            run_config=run_config,
            use_parent_run_tags=use_parent_run_tags,
        )
        return self.create_run_for_job(
            made.job, made.plan, job_code_origin=origin, **made.run_arguments
        )

    def _store(self, run: Run, steps_planned: int | None, holder: Holder | None) -> Lease | None:
        lease = self.storage.create_run(
            run, holder=holder, ttl=self.config.leases.ttl, steps_planned=steps_planned
        )
        self.notices.created(run)
        return lease

    def _made_run(
        self,
        *,
        run_config: Mapping[str, Any] | None,
        status: RunStatus | None,
        tags: Mapping[str, Any] | None,
        execution_plan_snapshot: Mapping[str, Any] | None,
        job_snapshot: Mapping[str, Any] | None,
        parent_job_snapshot: Mapping[str, Any] | None,
        **fields: Any,
    ) -> Run:
        """Check what a run is made of, keep its snapshots, and make it; it is not stored yet."""
        given = RunStatus(status) if status is not None else RunStatus.NOT_STARTED
        if given not in _AT_BIRTH:
            raise CheckError(f"a run is stored not started, not {given}: its events change that")
        needs = (
            (execution_plan_snapshot, "execution_plan_snapshot"),
            (parent_job_snapshot, "parent_job_snapshot"),
        )
        for snapshot, name in needs:
            if snapshot is not None and job_snapshot is None:
                raise CheckError(f"{name} comes with a job_snapshot")
        run = Run(
            run_config=stored_config(run_config or {}),
            status=given,
            tags=_run_tags(tags or {}),
            **fields,
        )
        self._keep_optional("job", parent_job_snapshot)
        return attrs.evolve(
            run,
            job_snapshot_id=self._keep_optional("job", job_snapshot),
            execution_plan_snapshot_id=self._keep_optional("plan", execution_plan_snapshot),
        )

    def _keep_optional(self, kind: str, snapshot: Mapping[str, Any] | None) -> str | None:
        return None if snapshot is None else self._keep_snapshot(kind, dict(snapshot))

    def _keep_snapshot(self, kind: str, snapshot: dict[str, Any]) -> str:
        from plugwork.plan.snapshot import canonical, snapshot_id

        text = canonical(snapshot)
        named = snapshot_id(text)
        if not self.run_storage.has_snapshot(named):
            self.run_storage.add_snapshot(named, kind, text)
        return named


def _run_tags(tags: Mapping[str, Any]) -> dict[str, str]:
    """Return tags as they are stored.

    :raises InvalidDefinitionError: for a value that JSON would change.
    :raises CheckError: when a run is of a partition and of a range of them.
    """
    from plugwork.definitions.names import check_tags

    found = check_tags(tags, "the run")
    ranged = [key for key in (PARTITION_RANGE_START_TAG, PARTITION_RANGE_END_TAG) if key in found]
    if ranged and PARTITION_TAG in found:
        raise CheckError(f"a run has the tag {PARTITION_TAG!r} or {ranged[0]!r}, not both")
    return found


def _check_equal(stored: Run, asked: Run) -> None:
    """Refuse to take a stored run for another.

    :raises RunConflict: naming the fields that differ.
    """
    differing = [
        field.name
        for field in attrs.fields(Run)
        if field.name != "status" and getattr(stored, field.name) != getattr(asked, field.name)
    ]
    if differing:
        raise RunConflict(
            f"run {stored.run_id} is stored already, with another {', '.join(differing)}"
        )


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
