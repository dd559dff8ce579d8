"""Launcher that gives each run a process of its own on this machine."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plugwork.abc import LaunchRunContext, RunLauncher, WorkerHealth, WorkerStatus
from plugwork.abc.specs import ComponentContext
from plugwork.clock import Clock
from plugwork.errors import LaunchFailedError
from plugwork.model import Lease, Run, RunStatus
from plugwork.plugin import current_holder, is_alive, is_gone
from plugwork_local.ending import Endings, can_signal, find_lease, send_signal
from plugwork_local.settings import SubprocessSettings
from plugwork_local.worker_environment import worker_environment
from plugwork_local.worker_process import WorkerProcess, describe_end

#: Seconds for a worker to open the instance and take its run over.
START_TIMEOUT = 60.0
#: Seconds between two looks whether it has.
INTERVAL = 0.02


class SubprocessRunLauncher(RunLauncher):
    """Starts a worker process for each run; workers outlive the process that launched them.

    A worker gets what it needs as references, see :mod:`plugwork_local.worker_process`, and of the
    environment what :mod:`plugwork_local.worker_environment` chooses. What it prints outside its
    steps is in ``<storage directory>/<run id>/compute_logs/worker.log``.

    While this object lives, it ends the run of a worker of its own that died, naming exit code or
    signal; else the reaper does.

    :param instance: whose runs are launched; not kept alive by this.
    :param storage_dir: where logs of workers go.
    :param environment: patterns of further variables that workers get.
    :param grace: seconds for a worker to stop, after which it is killed.
    :param lease_ttl: of the lease under which a run waits for its worker.
    """

    def __init__(
        self,
        instance: Any,
        storage_dir: Path,
        clock: Clock,
        environment: Sequence[str] = (),
        grace: float = 20.0,
        lease_ttl: float = 15.0,
    ) -> None:
        self._instance = instance
        self._storage_dir = storage_dir
        self._clock = clock
        self._environment = tuple(environment)
        self._lease_ttl = lease_ttl
        self._endings = Endings(instance, clock, grace)
        self._never = threading.Event()
        self._lock = threading.Lock()
        #: Run -> the thread that waits for its worker.
        self._waiting: dict[str, threading.Thread] = {}

    def launch_run(self, context: LaunchRunContext) -> None:
        run = context.run
        if run.job_code_origin is None:
            raise LaunchFailedError(
                f"run {run.run_id} has no code origin, so that no other process can load its job"
            )
        lease = self._hold(run.run_id)
        try:
            worker = self._start(run)
        except OSError as error:
            raise LaunchFailedError(f"the worker did not start: {error}") from error
        try:
            self._hand_over(worker, lease)
        except BaseException:
            worker.kill()
            raise
        thread = threading.Thread(
            target=self._wait_for, args=(run.run_id, worker), name="plugwork-worker", daemon=True
        )
        with self._lock:
            self._waiting[run.run_id] = thread
        thread.start()

    def terminate(self, run_id: str) -> bool:
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        lease = find_lease(self._instance.storage, run_id)
        holder = lease.holder if lease is not None else None
        if holder is not None and not is_gone(holder) and not can_signal(holder):
            self._instance.report_engine_event(
                f"The run's worker (pid {holder.pid} on {holder.host}) is out of reach from here,"
                " so it was not asked to stop.",
                run,
            )
            return False
        if run.status is not RunStatus.CANCELING:
            self._instance.report_run_canceling(run)
        if holder is None or is_gone(holder):
            self._instance.report_run_canceled(run, "Canceled: no worker was there to stop.")
        elif self._has_started(run_id):
            send_signal(holder, signal.SIGINT)
            self._endings.kill_later(run_id, holder)
        return True

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: Run) -> WorkerHealth:
        lease = find_lease(self._instance.storage, run.run_id)
        if lease is None or lease.holder is None:
            status = WorkerStatus.SUCCESS if run.is_finished else WorkerStatus.NOT_FOUND
            return WorkerHealth(status, "No process holds the run.")
        worker = str(lease.holder.pid)
        if is_alive(lease.holder):
            return WorkerHealth(WorkerStatus.RUNNING, run_worker_id=worker)
        if is_gone(lease.holder):
            return WorkerHealth(WorkerStatus.FAILED, f"Process {worker} is gone.", False, worker)
        message = f"Process {worker} is on {lease.holder.host}, which cannot be seen from here."
        return WorkerHealth(WorkerStatus.UNKNOWN, message, True, worker)

    def join(self, timeout: float = 30) -> None:
        deadline = self._clock.monotonic() + timeout
        with self._lock:
            threads = [*self._waiting.items(), *self._endings.threads().items()]
        for _, thread in threads:
            thread.join(max(0.0, deadline - self._clock.monotonic()))
        late = sorted({run_id for run_id, thread in threads if thread.is_alive()})
        if late:
            raise TimeoutError(f"still going on after {timeout:g} s: {', '.join(late)}")

    def dispose(self) -> None:
        self._endings.dispose()

    def _hold(self, run_id: str) -> Lease:
        """Return the run's lease, held by this process."""
        storage, me = self._instance.storage, current_holder()
        lease = find_lease(storage, run_id)
        if lease is None:
            taken: Lease | None = storage.acquire_lease("run", run_id, me, self._lease_ttl)
            lease = taken or find_lease(storage, run_id)
        if lease is None or lease.holder != me:
            by = "nobody: it is finished or unknown" if lease is None else f"{lease.holder}"
            raise LaunchFailedError(f"run {run_id} cannot be launched, it is held by {by}")
        return lease

    def _start(self, run: Run) -> WorkerProcess:
        ref = self._instance.get_ref()
        origin = run.job_code_origin
        return WorkerProcess(
            {"instance": ref.to_dict(), "run_id": run.run_id},
            worker_environment(os.environ, self._environment, ref.config, run.run_config),
            self._storage_dir / run.run_id / "compute_logs" / "worker.log",
            origin.code.interpreter if origin is not None else None,
        )

    def _hand_over(self, worker: WorkerProcess, lease: Lease) -> None:
        """Keep the lease until the worker holds it."""
        storage, begun = self._instance.storage, self._clock.monotonic()
        renewed = begun
        while not self._is_taken(lease):
            if worker.poll() is not None and not self._is_taken(lease):
                raise LaunchFailedError(
                    f"the worker (pid {worker.pid}) {describe_end(worker.wait())} before it took"
                    f" its run over{worker.last_words()}"
                )
            now = self._clock.monotonic()
            if now - begun > START_TIMEOUT:
                raise LaunchFailedError(
                    f"the worker (pid {worker.pid}) did not take its run over within"
                    f" {START_TIMEOUT:.0f} s{worker.last_words()}"
                )
            if now - renewed > lease.ttl / 3:
                storage.renew_lease(lease)
                renewed = now
            self._clock.wait(self._never, INTERVAL)

    def _is_taken(self, lease: Lease) -> bool:
        """Tell whether somebody holds the run after us, or has ended it."""
        now = find_lease(self._instance.storage, lease.key)
        return now is None or now.fence != lease.fence

    def _wait_for(self, run_id: str, worker: WorkerProcess) -> None:
        code = worker.wait()
        self._endings.worker_ended(run_id, worker.pid, describe_end(code))
        with self._lock:
            self._waiting.pop(run_id, None)

    def _has_started(self, run_id: str) -> bool:
        """Tell whether RUN_START is stored.

        Asked after RUN_CANCELING is: a worker that starts later finds that and stops by itself,
        and until then the run's holder may be the process that launches it.
        """
        record = self._instance.get_run_record_by_id(run_id)
        return record is not None and record.start_time is not None


def open_subprocess_launcher(
    settings: SubprocessSettings, context: ComponentContext
) -> RunLauncher:
    """Make the instance's launcher."""
    return SubprocessRunLauncher(
        context.instance,
        context.storage_dir,
        context.clock,
        settings.environment,
        settings.grace,
        context.lease_ttl,
    )
