"""From a job and its run config to steps, and the scheduler of the steps of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork._lazy import lazily

if TYPE_CHECKING:
    from plugwork.plan.active import ActiveExecution as ActiveExecution
    from plugwork.plan.build import create_plan as create_plan
    from plugwork.plan.known_state import KnownExecutionState as KnownExecutionState
    from plugwork.plan.known_state import PastExecutionState as PastExecutionState
    from plugwork.plan.plan import ExecutionPlan as ExecutionPlan
    from plugwork.plan.step import ExecutionStep as ExecutionStep
    from plugwork.plan.step import StepInput as StepInput

__getattr__, __dir__, __all__ = lazily(
    globals(),
    {
        ".active": ("ActiveExecution",),
        ".build": ("create_plan",),
        ".known_state": ("KnownExecutionState", "PastExecutionState"),
        ".plan": ("ExecutionPlan",),
        ".step": ("ExecutionStep", "StepInput"),
    },
)
