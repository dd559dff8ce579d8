"""Doing a run again, whole or in part, as a new run that reads what its ancestors stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.definitions.implied import stays_in_memory
from plugwork.errors import InvalidSubsetError, InvariantViolationError
from plugwork.model.enums import ReexecutionStrategy
from plugwork.model.run import (
    FAILURE_REASON_TAG,
    PARENT_RUN_ID_TAG,
    RESUME_RETRY_TAG,
    ROOT_RUN_ID_TAG,
    Run,
)
from plugwork.plan.past import TOLD_BY, PastRun
from plugwork.plan.reexecution import Continuation, selected_steps, steps_from_failure

if TYPE_CHECKING:
    from plugwork.config.places import Positions
    from plugwork.definitions.job import JobDefinition
    from plugwork.instance.instance import Instance
    from plugwork.plan import ExecutionPlan, KnownExecutionState

#: They tell of one run alone; a run that takes over its parent's tags does not take these.
_OF_ONE_RUN = frozenset({PARENT_RUN_ID_TAG, ROOT_RUN_ID_TAG, RESUME_RETRY_TAG, FAILURE_REASON_TAG})


class Reexecution:
    """A run that does another one again: its plan, and what it is stored with.

    :param strategy: all steps, or those from the failure on; None with a selection.
    :param step_selection: clauses that name the steps; None with a strategy.
    :param run_config: the parent's when not given.
    :param extra_tags: over all others.
    :param use_parent_run_tags: take over the parent's tags, but for those that tell of it alone.
    :raises InvariantViolationError: when the parent did not fail, the job is another by now, or
        what is to be read was kept in memory.
    :raises InvalidSubsetError: when there is nothing to do again, or an output is not there.
    :raises ExecutionStepNotFoundError: when a selected step does not exist.
    :raises InvalidConfigError: with every problem of the run config.
    """

    def __init__(
        self,
        instance: Instance,
        job: JobDefinition,
        parent: Run,
        *,
        strategy: ReexecutionStrategy | None = None,
        step_selection: Sequence[str] | None = None,
        run_config: Mapping[str, Any] | None = None,
        extra_tags: Mapping[str, str] | None = None,
        use_parent_run_tags: bool = False,
        positions: Positions | None = None,
    ) -> None:
        self.job = job if job.op_selection else job.for_subset(parent.op_selection)
        self.parent = parent
        self.run_config = parent.run_config if run_config is None else run_config
        self.root_run_id = parent.root_run_id or parent.run_id
        self.tags = self._tags(strategy, extra_tags or {}, use_parent_run_tags)
        self._positions = positions
        _check_same_job(instance, self.job, parent)
        #: None when every step is done again.
        self.continuation: Continuation | None = None
        if strategy is ReexecutionStrategy.FROM_FAILURE:
            self.continuation = self._from_failure(instance)
        elif step_selection:
            self.continuation = self._of_steps(instance, step_selection)
        self.plan = self._plan()
        _check_readable(instance, self.plan)

    @property
    def step_keys(self) -> Sequence[str] | None:
        return self.continuation.step_keys if self.continuation is not None else None

    @property
    def run_arguments(self) -> dict[str, Any]:
        """What the run is stored with."""
        return {
            "run_config": self.run_config,
            "tags": self.tags,
            "root_run_id": self.root_run_id,
            "parent_run_id": self.parent.run_id,
            "step_keys_to_execute": self.step_keys,
            "op_selection": self.parent.op_selection,
        }

    def _tags(
        self, strategy: ReexecutionStrategy | None, extra: Mapping[str, str], use_parents: bool
    ) -> dict[str, str]:
        parents = self.parent.tags if use_parents else {}
        tags = {key: value for key, value in parents.items() if key not in _OF_ONE_RUN}
        tags |= {PARENT_RUN_ID_TAG: self.parent.run_id, ROOT_RUN_ID_TAG: self.root_run_id}
        if strategy is ReexecutionStrategy.FROM_FAILURE:
            tags[RESUME_RETRY_TAG] = "true"
        return {**tags, **extra}

    def _from_failure(self, instance: Instance) -> Continuation:
        check_failed(self.parent)
        past = read_past(instance, self.parent)
        made = Continuation(self._whole_plan, past, lambda plan: steps_from_failure(plan, past))
        if not made.step_keys:
            raise InvalidSubsetError(
                f"run {self.parent.run_id} has no step to run again: all ended well; run the whole "
                "job again"
            )
        return made

    def _of_steps(self, instance: Instance, clauses: Sequence[str]) -> Continuation:
        past = read_past(instance, self.parent)
        return Continuation(self._whole_plan, past, lambda plan: selected_steps(plan, clauses))

    def _whole_plan(self) -> ExecutionPlan:
        from plugwork.plan import create_plan

        return create_plan(self.job, self.run_config, tags=self.tags, positions=self._positions)

    def _plan(self) -> ExecutionPlan:
        from plugwork.plan import create_plan

        if self.continuation is None:
            return self._whole_plan()
        return create_plan(
            self.job,
            self.run_config,
            self.continuation.step_keys,
            self.continuation.known_state,
            self.tags,
            self._positions,
        )


def check_failed(parent: Run) -> None:
    """Refuse to go on from a failure where there was none.

    :raises InvariantViolationError: naming the run and its status.
    """
    if not parent.is_failure_or_canceled:
        raise InvariantViolationError(
            f"run {parent.run_id} is {parent.status}: only a run that failed or was canceled is "
            "run again from its failure"
        )


def can_continue(job: JobDefinition, instance: Instance) -> bool:
    """Tell whether what a run of a job stores is there for another run, as far as one knows."""
    from plugwork.definitions.requirements import op_definitions

    outs = [out for one in op_definitions(job.graph_def) for out in one.output_defs]
    keys = {out.io_manager_key for out in outs if not out.type.is_nothing}
    resources, persistent = job.resource_defs, instance.is_persistent
    return not any(stays_in_memory(key, resources.get(key), persistent) for key in keys)


def known_state_of(instance: Instance, job: JobDefinition, run: Run) -> KnownExecutionState | None:
    """Return what a stored run knows of its ancestors; None for one that executes all steps.

    :raises InvalidSubsetError: when an output that it reads is gone.
    """
    from plugwork.plan import create_plan

    if run.step_keys_to_execute is None or run.parent_run_id is None:
        return None
    parent = instance.require_run(run.parent_run_id)
    chosen = set(run.step_keys_to_execute)
    made = Continuation(
        lambda: create_plan(job, run.run_config), read_past(instance, parent), lambda _: chosen
    )
    return made.known_state


def read_past(instance: Instance, run: Run) -> PastRun:
    """Read from the logs what became of a run's steps, and of those of the runs it continued."""
    line = [run]
    while (older := _continued(instance, line[-1])) is not None:
        line.append(older)
    past: PastRun | None = None
    for one in reversed(line):
        entries = instance.all_logs(one.run_id, set(TOLD_BY))
        events = [entry.event for entry in entries if entry.event is not None]
        past = PastRun(one.run_id, one.step_keys_to_execute, events, past)
    if past is None:
        raise InvariantViolationError(f"run {run.run_id} has no past")
    return past


def _continued(instance: Instance, run: Run) -> Run | None:
    if run.step_keys_to_execute is None or run.parent_run_id is None:
        return None
    return instance.get_run_by_id(run.parent_run_id)


def _check_same_job(instance: Instance, job: JobDefinition, parent: Run) -> None:
    from plugwork.plan.snapshot import canonical, job_snapshot, structure_of

    if job.name != parent.job_name:
        raise InvariantViolationError(
            f"run {parent.run_id} is one of job {parent.job_name!r}, not of {job.name!r}"
        )
    named = parent.job_snapshot_id
    stored = instance.run_storage.get_snapshot(named) if named is not None else None
    if stored is None:
        return
    before = structure_of(json.loads(stored))
    now = structure_of(json.loads(canonical(job_snapshot(job))))
    changed = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    if changed:
        named_parts = ", ".join(changed[:5]) + (" ..." if len(changed) > 5 else "")
        raise InvariantViolationError(
            f"job {job.name!r} has changed since run {parent.run_id}: {named_parts} differs in its "
            "steps, inputs or outputs, so that what that run stored does not fit; run the whole job"
        )


def _check_readable(instance: Instance, plan: ExecutionPlan) -> None:
    """Refuse to read outputs that went with the process that made them."""
    if plan.known_state.parent_state is None:
        return
    for step in plan.steps:
        for one in step.inputs:
            outside = [each for each in one.source.handles if each.step_key not in plan.deps]
            if one.is_nothing or one.definition.input_manager_key is not None or not outside:
                continue
            for key in {_manager_key(plan, each.step_key, each.output_name) for each in outside}:
                if stays_in_memory(key, plan.job.resource_defs.get(key), instance.is_persistent):
                    raise InvariantViolationError(
                        f"step {step.key!r} reads {outside[0].output_name!r} of step "
                        f"{outside[0].step_key!r}, which is not run again, and {key!r} keeps "
                        "outputs in the memory of the process that made them; run the whole job, "
                        "or bind an IO manager that stores, such as fs_io_manager"
                    )


def _manager_key(plan: ExecutionPlan, step_key: str, output_name: str) -> str:
    return plan.step(step_key).op_def.output_dict[output_name].io_manager_key
