"""Giving runs to the coordinator and the launcher."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from plugwork.errors import CheckError, InvariantViolationError
from plugwork.instance.reports import EventReports
from plugwork.instance.runs import RunMethods
from plugwork.model.enums import RunFailureReason, RunStatus
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.payloads import EngineEventData

if TYPE_CHECKING:
    from plugwork.abc import RunCoordinator, RunLauncher
    from plugwork.model import Run


class Launching(RunMethods, EventReports):
    """The part of an instance that submits and launches runs."""

    @property
    @abstractmethod
    def run_coordinator(self) -> RunCoordinator:
        """Decides when a submitted run is launched."""

    @property
    @abstractmethod
    def run_launcher(self) -> RunLauncher:
        """Starts run workers."""

    def submit_run(self, run_id: str, workspace: Any = None) -> Run:
        """Give a run to the coordinator, and return it as stored afterwards.

        :raises InvariantViolationError: for an unknown run.
        :raises CheckError: for a run whose job no other process can load; its status is kept.
        """
        from plugwork.abc import SubmitRunContext

        run = self._known(run_id)
        if run.job_code_origin is None:
            raise CheckError(
                f"run {run_id} has no code origin, so that no worker can load its job; run it in "
                "this process, or from a file or module"
            )
        try:
            self.run_coordinator.submit_run(SubmitRunContext(run, workspace))
        except Exception as error:
            self._launch_failed(run, error)
            raise
        return self._known(run_id)

    def launch_run(self, run_id: str, workspace: Any = None) -> Run:
        """Report RUN_STARTING and start a worker; a failure to start ends the run.

        :raises InvariantViolationError: for an unknown run.
        """
        from plugwork.abc import LaunchRunContext

        run = self._known(run_id)
        status = self.report_run_starting(run)
        if status is not RunStatus.STARTING:
            raise InvariantViolationError(f"run {run_id} is {status}, so it is not launched")
        run = self._known(run_id)
        try:
            self.run_launcher.launch_run(LaunchRunContext(run, workspace))
        except Exception as error:
            self._launch_failed(run, error)
            raise
        return self._known(run_id)

    def _known(self, run_id: str) -> Run:
        run = self.get_run_by_id(run_id)
        if run is None:
            raise InvariantViolationError(f"there is no run {run_id}")
        return run

    def _launch_failed(self, run: Run, error: Exception) -> None:
        stored = self.get_run_by_id(run.run_id)
        if stored is None or stored.is_finished:
            return
        info = SerializableErrorInfo.from_exception(error)
        self.report_engine_event("The run could not be launched.", run, EngineEventData(error=info))
        self.report_run_failed(
            run,
            f"The run could not be launched: {info.summary()}",
            RunFailureReason.JOB_INITIALIZATION_FAILURE,
            info,
        )
