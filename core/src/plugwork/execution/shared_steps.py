"""One process made ready once for the steps of several executors."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from plugwork.execution.opening import open_steps

if TYPE_CHECKING:
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.execution.step.step_runner import StepRunner


class SharedSteps:
    """Resources and captured output that all who run steps in this process use together.

    They are made when they are first asked for, for all steps of the plan.
    """

    def __init__(self, context: PlanOrchestrationContext, stack: ExitStack) -> None:
        self._context = context
        self._stack = stack
        self._runner: StepRunner | None = None

    @contextmanager
    def open(self) -> Iterator[StepRunner]:
        """Give a runner of the caller's own; the first one tells what was made."""
        if self._runner is None:
            opened = open_steps(self._context, None, side_by_side=True)
            self._runner = self._stack.enter_context(opened)
            yield copy.copy(self._runner)
            return
        runner = copy.copy(self._runner)
        runner.opening_events = ()
        yield runner
