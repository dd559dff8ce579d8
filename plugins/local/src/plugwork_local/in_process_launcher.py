"""Launcher without a worker process, for tests and ephemeral instances."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from plugwork.abc import LaunchRunContext, RunLauncher
from plugwork.abc.specs import ComponentContext
from plugwork.plugin import execute_run


class InProcessRunLauncher(RunLauncher):
    """Executes each run in the calling thread: launching returns when the run has ended.

    :param instance: whose runs are launched; not kept alive by this.
    """

    def __init__(self, instance: Any) -> None:
        self._instance = instance
        self._lock = threading.Lock()
        #: Runs that go on now in the main thread, the only one that signals reach.
        self._in_main_thread: set[str] = set()

    def launch_run(self, context: LaunchRunContext) -> None:
        run_id = context.run.run_id
        if threading.current_thread() is not threading.main_thread():
            execute_run(self._instance, run_id, echo_logs=True)
            return
        with self._lock:
            self._in_main_thread.add(run_id)
        try:
            execute_run(self._instance, run_id, echo_logs=True)
        finally:
            with self._lock:
                self._in_main_thread.discard(run_id)

    def terminate(self, run_id: str) -> bool:
        """Interrupt a run of the main thread; one of another thread cannot be interrupted."""
        run = self._instance.get_run_by_id(run_id)
        with self._lock:
            reachable = run_id in self._in_main_thread
        if run is None or run.is_finished or not reachable:
            return False
        self._instance.report_run_canceling(run)
        os.kill(os.getpid(), signal.SIGINT)
        return True


def open_in_process_launcher(settings: None, context: ComponentContext) -> RunLauncher:
    """Make the instance's launcher."""
    return InProcessRunLauncher(context.instance)
