"""Whether the outputs of a plan can be read by the processes that its executor starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork.abc.executor import ExecutorRequirement
from plugwork.definitions.implied import stays_in_memory
from plugwork.errors import UnmetExecutorRequirementsError

if TYPE_CHECKING:
    from plugwork.plan.plan import ExecutionPlan


def check_shared_outputs(plan: ExecutionPlan) -> None:
    """Check the IO managers of the plan's steps against the job's own executor.

    What the instance provides is checked when the run starts, with the executor that it names.

    :raises UnmetExecutorRequirementsError: when one of them keeps values in its process.
    """
    job = plan.job
    config = plan.resolved_config.get("execution", {}).get("config")
    if ExecutorRequirement.PERSISTENT_OUTPUTS not in job.executor_def.get_requirements(config):
        return
    for step in plan.steps:
        for out in step.outputs:
            key = out.io_manager_key
            if not out.type.is_nothing and stays_in_memory(key, job.resource_defs.get(key), True):
                raise UnmetExecutorRequirementsError(
                    f"executor {job.executor_def.name!r} runs steps in other processes, which "
                    f"cannot read output {out.name!r} of step {step.key!r}: the IO manager {key!r} "
                    f"keeps it in memory; bind another {key!r}, such as fs_io_manager, or choose "
                    "the executor in_process"
                )
