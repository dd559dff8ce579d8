"""One step as data, and its execution from it in another process."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from plugwork.abc.executor import Executor, RetryMode
from plugwork.code.reconstruct import ReconstructableJob
from plugwork.errors import CheckError
from plugwork.execution.step.attempt import Attempt
from plugwork.model.code_ref import CodeRef, JobOrigin
from plugwork.model.enums import RunStatus
from plugwork.model.run import Run
from plugwork.plan.known_state import KnownExecutionState, PastExecutionState

if TYPE_CHECKING:
    from plugwork.execution.step.step_context import StepExecutionContext
    from plugwork.instance import Instance
    from plugwork.model import Event, EventLogEntry, EventLogRecord


@attrs.frozen
class StepRunRef:
    """All that another process needs to run one attempt of a step; it can be pickled."""

    run_config: Mapping[str, Any]
    run: Run
    run_id: str
    retry_mode: RetryMode
    step_key: str
    #: It is loaded again where the ref is unpickled.
    recon_job: ReconstructableJob
    known_state: KnownExecutionState | None


class _Elsewhere(Executor):
    """Stands for the executor of the run, in the process that runs one step of it."""

    def __init__(self, retries: RetryMode) -> None:
        self._retries = retries

    @property
    def retries(self) -> RetryMode:
        return self._retries

    def execute(self, plan_context: Any, execution_plan: Any) -> Iterator[Event]:
        raise CheckError("this process runs one step, not a plan")


def step_context_to_step_run_ref(
    step_context: StepExecutionContext, package_dir: str | None = None
) -> StepRunRef:
    """Write an attempt of a step down, for a process that runs it.

    Values reach that process through IO managers alone: bind ones whose place both can reach.

    :param package_dir: a job of a file is named as a module, counted from this directory, which
        the other process has on its ``sys.path``.
    :raises UnmetExecutorRequirementsError: for a job that was made in memory.
    :raises CheckError: when the job's file is not below ``package_dir``.
    """
    context = step_context.runner.context
    origin = context.reconstructable_job
    if package_dir is not None and origin.code.kind == "file":
        origin = JobOrigin(_as_module(origin.code, Path(package_dir)), origin.job_name)
    run = step_context.run
    return StepRunRef(
        run.run_config,
        run,
        run.run_id,
        step_context.retry_mode,
        step_context.step.key,
        ReconstructableJob(origin, step_context.job_def),
        _known_state(step_context),
    )


def _as_module(code: CodeRef, package_dir: Path) -> CodeRef:
    try:
        inside = Path(code.target).relative_to(package_dir.resolve())
    except ValueError:
        raise CheckError(f"{code.target} is not below package_dir {package_dir}") from None
    return CodeRef("module", ".".join(inside.with_suffix("").parts), code.attribute)


def _known_state(step_context: StepExecutionContext) -> KnownExecutionState:
    """What the step reads stands as if an earlier run had made it: so it is found and skipped."""
    runner, step = step_context.runner, step_context.step
    plan = runner.plan
    known = plan.known_state
    handles = [one for given in step.inputs for one in given.source.handles]
    ready = frozenset(one for one in handles if runner.has_output(one))
    made_here = frozenset(one for one in ready if one.step_key in plan.deps)
    return KnownExecutionState(
        {step.key: step_context.previous_attempt_count},
        {**known.dynamic_mappings, **plan.dynamic_mappings},
        ready,
        PastExecutionState(step_context.run_id, made_here, known.parent_state),
    )


def external_instance_from_step_run_ref(
    step_run_ref: StepRunRef, event_listener_fn: Callable[[EventLogEntry], object] | None = None
) -> Instance:
    """Open an instance in memory that has the run of a ref.

    :param event_listener_fn: called with each entry of the run's log, as it comes.
    """
    from plugwork.instance import Instance

    instance = Instance.ephemeral()
    run = attrs.evolve(
        step_run_ref.run,
        status=RunStatus.NOT_STARTED,
        job_snapshot_id=None,
        execution_plan_snapshot_id=None,
    )
    instance.storage.create_run(run)
    if event_listener_fn is not None:
        listen = event_listener_fn

        def tell(record: EventLogRecord) -> None:
            listen(record.event_log_entry)

        instance.add_event_listener(run.run_id, tell)
    return instance


def step_run_ref_to_step_context(
    step_run_ref: StepRunRef, instance: Instance
) -> StepExecutionContext:
    """Make the attempt of a ref ready to run here; its resources live as long as the process.

    :param instance: see :func:`external_instance_from_step_run_ref`.
    """
    stack = ExitStack()
    attempt = stack.enter_context(_opened(step_run_ref, instance))
    weakref.finalize(attempt.runner, stack.close)
    return attempt


def run_step_from_ref(step_run_ref: StepRunRef, instance: Instance) -> Iterator[Event]:
    """Run the attempt of a ref here, and yield its events; the last one ends it.

    The step runs in this process, also where its op requires a step launcher.

    :param instance: gets the events too, and tells its listeners of each as it comes.
    """
    with _opened(step_run_ref, instance) as attempt:
        attempt.perform()
        yield from attempt.events


@contextmanager
def _opened(ref: StepRunRef, instance: Instance) -> Iterator[Attempt]:
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.execution.emitter import Emitter
    from plugwork.plan import create_plan

    job = ref.recon_job.get_definition()
    if job.op_selection is None:
        job = job.for_subset(ref.run.op_selection)

    def write(entry: EventLogEntry) -> None:
        instance.handle_new_event(entry)

    plan = create_plan(job, ref.run_config, [ref.step_key], ref.known_state, ref.run.tags)
    context = PlanOrchestrationContext(
        job=job,
        run=ref.run,
        run_config=plan.resolved_config,
        plan=plan,
        instance=instance,
        emitter=Emitter(ref.run_id, job.name, write, lambda: None, instance.clock),
        resource_defs=job.resource_defs,
        may_start_step=lambda: True,
        on_interrupt=lambda: None,
    )
    context.executor = _Elsewhere(ref.retry_mode.for_inner_plan())
    context.launches_steps = False
    before = plan.known_state.previous_retry_attempts.get(ref.step_key, 0)
    with context.open_steps() as runner:
        yield Attempt(runner, plan.step(ref.step_key), before + 1)
