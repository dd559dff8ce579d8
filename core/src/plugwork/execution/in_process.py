"""Run a job here and now, without anything installed around it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from plugwork.definitions.executor import ExecutorDefinition
from plugwork.errors import InvariantViolationError
from plugwork.execution.results.result import ExecuteInProcessResult
from plugwork.execution.starting import RunExecution
from plugwork.journal.holder import current_holder
from plugwork.plan import create_plan

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition
    from plugwork.execution.step.step_runner import Captured
    from plugwork.instance import Instance
    from plugwork.model import Event

#: Takes the place of the job's own executor, whatever that is.
_IN_PROCESS = ExecutorDefinition("in_process")


def execute_in_process(
    job_def: JobDefinition,
    run_config: Mapping[str, Any] | None = None,
    instance: Instance | None = None,
    *,
    raise_on_error: bool = True,
    tags: Mapping[str, str] | None = None,
    run_id: str | None = None,
) -> ExecuteInProcessResult:
    """Run a job in this process; values pass in memory where the job binds no IO manager.

    :param instance: an ephemeral one when not given.
    :param raise_on_error: raise the user's own error after the run's events are stored.
    :raises InvalidConfigError: with every problem of the run config; nothing is stored.
    """
    from plugwork.instance import Instance

    opened = nullcontext(instance) if instance is not None else Instance.ephemeral()
    with opened as used:
        return _execute(used, job_def, run_config, raise_on_error, tags, run_id)


def _execute(
    instance: Instance,
    job_def: JobDefinition,
    run_config: Mapping[str, Any] | None,
    raise_on_error: bool,
    tags: Mapping[str, str] | None,
    run_id: str | None,
) -> ExecuteInProcessResult:
    from plugwork.definitions.io_manager import mem_io_manager
    from plugwork.definitions.outputs import DEFAULT_IO_MANAGER_KEY

    in_memory = {DEFAULT_IO_MANAGER_KEY: mem_io_manager}
    bound = job_def.with_defaults(resource_defs=in_memory)
    plan = create_plan(bound, run_config, tags=tags)
    run, lease = instance.create_held_run(
        bound,
        plan,
        run_id=run_id,
        run_config=run_config,
        tags=tags,
        holder=current_holder(),
        in_process=True,
    )
    if lease is None:
        raise InvariantViolationError(f"run {run.run_id} was stored without a lease")
    captured: Captured = {}
    events: list[Event] = []
    execution = RunExecution(
        instance,
        bound,
        plan,
        run,
        lease,
        executor_def=_IN_PROCESS,
        raise_on_error=raise_on_error,
        captured=captured,
        told=events,
    )
    for _ in execution.events():
        pass
    if raise_on_error and execution.error is not None:
        raise execution.error
    return ExecuteInProcessResult(events, instance.require_run(run.run_id), captured, bound)
