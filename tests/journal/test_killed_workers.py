"""Real workers, killed or stopped: what was acknowledged is there, and the run ends once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugwork.clock import SYSTEM_CLOCK
from plugwork.journal.entries import run_event_entry
from plugwork.journal.holder import holder_of
from plugwork.journal.reaper import Reaper, reap_provably_dead
from plugwork.model import EventLogRecord, EventType, Run, RunStatus, StepStatus
from plugwork_sqlite import SqliteStorage

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="only on systems with SIGKILL")

WORKER = Path(__file__).with_name("stepping.py")
Worker = subprocess.Popen[str]
ENDS = {EventType.RUN_SUCCESS, EventType.RUN_FAILURE, EventType.RUN_CANCELED}
TTL = 1.0
#: Appends of a run of two steps: its start, two a step, its end.
APPENDS = 6


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    storage = SqliteStorage(tmp_path)
    yield storage
    storage.dispose()


@pytest.fixture
def start(tmp_path: Path, storage: SqliteStorage) -> Iterator[Callable[..., tuple[str, Worker]]]:
    """Start workers of new runs; they are killed after the test at the latest."""
    workers: list[Worker] = []

    def run(steps: int | str = 0, *death: str) -> tuple[str, Worker]:
        made = Run(job_name="stepping")
        storage.create_run(made)
        words = [str(tmp_path), made.run_id, str(TTL), str(steps), *death]
        worker = subprocess.Popen(
            [sys.executable, str(WORKER), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        workers.append(worker)
        return made.run_id, worker

    yield run
    for worker in workers:
        worker.kill()
        worker.communicate()


def wait_for_acks(worker: Worker, count: int) -> int:
    """Read acknowledgements until there are so many; return the last acknowledged step."""
    assert worker.stdout is not None
    last = 0
    while last < count:
        last = int(worker.stdout.readline().removeprefix("ack "))
    return last


def order_step(worker: Worker) -> None:
    """Let a paced worker go on with its next step."""
    assert worker.stdin is not None
    worker.stdin.write("\n")
    worker.stdin.flush()


def read_acks(worker: Worker) -> int:
    """Read what a dead worker acknowledged; return the last step, 0 for none."""
    words = worker.communicate(timeout=60)[0].split()
    return max((int(word) for word in words if word.isdigit()), default=0)


def check_log(storage: SqliteStorage, run_id: str, acknowledged: int) -> list[EventLogRecord]:
    """Check that nothing that was acknowledged is missing, and nothing is there twice."""
    records = list(storage.event_log_storage.get_records_for_run(run_id).records)
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    seen = Counter((str(r.event_type), r.event_log_entry.step_key) for r in records if r.event_type)
    assert max(seen.values(), default=1) == 1
    for step in range(1, acknowledged + 1):
        assert seen[("STEP_SUCCESS", str(step))] == 1
    assert sum(record.event_type in ENDS for record in records) == 1
    assert storage.run_storage.get_run_records()[0].run.is_finished
    attempts = storage.event_log_storage.get_step_attempts(run_id)
    assert not [one for one in attempts if one.status is StepStatus.IN_PROGRESS]
    return records


def test_a_worker_killed_at_any_moment_loses_nothing_and_its_run_ends(
    storage: SqliteStorage, start: Callable[..., tuple[str, Worker]]
) -> None:
    for acks in (1, 2, 5, 13, 40):
        run_id, worker = start()
        acknowledged = wait_for_acks(worker, acks)
        worker.kill()
        acknowledged = max(acknowledged, read_acks(worker))
        assert reap_provably_dead(storage, SYSTEM_CLOCK) == [run_id]
        records = check_log(storage, run_id, acknowledged)
        message = records[-1].event_log_entry.message
        assert f"pid {worker.pid} on" in message
        assert reap_provably_dead(storage, SYSTEM_CLOCK) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_around_each_append_leaves_a_whole_log(
    storage: SqliteStorage, start: Callable[..., tuple[str, Worker]], when: str
) -> None:
    for number in range(1, APPENDS + 1):
        run_id, worker = start(2, when, str(number))
        acknowledged = read_acks(worker)
        assert worker.returncode == -signal.SIGKILL
        finished = (when, number) == ("after", APPENDS)
        assert reap_provably_dead(storage, SYSTEM_CLOCK) == ([] if finished else [run_id])
        records = check_log(storage, run_id, acknowledged)
        expected = EventType.RUN_SUCCESS if finished else EventType.RUN_FAILURE
        assert records[-1].event_type is expected


def test_a_run_that_is_canceled_after_its_worker_died_is_canceled(
    storage: SqliteStorage, start: Callable[..., tuple[str, Worker]]
) -> None:
    run_id, worker = start()
    acknowledged = wait_for_acks(worker, 1)
    worker.kill()
    acknowledged = max(acknowledged, read_acks(worker))
    run = Run(job_name="stepping", run_id=run_id)
    storage.store_event(run_event_entry(run, EventType.RUN_CANCELING, "stop", SYSTEM_CLOCK.now()))
    assert reap_provably_dead(storage, SYSTEM_CLOCK) == [run_id]
    assert check_log(storage, run_id, acknowledged)[-1].event_type is EventType.RUN_CANCELED


def test_a_stopped_worker_is_taken_over_and_refused_when_it_returns(
    storage: SqliteStorage, start: Callable[..., tuple[str, Worker]]
) -> None:
    run_id, worker = start("paced")
    order_step(worker)
    wait_for_acks(worker, 1)
    worker.send_signal(signal.SIGSTOP)
    assert not reap_provably_dead(storage, SYSTEM_CLOCK)
    reaper = Reaper(storage, SYSTEM_CLOCK, TTL, TTL / 5)
    reaper.start()
    wait_until(lambda: storage.run_storage.get_runs()[0].is_finished)
    reaper.stop()
    before = len(storage.event_log_storage.get_records_for_run(run_id).records)
    worker.send_signal(signal.SIGCONT)
    order_step(worker)
    output = worker.communicate(timeout=60)[0]
    assert output.splitlines()[-1] == "fenced"
    assert worker.returncode == 0
    records = check_log(storage, run_id, 1)
    assert len(records) == before
    assert records[-1].event_type is EventType.RUN_FAILURE


def test_a_living_worker_is_left_alone_by_reapers(
    storage: SqliteStorage, start: Callable[..., tuple[str, Worker]]
) -> None:
    _, worker = start()
    wait_for_acks(worker, 1)
    beats: set[int] = set()
    reaper = Reaper(storage, SYSTEM_CLOCK, TTL, TTL / 5)
    reaper.start()

    def has_renewed_often() -> bool:
        (lease,) = storage.get_leases("run")
        beats.add(lease.beat)
        return max(beats) - min(beats) >= 9  # three ttls

    wait_until(has_renewed_often)
    reaper.stop()
    assert storage.run_storage.get_runs()[0].status is RunStatus.STARTED


REAP = """
import sys
from plugwork_sqlite import SqliteStorage
from plugwork.clock import SYSTEM_CLOCK
from plugwork.journal.reaper import reap_provably_dead
storage = SqliteStorage(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for run_id in reap_provably_dead(storage, SYSTEM_CLOCK):
    print(run_id)
"""


def test_of_commands_that_start_together_one_ends_each_run(
    storage: SqliteStorage, start: Callable[..., tuple[str, Worker]], tmp_path: Path
) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    holder = holder_of(process.pid)
    process.wait(30)
    runs = [Run(job_name="stepping") for _ in range(8)]
    for run in runs:
        storage.create_run(run, holder=holder)
    words = [sys.executable, "-c", REAP, str(tmp_path)]
    commands = [
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for command in commands:
        assert command.stdout is not None
        assert command.stdout.readline() == "ready\n"
    for command in commands:
        assert command.stdin is not None
        command.stdin.write("\n")
        command.stdin.flush()
    ended = [line for one in commands for line in one.communicate(timeout=60)[0].split()]
    assert sorted(ended) == sorted(run.run_id for run in runs)
    for run in runs:
        page = storage.event_log_storage.get_records_for_run(run.run_id)
        assert [record.event_type for record in page.records] == [EventType.RUN_FAILURE]


def wait_until(fact: Callable[[], bool], seconds: float = 30.0) -> None:
    never = threading.Event()
    deadline = SYSTEM_CLOCK.monotonic() + seconds
    while not fact():
        assert SYSTEM_CLOCK.monotonic() < deadline, "it did not come true in time"
        never.wait(0.02)
