"""What an executor gets: the run, its plan, and the door to its steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from plugwork.boundary import pop_captured_interrupt, wait_unless_interrupted
from plugwork.errors import ExecutionInterruptedError, UnmetExecutorRequirementsError

if TYPE_CHECKING:
    import logging
    from random import Random

    from plugwork.abc import Executor, StepExecutor
    from plugwork.abc.executor import RetryMode
    from plugwork.clock import Clock
    from plugwork.definitions.job import JobDefinition
    from plugwork.definitions.resource import ResourceDefinition
    from plugwork.execution.emitter import Emitter
    from plugwork.execution.log import LogManager
    from plugwork.execution.shared_steps import SharedSteps
    from plugwork.execution.step.step_runner import Captured, StepRunner
    from plugwork.instance import Instance
    from plugwork.model import Event, JobOrigin, Run, StepOutputHandle, TagLimit
    from plugwork.plan import ActiveExecution, ExecutionPlan
    from plugwork.plan.gates import Lane, SlotClaims


class PlanOrchestrationContext:
    """One run, for the executor that drives it. Lives as long as the run's execution.

    :param resource_defs: of the job, with those that the instance provides.
    :param may_start_step: False while the run's lease could not be renewed for its ttl.
    :param on_interrupt: told when a step was interrupted, before its failure is.
    """

    def __init__(
        self,
        *,
        job: JobDefinition,
        run: Run,
        run_config: Mapping[str, Any],
        plan: ExecutionPlan,
        instance: Instance,
        emitter: Emitter,
        resource_defs: Mapping[str, ResourceDefinition],
        may_start_step: Callable[[], bool],
        on_interrupt: Callable[[], None],
        raise_on_error: bool = False,
        captured: Captured | None = None,
        echo_logs: bool = True,
        fence: int | None = None,
    ) -> None:
        self.job = job
        self.run = run
        self.run_config = run_config
        self.plan = plan
        self.instance = instance
        self.emitter = emitter
        self.resource_defs = resource_defs
        self.may_start_step = may_start_step
        self.on_interrupt = on_interrupt
        self.raise_on_error = raise_on_error
        self.captured = captured
        self.echo_logs = echo_logs
        #: Of the run's lease.
        self.fence = fence
        self._shared_steps: SharedSteps | None = None
        #: Outputs that a finished step did not give; (step key, None) for a skipped step.
        self.absent: set[tuple[str, str | None]] = _absent_before(plan)
        #: False in a process to which a step launcher gave its step.
        self.launches_steps = True
        #: Set by the run's envelope before ``execute`` is called.
        self.executor: Executor | None = None
        self.executor_name = ""
        #: Why this executor: told by the run's first engine event.
        self.executor_reason = ""

    @property
    def clock(self) -> Clock:
        return self.instance.clock

    @property
    def random(self) -> Random:
        return self.instance.random

    @property
    def retry_mode(self) -> RetryMode:
        from plugwork.abc.executor import RetryMode

        return self.executor.retries if self.executor is not None else RetryMode.ENABLED

    @property
    def log(self) -> LogManager:
        """The logger of the whole run."""
        from plugwork.execution.log import run_log

        return run_log(self.emitter, loggers=self.job_loggers)

    @cached_property
    def job_loggers(self) -> list[logging.Logger]:
        """The loggers that the job defines, made once a process."""
        from plugwork.definitions.logger import InitLoggerContext

        config = self.run_config.get("loggers", {})
        made = []
        for name, definition in self.job.loggers.items():
            own = config.get(name, {}).get("config")
            made.append(
                definition.make(InitLoggerContext(own, definition, self.job, self.run.run_id))
            )
        return made

    @property
    def reconstructable_job(self) -> JobOrigin:
        """How another process loads the job.

        :raises UnmetExecutorRequirementsError: for a job that was made in memory.
        """
        if self.run.job_code_origin is None:
            raise UnmetExecutorRequirementsError(
                f"job {self.job.name!r} was made in memory, so that no other process can load it; "
                "run it from its file or module, or choose the executor in_process"
            )
        return self.run.job_code_origin

    def active_execution(
        self,
        max_concurrent: int | None = None,
        tag_limits: Iterable[TagLimit] = (),
        require_upstream_success: bool = True,
        wake: Callable[[], None] = lambda: None,
        lane: Lane | None = None,
    ) -> ActiveExecution:
        """Return the scheduler of this run's steps; use it as a context manager, in one thread.

        :param max_concurrent: how many steps are in flight at a time; None: any number.
        :param tag_limits: ``tag_limits`` of the executor's :class:`ExecutorSettings`.
        :param require_upstream_success: False starts a step as soon as the outputs that it needs
            exist.
        :param wake: called from any thread when a step that waits for a slot may get one now.
        :param lane: how many steps run at a time on each of several executors.
        """
        from plugwork.plan import ActiveExecution

        return ActiveExecution(
            self.plan,
            self.retry_mode,
            self.clock,
            max_concurrent=max_concurrent,
            tag_limits=tag_limits,
            require_upstream_success=require_upstream_success,
            claims=self._slot_claims(),
            lane=lane,
            wake=wake,
        )

    def _slot_claims(self) -> SlotClaims | None:
        """Return what claims slots; None when no step needs one, or runs are counted instead."""
        if not self.plan.pools:
            return None
        from plugwork.execution.pools import RunSlots
        from plugwork.instance.pools import limits_steps

        if not limits_steps(self.instance):
            return None
        return RunSlots(self.instance, self.run, self.fence)

    def drive_steps(self, executor: StepExecutor) -> Iterator[Event]:
        """Run all steps of the plan on an executor to which steps are handed."""
        from plugwork.execution.driving import run_steps

        return run_steps(self, executor)

    def announce_plan_events(self, active: ActiveExecution) -> list[Event]:
        """Write what the scheduler decided by itself: steps skipped, steps abandoned."""
        from plugwork.execution.plan_events import write_plan_events

        return write_plan_events(self, active)

    def raise_if_interrupted(self) -> None:
        """Stop the run if a signal asks for it; executors call it between steps.

        :raises ExecutionInterruptedError: naming the signal.
        """
        number = pop_captured_interrupt()
        if number is not None:
            self.on_interrupt()
            raise ExecutionInterruptedError(f"interrupted by {number.name}")

    def wait(self, seconds: float) -> None:
        """Wait; for retries, and for a storage that is away.

        :raises ExecutionInterruptedError: as soon as a signal asks the run to stop.
        """
        self.raise_if_interrupted()
        wait_unless_interrupted(self.clock, threading.Event(), seconds)
        self.raise_if_interrupted()

    def open_steps(
        self, step_keys: Sequence[str] | None = None, *, side_by_side: bool = False
    ) -> AbstractContextManager[StepRunner]:
        """Make ready to run steps in this process: resources made, output captured.

        :param step_keys: which steps of the plan; all when not given.
        :param side_by_side: several attempts run at once, in threads; the output of each is kept
            apart. Each must run in a context of its own (``contextvars.copy_context().run``).
        :returns: a context manager; leaving it tears down what entering made.
        :raises ResourceFunctionError: on entering, when a resource could not be made.
        """
        if self._shared_steps is not None:
            return self._shared_steps.open()
        from plugwork.execution.opening import open_steps

        return open_steps(self, step_keys, side_by_side)

    @property
    def is_shared(self) -> bool:
        """Whether several executors run the steps: nobody may keep the driving thread busy."""
        return self._shared_steps is not None

    @contextmanager
    def sharing_steps(self) -> Iterator[None]:
        """Let all who open steps in the block use the same resources, side by side."""
        from plugwork.execution.shared_steps import SharedSteps

        with ExitStack() as stack:
            self._shared_steps = SharedSteps(self, stack)
            try:
                yield
            finally:
                self._shared_steps = None

    def producing_run_id(self, handle: StepOutputHandle) -> str:
        """Return the run that stored an output: this one, or one that it re-executes."""
        past = self.plan.known_state.parent_state
        while past is not None and handle.step_key not in self.plan.deps:
            if handle in past.produced_outputs:
                return past.run_id
            past = past.parent_state
        return self.run.run_id


def _absent_before(plan: ExecutionPlan) -> set[tuple[str, str | None]]:
    """Return the outputs that the runs which this one continues rightly did not give."""
    from plugwork.model.payloads import StepOutputHandle

    ready = plan.known_state.ready_outputs
    return {
        (step.key, out.name)
        for step in plan.past_steps
        for out in step.outputs
        if not out.is_dynamic and StepOutputHandle(step.key, out.name) not in ready
    }
