"""Run coordinator: decides when a submitted run is launched."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from plugwork.model import Run


@attrs.frozen
class SubmitRunContext:
    """The run to submit.

    :param workspace: how code locations are reached; None where the run's code origin says it.
    """

    run: Run
    workspace: Any = None


class RunCoordinator(ABC):
    """Takes submitted runs. One object an instance; safe for threads."""

    @abstractmethod
    def submit_run(self, context: SubmitRunContext) -> Run:
        """Launch the run, or queue it; return it as stored afterwards.

        A run that is not NOT_STARTED is returned unchanged, with a warning: submitting twice
        launches once.
        """

    @abstractmethod
    def cancel_run(self, run_id: str) -> bool:
        """Cancel a queued run, or ask its worker to stop; return whether that was accepted."""

    def dispose(self) -> None:  # noqa: B027 - optional to override
        """Let go of everything."""
