"""Executor: drives the steps of one run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork.definitions.executor import ExecutorDefinition
    from plugwork.definitions.job import JobDefinition
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.instance import Instance
    from plugwork.model import Event
    from plugwork.plan import ExecutionPlan


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
