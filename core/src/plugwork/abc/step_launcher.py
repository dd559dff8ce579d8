"""Step launchers: resources that run a step somewhere else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugwork.execution.step.step_context import StepExecutionContext
    from plugwork.model import Event


class StepLauncher(ABC):
    """Runs steps somewhere else: those whose op requires a resource of this class, one at most."""

    @abstractmethod
    def launch_step(self, step_context: StepExecutionContext) -> Iterator[Event]:
        """Run one attempt of a step, and yield its events as they come, to the one that ends it.

        They are stored by the caller, each once: do not store them here. What this raises fails
        the attempt as user code does, and the step's retry policy applies.
        """
