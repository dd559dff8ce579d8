"""Execute a job that other processes can load too, with all that the instance has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.code.reconstruct import ReconstructableJob
from plugwork.config.run_config import run_config_dict
from plugwork.errors import CheckError, InvariantViolationError
from plugwork.execution.results.result import JobExecutionResult
from plugwork.execution.starting import RunExecution
from plugwork.journal.holder import current_holder

if TYPE_CHECKING:
    from plugwork.config.run_config import RunConfig
    from plugwork.definitions.job import JobDefinition
    from plugwork.execution.reexecution import ReexecutionOptions
    from plugwork.instance import Instance
    from plugwork.instance.reexecution import Reexecution


def execute_job(
    job: ReconstructableJob,
    instance: Instance,
    run_config: RunConfig | Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool = False,
    op_selection: Sequence[str] | None = None,
    reexecution_options: ReexecutionOptions | None = None,
    asset_selection: Sequence[Any] | None = None,
) -> JobExecutionResult:
    """Execute a job with its own executor, and return when the run has ended.

    :param job: see :func:`reconstructable`.
    :param run_config: the parent's when not given and a run is done again.
    :param raise_on_error: raise the user's own error after the run's events are stored.
    :param op_selection: clauses that name a part of the ops: ``a``, ``*a``, ``a+``.
    :param reexecution_options: do another run again, as a new run.
    :param asset_selection: must be None: jobs have no assets in this release.
    :returns: also a context manager: inside, the values of stored outputs can be loaded.
    :raises CheckError: for a job that is not reconstructable.
    :raises InvalidConfigError: with every problem of the run config; nothing is stored.
    """
    if not isinstance(job, ReconstructableJob):
        raise CheckError(
            f"execute_job takes a job that other processes can load, got {job!r}; give it "
            "reconstructable(job), or call job.execute_in_process()"
        )
    if asset_selection is not None:
        raise CheckError("asset_selection: jobs have no assets in this release; leave it out")
    definition = job.get_definition().for_subset(op_selection)
    run_config = None if run_config is None else run_config_dict(run_config)
    if reexecution_options is None:
        from plugwork.plan import create_plan

        plan = create_plan(definition, run_config, tags=tags)
        arguments: dict[str, Any] = {
            "run_config": run_config,
            "tags": tags,
        }
    else:
        made = _again(instance, definition, run_config, tags, reexecution_options)
        definition, plan, arguments = made.job, made.plan, made.run_arguments
    run, lease = instance.create_held_run(
        definition, plan, job_code_origin=job.origin, holder=current_holder(), **arguments
    )
    if lease is None:
        raise InvariantViolationError(f"run {run.run_id} was stored without a lease")
    execution = RunExecution(instance, definition, plan, run, lease, raise_on_error=raise_on_error)
    for _ in execution.events():
        pass
    if raise_on_error and execution.error is not None:
        raise execution.error
    # From the log: what steps of other processes told is there too.
    events = [entry.event for entry in instance.all_logs(run.run_id) if entry.event is not None]
    ended = instance.require_run(run.run_id)
    return JobExecutionResult(definition, execution.stored_outputs(), events, ended)


def _again(
    instance: Instance,
    job: JobDefinition,
    run_config: Mapping[str, Any] | None,
    tags: Mapping[str, str] | None,
    options: ReexecutionOptions,
) -> Reexecution:
    from plugwork.instance.reexecution import Reexecution
    from plugwork.model.enums import ReexecutionStrategy

    strategy = None if options.step_selection else ReexecutionStrategy.ALL_STEPS
    if options.is_from_failure:
        strategy = ReexecutionStrategy.FROM_FAILURE
    return Reexecution(
        instance,
        job,
        instance.require_run(options.parent_run_id),
        strategy=strategy,
        step_selection=options.step_selection,
        run_config=run_config,
        extra_tags=tags,
    )
