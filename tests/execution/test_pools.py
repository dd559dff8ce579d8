"""Steps that wait for slots of pools, in one process and in several."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import plugwork as pw
from plugwork import Instance
from plugwork.abc import Storage
from plugwork.clock import SystemClock
from plugwork.errors import StorageUnavailableError
from plugwork.execution.pool_bell import PoolBell
from plugwork.instance.pools import bell_of
from plugwork.journal.wake import announce
from plugwork.model import EventType, RunStatus, make_run_id
from plugwork_memory import MemoryStorage
from plugwork_sqlite import SqliteStorage
from plugwork_testkit.clock import ManualClock
from plugwork_testkit.streams import Told
from plugwork_testkit.waiting import eventually

WORKER = Path(__file__).with_name("pooled.py")
ENDS = {EventType.STEP_SUCCESS, EventType.STEP_FAILURE}


class HastyClock(SystemClock):
    """Time that jumps when the main thread waits; other threads wait in earnest."""

    def __init__(self, meanwhile: Callable[[int], None]) -> None:
        self._skipped = 0.0
        self._meanwhile = meanwhile
        self.waits: list[float] = []

    def now(self) -> float:
        return super().now() + self._skipped

    def monotonic(self) -> float:
        return super().monotonic() + self._skipped

    def wait(self, event: threading.Event, timeout: float) -> bool:
        if threading.current_thread() is not threading.main_thread():
            return super().wait(event, timeout)
        self.waits.append(timeout)
        self._skipped += timeout
        self._meanwhile(len(self.waits))
        return event.is_set()


@pw.op(pool="db")
def use_db() -> None: ...


@pw.job
def small() -> None:
    use_db()


@pytest.fixture
def patient() -> Iterator[Instance]:
    """An instance whose leases outlast any jump of the clock."""
    with Instance.ephemeral(settings={"leases": {"ttl": 1_000_000, "heartbeat": 5}}) as opened:
        yield opened


def blocked(told: Told) -> list[str]:
    return [entry.message for entry in told.entries if "blocked by limit" in entry.message]


def count_claims(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    pools, claims = instance.storage.event_log_storage, []
    claim = pools.claim_concurrency_slot

    def counted(pool: str, run_id: str, step_key: str, *more: Any) -> Any:
        claims.append(step_key)
        return claim(pool, run_id, step_key, *more)

    monkeypatch.setattr(pools, "claim_concurrency_slot", counted)
    return claims


def test_a_run_that_waits_wakes_once_for_each_claim(
    patient: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    pools, other = patient.storage.event_log_storage, make_run_id()
    pools.set_concurrency_slots("db", 1)
    pools.claim_concurrency_slot("db", other, "holder")

    def release(waits: int) -> None:
        if waits == 50:
            pools.free_concurrency_slots_for_run(other)

    clock = HastyClock(release)
    monkeypatch.setattr(patient, "clock", clock)
    claims = count_claims(patient, monkeypatch)
    result = small.execute_in_process(instance=patient)
    assert result.success
    assert len(clock.waits) == 50
    assert claims == ["use_db"] * 51
    assert max(clock.waits) == pytest.approx(15, abs=0.1)
    assert sum(clock.waits) > 300
    told = Told.of(patient, result.run_id)
    assert len(blocked(told)) == 1 + int(sum(clock.waits) // 300)
    assert 'Step "use_db" is blocked by limit for pool "db"' in blocked(told)[0]


def test_a_run_of_the_same_process_goes_on_as_soon_as_the_slot_is_free(
    instance: Instance,
) -> None:
    pools = instance.storage.event_log_storage
    pools.set_concurrency_slots("db", 1)
    inside, go_on = threading.Event(), threading.Event()
    at_once, most = [], []

    @pw.op(pool="db")
    def hold() -> None:
        at_once.append(1)
        most.append(len(at_once))
        inside.set()
        go_on.wait(30)
        at_once.pop()

    @pw.job
    def holding() -> None:
        hold()

    results: list[Any] = []

    def run() -> None:
        results.append(holding.execute_in_process(instance=instance))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert inside.wait(30)
    eventually(lambda: pools.get_concurrency_info("db").pending_steps)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert [one.success for one in results] == [True, True]
    assert max(most) == 1
    waited = [blocked(Told.of(instance, one.run_id)) for one in results]
    assert sorted(map(len, waited)) == [0, 1]
    assert pools.get_concurrency_run_ids() == set()


def test_a_pool_without_a_limit_keeps_nobody(instance: Instance) -> None:
    assert small.execute_in_process(instance=instance).success
    assert instance.storage.event_log_storage.get_concurrency_run_ids() == set()
    assert instance.storage.event_log_storage.get_concurrency_keys() == set()


def test_the_instance_gives_pools_their_default() -> None:
    settings = {"concurrency": {"pools": {"default_limit": 3}}}
    with Instance.ephemeral(settings=settings) as instance:
        assert small.execute_in_process(instance=instance).success
        (pool,) = instance.storage.event_log_storage.get_pool_limits()
        assert (pool.name, pool.limit, pool.from_default) == ("db", 3, True)


def test_steps_take_no_slots_where_whole_runs_are_counted() -> None:
    settings = {"concurrency": {"pools": {"granularity": "run"}}}
    with Instance.ephemeral(settings=settings) as instance:
        instance.storage.event_log_storage.set_concurrency_slots("db", 0)
        assert small.execute_in_process(instance=instance).success


def test_a_step_that_is_tried_again_takes_a_slot_again(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    pools = instance.storage.event_log_storage
    pools.set_concurrency_slots("db", 1)
    claims, tries = count_claims(instance, monkeypatch), []

    @pw.op(pool="db")
    def fails_once() -> None:
        (held,) = pools.get_concurrency_info("db").claimed_slots
        tries.append(held.attempt)
        if len(tries) == 1:
            raise pw.RetryRequested(max_retries=1)

    @pw.job
    def retried() -> None:
        fails_once()

    assert retried.execute_in_process(instance=instance).success
    assert tries == [1, 2]
    assert claims == ["fails_once", "fails_once"]
    assert pools.get_concurrency_run_ids() == set()


def test_a_failed_step_gives_its_slot_back(instance: Instance) -> None:
    pools = instance.storage.event_log_storage
    pools.set_concurrency_slots("db", 1)
    seen = []

    @pw.op(pool="db")
    def a_fails() -> None:
        raise ValueError("no")

    @pw.op
    def b_looks() -> None:
        seen.append(pools.get_concurrency_info("db").claimed_slots)

    @pw.job
    def half() -> None:
        a_fails()
        b_looks()

    assert not half.execute_in_process(instance=instance, raise_on_error=False).success
    assert seen == [()]


def test_an_old_tag_names_a_pool(instance: Instance) -> None:
    pools = instance.storage.event_log_storage
    pools.set_concurrency_slots("old", 1)
    seen = []

    @pw.op(tags={"plugwork/concurrency_key": "old"})
    def look() -> None:
        seen.extend(one.step_key for one in pools.get_concurrency_info("old").claimed_slots)

    @pw.job
    def tagged() -> None:
        look()

    assert tagged.execute_in_process(instance=instance).success
    assert seen == ["look"]


def test_runs_and_steps_wait_by_their_priorities(
    patient: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    pools, other = patient.storage.event_log_storage, make_run_id()
    pools.set_concurrency_slots("db", 1)
    pools.claim_concurrency_slot("db", other, "holder")
    seen = []

    def look(waits: int) -> None:
        seen.extend(one.priority for one in pools.get_concurrency_info("db").pending_steps)
        pools.free_concurrency_slots_for_run(other)

    monkeypatch.setattr(patient, "clock", HastyClock(look))

    @pw.job
    def urgent() -> None:
        use_db.tag({"priority": "3"})()

    tags = {"plugwork/priority": "10"}
    assert urgent.execute_in_process(instance=patient, tags=tags).success
    assert seen == [13]


def test_a_storage_that_is_away_has_no_slot_to_give(
    patient: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    pools = patient.storage.event_log_storage
    pools.set_concurrency_slots("db", 1)
    claim, away = pools.claim_concurrency_slot, [1, 2, 3]

    def unsteady(*arguments: Any) -> Any:
        if away:
            away.pop()
            raise StorageUnavailableError("gone for a while")
        return claim(*arguments)

    monkeypatch.setattr(pools, "claim_concurrency_slot", unsteady)
    monkeypatch.setattr(patient, "clock", HastyClock(lambda waits: None))
    assert small.execute_in_process(instance=patient).success
    assert away == []


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_who_no_longer_asks_keeps_nobody_waiting(kind: str, tmp_path: Path) -> None:
    clock = ManualClock()
    storage: Storage = (
        MemoryStorage(clock) if kind == "memory" else SqliteStorage(tmp_path, clock=clock)
    )
    pools, run = storage.event_log_storage, make_run_id()
    pools.set_concurrency_slots("db", 1)
    pools.claim_concurrency_slot("db", run, "holder")
    pools.claim_concurrency_slot("db", run, "sleeper", 9)
    pools.claim_concurrency_slot("db", run, "asker")
    clock.advance(20)
    pools.free_concurrency_slot_for_step(run, "holder")
    assert not pools.claim_concurrency_slot("db", run, "asker").is_claimed
    clock.advance(20)
    assert pools.claim_concurrency_slot("db", run, "asker").is_claimed
    storage.dispose()


class Workers:
    """Worker processes over one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, job: str = "once") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(WORKER), str(self.home), job],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()


@pytest.fixture
def workers(local: Instance, tmp_path: Path) -> Iterator[Workers]:
    local.storage.event_log_storage.set_concurrency_slots("db", 1)
    made = Workers(tmp_path)
    yield made
    made.stop()


def wait_until_in(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"


def let_go(process: subprocess.Popen[str], times: int = 1) -> None:
    assert process.stdin is not None
    process.stdin.write("\n" * times)
    process.stdin.flush()


def spans(instance: Instance) -> list[tuple[int, int]]:
    """Return the storage ids of each attempt's start and end."""
    found = []
    for run in instance.get_runs():
        page = instance.storage.event_log_storage.get_records_for_run(run.run_id)
        open_at: dict[str | None, int] = {}
        for record in page.records:
            entry = record.event_log_entry
            if entry.event_type is EventType.STEP_START:
                open_at[entry.step_key] = record.storage_id
            elif entry.event_type in ENDS:
                found.append((open_at.pop(entry.step_key), record.storage_id))
        assert not open_at
    return sorted(found)


def test_two_processes_never_share_the_one_slot(local: Instance, workers: Workers) -> None:
    pools = local.storage.event_log_storage
    first = workers.start("twice")
    wait_until_in(first)
    second = workers.start("twice")
    (waiting,) = eventually(lambda: pools.get_concurrency_info("db").pending_steps)
    let_go(first, 2)
    let_go(second, 2)
    for process in (first, second):
        assert process.wait(60) == 0
    assert {run.status for run in local.get_runs()} == {RunStatus.SUCCESS}
    found = spans(local)
    assert len(found) == 4
    assert all(before[1] < after[0] for before, after in itertools.pairwise(found))
    assert len(blocked(Told.of(local, waiting.run_id))) == 1
    assert pools.get_concurrency_run_ids() == set()


def test_the_slot_of_a_killed_worker_is_free_when_its_run_is_reaped(
    local: Instance, workers: Workers
) -> None:
    pools = local.storage.event_log_storage
    first = workers.start()
    wait_until_in(first)
    (held,) = pools.get_concurrency_info("db").claimed_slots
    first.kill()
    first.wait(60)
    assert [one.run_id for one in pools.get_concurrency_info("db").claimed_slots] == [held.run_id]
    # The second one looks for dead runs, as every worker does, and then gets the slot.
    second = workers.start()
    wait_until_in(second)
    let_go(second)
    assert second.wait(60) == 0
    assert local.require_run(held.run_id).status is RunStatus.FAILURE
    assert pools.get_concurrency_run_ids() == set()


def test_a_bell_rings_for_its_own_pool_and_storage_until_it_is_closed() -> None:
    heard: list[str] = []
    place = make_run_id()
    bell = PoolBell(place, "db", heard.append)
    announce(place, bell_of("api"))
    announce(make_run_id(), bell_of("db"))
    announce(place, bell_of("db"))
    eventually(lambda: heard)
    assert heard == ["db"]
    bell.close()
    bell.close()
    announce(place, bell_of("db"))
    assert heard == ["db"]
    assert not [one for one in threading.enumerate() if one.name == "plugwork-pool-db"]
