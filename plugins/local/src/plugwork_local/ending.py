"""Ending runs whose workers do not: those that died, and those that would not stop."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from plugwork.abc import Storage
from plugwork.clock import Clock
from plugwork.errors import InstanceDisposedError
from plugwork.model import Holder, Lease, Run, RunFailureReason, RunStatus
from plugwork.plugin import is_alive

logger = logging.getLogger(__name__)

#: Seconds between two looks at a worker that was asked to stop.
INTERVAL = 0.1


def find_lease(storage: Storage, run_id: str) -> Lease | None:
    """Return the lease under which a run is held now."""
    return next((lease for lease in storage.get_leases("run") if lease.key == run_id), None)


def can_signal(holder: Holder) -> bool:
    """Tell whether the very process lives here, and is ours to send signals to."""
    try:
        os.kill(holder.pid, 0)
    except OSError:
        return False
    return is_alive(holder)


def send_signal(holder: Holder, number: signal.Signals) -> None:
    """Send a signal to a worker; to its whole group, if it leads one: its children are in it."""
    try:
        if os.getpgid(holder.pid) == holder.pid:
            os.killpg(holder.pid, number)
        else:
            os.kill(holder.pid, number)
    except ProcessLookupError:
        pass  # it has just ended


class Endings:
    """Ends runs from other threads, until it is disposed of.

    :param grace: seconds for a worker to stop.
    """

    def __init__(self, instance: Any, clock: Clock, grace: float) -> None:
        self._instance = instance
        self._clock = clock
        self._grace = grace
        self._over = threading.Event()
        # Held while the instance is used, so that it is not disposed of meanwhile.
        self._using = threading.Lock()
        self._lock = threading.Lock()
        self._killers: dict[str, threading.Thread] = {}

    def threads(self) -> dict[str, threading.Thread]:
        """Return the threads that wait for workers to stop, by run."""
        with self._lock:
            return dict(self._killers)

    def kill_later(self, run_id: str, holder: Holder) -> None:
        """Kill the run's worker when it has not stopped in time; asking again changes nothing."""
        with self._lock:
            if run_id in self._killers or self._over.is_set():
                return
            thread = threading.Thread(
                target=self._kill_in_time,
                args=(run_id, holder),
                name="plugwork-cancel",
                daemon=True,
            )
            self._killers[run_id] = thread
            thread.start()

    def worker_ended(self, run_id: str, pid: int, how: str) -> None:
        """End the run of a worker that ended and left it open.

        :param how: ``"exited with code 3"``.
        """
        self._use(lambda: self._end(run_id, pid, how))

    def dispose(self) -> None:
        """Begin nothing more, and wait for what uses the instance now."""
        self._over.set()
        with self._using:
            pass

    def _kill_in_time(self, run_id: str, holder: Holder) -> None:
        if not self._wait_for_end(holder, self._grace):
            self._use(lambda: self._kill(run_id, holder))
            if self._wait_for_end(holder, None):
                self.worker_ended(run_id, holder.pid, "was killed by SIGKILL")
        with self._lock:
            self._killers.pop(run_id, None)

    def _wait_for_end(self, holder: Holder, timeout: float | None) -> bool:
        """Return whether the process ended before the time, or this object, did."""
        begun = self._clock.monotonic()
        while is_alive(holder):
            if timeout is not None and self._clock.monotonic() - begun >= timeout:
                return False
            if self._clock.wait(self._over, INTERVAL):
                return False
        return True

    def _kill(self, run_id: str, holder: Holder) -> None:
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished or not can_signal(holder):
            return
        self._instance.report_engine_event(
            f"The worker (pid {holder.pid}) did not stop within {self._grace:g} s, so it is killed"
            " (SIGKILL).",
            run,
        )
        send_signal(holder, signal.SIGKILL)

    def _end(self, run_id: str, pid: int, how: str) -> None:
        run: Run | None = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return
        lease = find_lease(self._instance.storage, run_id)
        if lease is not None and lease.holder is not None and lease.holder.pid != pid:
            return  # taken over: its new holder ends it
        message = f"The run's worker (pid {pid}) {how}."
        if run.status is RunStatus.CANCELING:
            self._instance.report_run_canceled(run, message)
        else:
            self._instance.report_engine_event(message, run)
            reason = RunFailureReason.UNEXPECTED_TERMINATION
            self._instance.report_run_failed(run, message, reason)

    def _use(self, action: Callable[[], None]) -> None:
        with self._using:
            if self._over.is_set():
                return
            try:
                action()
            except (ReferenceError, InstanceDisposedError):
                pass  # nobody is left to tell; the reaper of the next process ends the run
            except Exception:
                logger.exception("a run could not be ended; the reaper will do it")
