"""Executor: drives the steps of one run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork.definitions.executor import ExecutorDefinition
    from plugwork.definitions.executor_settings import ExecutorSettings
    from plugwork.definitions.job import JobDefinition
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.instance import Instance
    from plugwork.model import Event
    from plugwork.plan import ExecutionPlan, ExecutionStep
    from plugwork.plan.gates import Lane


class RetryMode(Enum):
    """What becomes of a step that asks for another attempt."""

    #: It is tried again in this run.
    ENABLED = "enabled"
    #: The request is a failure.
    DISABLED = "disabled"
    #: It is reported; whoever drives this plan tries again.
    DEFERRED = "deferred"

    def for_inner_plan(self) -> RetryMode:
        """Return the mode of a plan that another engine drives inside this one."""
        return RetryMode.DEFERRED if self is RetryMode.ENABLED else self


class ExecutorRequirement(Enum):
    """What an executor needs of a job or an instance."""

    #: The job can be loaded again by another process.
    RECONSTRUCTABLE_JOB = "RECONSTRUCTABLE_JOB"
    #: The instance outlives the process.
    NON_EPHEMERAL_INSTANCE = "NON_EPHEMERAL_INSTANCE"
    #: Every output can be read by another process.
    PERSISTENT_OUTPUTS = "PERSISTENT_OUTPUTS"


def multiple_process_executor_requirements() -> list[ExecutorRequirement]:
    """Return what every executor needs that runs steps in processes of their own."""
    return list(ExecutorRequirement)


class InitExecutorContext:
    """What an executor is made from.

    :param executor_config: validated, defaults filled in.
    """

    __slots__ = ("executor_config", "executor_def", "instance", "job")

    def __init__(
        self,
        job: JobDefinition,
        executor_def: ExecutorDefinition,
        executor_config: Mapping[str, Any],
        instance: Instance,
    ) -> None:
        self.job = job
        self.executor_def = executor_def
        self.executor_config = executor_config
        self.instance = instance


class Executor(ABC):
    """Drives every step of a plan to its end. Made anew for each run; not shared."""

    @abstractmethod
    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[Event]:
        """Run the plan; yield each event once, in order.

        Every step is driven to a terminal event, or this raises; the run fails otherwise. Events
        reach the log where they arise; yielding them only tells the caller. No event of a whole
        run is emitted here. On an interrupt, stop what runs and raise
        ``ExecutionInterruptedError``.
        """

    @property
    @abstractmethod
    def retries(self) -> RetryMode:
        """What becomes of steps that ask for another attempt."""


class StepReport:
    """What came of an attempt that was handed to workers; several may tell of one.

    :param step_key: whose attempt.
    :param events: those told since the report before, in order.
    :param has_ended: no other report of this attempt follows.
    :param error: what the run ends with: an interrupt, a lost lease, or the user's error if the
        caller asked for it. None lets the run go on, whatever became of the step.
    """

    __slots__ = ("error", "events", "has_ended", "step_key")

    def __init__(
        self,
        step_key: str,
        events: Sequence[Event],
        has_ended: bool = True,
        error: BaseException | None = None,
    ) -> None:
        self.step_key = step_key
        self.events = events
        self.has_ended = has_ended
        self.error = error


class StepWorkers(ABC):
    """Run attempts of steps that are handed to them, one or many at a time.

    The thread that drives the run is the only one that calls the methods. Each attempt is told of
    by reports, given from any thread to the function with which the workers were made: its events
    in order, each once, and then its end. What is reported as ended is committed, so that the
    scheduler acts on what is stored.
    """

    #: What was told while they were made ready: of resources, of captured output.
    opening_events: Sequence[Event] = ()
    #: How many steps may run at a time on each of several executors; the kernel's own affair.
    lane: Lane | None = None

    @property
    @abstractmethod
    def capacity(self) -> int:
        """How many attempts may run at once; no more are handed out."""

    @abstractmethod
    def submit(self, step: ExecutionStep, attempt: int) -> None:
        """Take an attempt of a step, and return at once.

        :param attempt: from 1.
        """

    def work(self) -> None:  # noqa: B027 - optional to override
        """Do what has to be done in the driving thread; called after steps were handed out.

        Workers that live in other threads or processes have nothing to do here.
        """

    @abstractmethod
    def interrupt(self, reason: str) -> None:
        """Make the attempts that run stop; each reports its end as ever. May be called again.

        :param reason: for people: which signal, who asked.
        """


class StepExecutor(Executor):
    """An executor to which steps are handed: the kernel drives the run, the executor its steps.

    So it need not know the order of steps, retries, skips, limits or routing; and the steps of one
    run can be shared among several such executors.
    """

    #: Where steps run, for the run's engine events: ``Executing steps in process``.
    place: str = "in process"
    #: What the kernel's scheduler is told: limits by tag, when a step may start, routes. None: as
    #: :class:`plugwork.plugin.ExecutorSettings` has it by default.
    settings: ExecutorSettings | None = None

    @abstractmethod
    def open_workers(
        self,
        plan_context: PlanOrchestrationContext,
        report: Callable[[StepReport], None],
        step_keys: Sequence[str] | None = None,
    ) -> AbstractContextManager[StepWorkers]:
        """Make ready to run steps.

        :param report: takes news of attempts; thread-safe.
        :param step_keys: which steps of the plan may be handed out; all when not given.
        :returns: a context manager. Leaving it interrupts what still runs, waits for its end, and
            tears down what entering made.
        """

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[Event]:
        return plan_context.drive_steps(self)
