"""Run launcher: starts run workers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

if TYPE_CHECKING:
    from plugwork.model import Run


class WorkerStatus(Enum):
    """What a launcher knows of a run worker."""

    RUNNING = "RUNNING"
    NOT_FOUND = "NOT_FOUND"
    FAILED = "FAILED"
    SUCCESS = "SUCCESS"
    UNKNOWN = "UNKNOWN"


class WorkerHealth(NamedTuple):
    """A worker's status, and why."""

    status: WorkerStatus
    message: str | None = None
    #: Whether asking again later may give another answer.
    transient: bool | None = None
    run_worker_id: str | None = None


@attrs.frozen
class LaunchRunContext:
    """The run to launch.

    :param workspace: how code locations are reached; None where the run's code origin says it.
    """

    run: Run
    workspace: Any = None


class RunLauncher(ABC):
    """Starts run workers, and stops them. One object an instance; safe for threads."""

    @abstractmethod
    def launch_run(self, context: LaunchRunContext) -> None:
        """Start a worker and return; the worker reports RUN_START itself.

        The caller reported RUN_STARTING, and holds the run's lease; the launcher hands it to
        the worker it started. A worker that cannot be started is an error here, never silence.

        :raises LaunchFailedError: when the worker did not start.
        """

    @abstractmethod
    def terminate(self, run_id: str) -> bool:
        """Ask a run's worker to stop.

        RUN_CANCELING is reported first.

        :returns: whether the request was accepted; False for an unknown or finished run, without
            any event.
        """

    @property
    def supports_check_run_worker_health(self) -> bool:
        return False

    def check_run_worker_health(self, run: Run) -> WorkerHealth:
        """Tell how a run's worker is; asked once more before a run is taken over."""
        return WorkerHealth(WorkerStatus.UNKNOWN)

    def join(self, timeout: float = 30) -> None:  # noqa: B027 - optional to override
        """Wait for the workers that this object started.

        :raises TimeoutError: naming the runs that still go on.
        """

    def dispose(self) -> None:  # noqa: B027 - optional to override
        """Let go of everything but the workers."""
