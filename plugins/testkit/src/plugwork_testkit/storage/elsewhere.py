"""What only other processes show: reopening, writing together, being killed."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from plugwork.abc import Storage
from plugwork.model import EventType, Run, RunsFilter, RunStatus
from plugwork_testkit.processes import call_elsewhere, start_elsewhere
from plugwork_testkit.storage.building import HOLDER, Worker, log_line, report, seqs

OpenStorage = Callable[[], Storage]

_PROCESSES = 4
#: Real seconds after which a process that should end is given up.
_TIMEOUT = 60


def _add_and_move(open_storage: OpenStorage, count: int) -> list[str]:
    storage = open_storage()
    ids = []
    for number in range(count):
        run = Run("a_job", tags={"process": str(os.getpid()), "number": str(number)})
        storage.run_storage.add_run(run)
        report(storage, run.run_id, EventType.RUN_START, EventType.RUN_SUCCESS)
        ids.append(run.run_id)
    storage.dispose()
    return ids


def _write_run(open_storage: OpenStorage, steps: int, shared: str) -> str:
    storage = open_storage()
    worker = Worker(storage)
    worker.tell(EventType.RUN_START)
    for step in range(steps):
        worker.step(f"s{step}")
        storage.store_event(log_line(shared))
    worker.tell(EventType.RUN_SUCCESS)
    storage.dispose()
    return worker.run_id


def _write_for_good(open_storage: OpenStorage, run_id: str) -> None:
    """Write step after step; say each number when it is acknowledged."""
    storage = open_storage()
    worker = Worker(storage, storage.acquire_lease("run", run_id, HOLDER, 15))
    while True:
        worker.step(f"s{worker.number}")
        os.write(1, f"{worker.number}\n".encode())


def _open_first(open_storage: OpenStorage) -> str:
    storage = open_storage()
    storage.run_storage.add_run(Run("a_job"))
    storage_id = storage.get_storage_id()
    storage.dispose()
    return storage_id


def _all_elsewhere(
    count: int, function: Callable[..., Any], *arguments: Any
) -> list[subprocess.Popen[bytes]]:
    """Start a function in several processes at once, and wait for them all."""
    processes = [start_elsewhere(function, *arguments) for _ in range(count)]
    for process in processes:
        _, said = process.communicate(timeout=_TIMEOUT)
        assert process.returncode == 0, said.decode()
    return processes


class ElsewhereChecks:
    """Checks of a storage that outlives its process and is opened by several."""

    def test_what_was_written_is_there_when_it_is_opened_again(
        self, storage: Storage, open_storage: OpenStorage
    ) -> None:
        assert storage.persistent
        storage.run_storage.add_snapshot("snap", "job", "{}")
        worker = Worker(storage, tags={"a": "1"}, job_snapshot_id="snap")
        worker.tell(EventType.RUN_START)
        worker.step("a")
        before = _read_all(storage, worker.run_id)
        storage_id = storage.get_storage_id()
        storage.dispose()
        again = open_storage()
        assert _read_all(again, worker.run_id) == before
        assert again.get_storage_id() == storage_id
        assert Worker(again, worker.lease).batch([]).fence == worker.lease.fence
        again.dispose()

    def test_another_process_sees_what_was_acknowledged(
        self, storage: Storage, open_storage: OpenStorage
    ) -> None:
        worker = Worker(storage)
        worker.step("a")
        assert call_elsewhere(_read_elsewhere, open_storage, worker.run_id) == 6

    def test_two_that_are_open_see_each_other(
        self, storage: Storage, open_storage: OpenStorage
    ) -> None:
        other = open_storage()
        worker = Worker(storage)
        worker.step("a")
        assert len(seqs(other, worker.run_id)) == 6
        report(other, worker.run_id, EventType.RUN_CANCELING)
        assert worker.step("b").status is RunStatus.CANCELING
        other.dispose()

    def test_runs_added_by_many_processes_are_all_there(
        self, storage: Storage, open_storage: OpenStorage
    ) -> None:
        _all_elsewhere(_PROCESSES, _add_and_move, open_storage, 100)
        done = RunsFilter(statuses=(RunStatus.SUCCESS,))
        assert storage.run_storage.get_runs_count(done) == _PROCESSES * 100
        assert storage.run_storage.get_runs_count() == _PROCESSES * 100
        ((_, processes),) = storage.run_storage.get_run_tags(["process"])
        assert len(processes) == _PROCESSES

    def test_logs_written_by_many_processes_lose_nothing(
        self, storage: Storage, open_storage: OpenStorage
    ) -> None:
        storage.create_run(shared := Run("shared"))
        _all_elsewhere(2 * _PROCESSES, _write_run, open_storage, 40, shared.run_id)
        ids = storage.run_storage.get_run_ids(RunsFilter(job_name="a_job"))
        assert len(ids) == 2 * _PROCESSES
        for run_id in ids:
            assert seqs(storage, run_id) == list(range(1, 40 * 6 + 3))
        assert seqs(storage, shared.run_id) == list(range(1, 2 * _PROCESSES * 40 + 1))

    def test_many_processes_can_open_a_new_storage_at_once(self, open_storage: OpenStorage) -> None:
        _all_elsewhere(16, _open_first, open_storage)
        storage = open_storage()
        assert storage.run_storage.get_runs_count() == 16
        storage.dispose()

    @pytest.mark.parametrize("seed", range(5))
    def test_a_killed_writer_leaves_every_acknowledged_batch_whole(
        self, storage: Storage, open_storage: OpenStorage, seed: int
    ) -> None:
        storage.create_run(run := Run("a_job"))
        wanted = random.Random(seed).randint(1, 60)
        acknowledged = 0
        with start_elsewhere(_write_for_good, open_storage, run.run_id) as process:
            assert process.stdout is not None
            for line in process.stdout:
                # A line that was cut by the kill tells no number.
                acknowledged = int(line) if line.endswith(b"\n") else acknowledged
                if acknowledged == wanted:
                    process.kill()
        assert acknowledged >= wanted
        found = seqs(storage, run.run_id)
        assert found == list(range(1, len(found) + 1))
        assert len(found) % 6 == 0
        # The last one may have been committed and not yet said.
        assert len(found) // 6 in (acknowledged, acknowledged + 1)
        attempts = storage.event_log_storage.get_step_attempts(run.run_id)
        assert len(attempts) == len(found) // 6
        (lease,) = storage.get_leases("run")
        taken = storage.acquire_lease("run", run.run_id, HOLDER, 15, seen=lease)
        assert Worker(storage, taken).step("after").first_seq == len(found) + 1


def _read_all(storage: Storage, run_id: str) -> Sequence[Any]:
    logs = storage.event_log_storage
    return (
        storage.run_storage.get_run_record(run_id),
        logs.get_records_for_run(run_id),
        logs.get_step_attempts(run_id),
        logs.get_stats_for_run(run_id),
        storage.get_leases(),
        storage.run_storage.get_snapshot("snap"),
    )


def _read_elsewhere(open_storage: OpenStorage, run_id: str) -> int:
    storage = open_storage()
    found = len(seqs(storage, run_id))
    storage.dispose()
    return found
