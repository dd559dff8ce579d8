"""Pools: slots that steps of all runs share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from plugwork.abc import EventLogStorage, Storage
from plugwork.errors import CheckError, FencedError, InvalidInvocationError
from plugwork.model import ConcurrencyClaimStatus, EventType, make_run_id
from plugwork_testkit.storage.building import OTHER_HOLDER, Worker
from plugwork_testkit.storage.tags import ODD_TEXTS

#: Who writes at once.
_WRITERS = 8


def claim(
    storage: Storage,
    worker: Worker,
    step: str,
    pool: str = "db",
    priority: int = 0,
    attempt: int = 1,
) -> ConcurrencyClaimStatus:
    """Claim a slot as the run's worker does."""
    return storage.event_log_storage.claim_concurrency_slot(
        pool, worker.run_id, step, priority, attempt, worker.lease.fence
    )


def holders(pools: EventLogStorage, pool: str = "db") -> list[str]:
    """Return the steps that have a slot."""
    return [one.step_key for one in pools.get_concurrency_info(pool).claimed_slots]


def waiting(pools: EventLogStorage, pool: str = "db") -> list[str]:
    """Return the steps that wait, the next one first."""
    return [one.step_key for one in pools.get_concurrency_info(pool).pending_steps]


class PoolChecks:
    """Checks of :class:`plugwork.abc.PoolStorage`."""

    def test_slots_are_claimed_by_priority_and_given_back(self, storage: Storage) -> None:
        pools = storage.event_log_storage
        pools.set_concurrency_slots("db", 1)
        first, second, third = make_run_id(), make_run_id(), make_run_id()
        claimed = pools.claim_concurrency_slot("db", first, "s1")
        assert claimed.is_claimed
        assert claimed.concurrency_key == "db"
        assert claimed.assigned_timestamp is not None
        assert pools.claim_concurrency_slot("db", first, "s1").is_claimed
        blocked = pools.claim_concurrency_slot("db", second, "s2", 5)
        assert not blocked.is_claimed
        assert (blocked.priority, blocked.assigned_timestamp) == (5, None)
        assert blocked.enqueued_timestamp is not None
        assert not pools.claim_concurrency_slot("db", third, "s3", 9).is_claimed
        assert waiting(pools) == ["s3", "s2"]
        assert pools.get_concurrency_run_ids() == {first, second, third}
        pools.free_concurrency_slot_for_step(first, "s1")
        assert not pools.claim_concurrency_slot("db", second, "s2", 5).is_claimed
        assert pools.claim_concurrency_slot("db", third, "s3", 9).is_claimed
        assert not pools.claim_concurrency_slot("db", second, "s2", 5).is_claimed
        assert (holders(pools), waiting(pools)) == (["s3"], ["s2"])

    def test_of_equal_priorities_the_first_that_came_is_next(self, storage: Storage) -> None:
        pools, run = storage.event_log_storage, make_run_id()
        pools.set_concurrency_slots("db", 1)
        pools.claim_concurrency_slot("db", run, "holder")
        for step in ("b", "a", "c"):
            pools.claim_concurrency_slot("db", run, step)
        pools.free_concurrency_slot_for_step(run, "holder")
        assert not pools.claim_concurrency_slot("db", run, "newcomer").is_claimed
        assert not pools.claim_concurrency_slot("db", run, "c").is_claimed
        assert pools.claim_concurrency_slot("db", run, "b").is_claimed
        assert waiting(pools) == ["a", "c", "newcomer"]

    def test_a_claim_changes_the_priority_that_a_step_waits_with(self, storage: Storage) -> None:
        pools, run = storage.event_log_storage, make_run_id()
        pools.set_concurrency_slots("db", 0)
        pools.claim_concurrency_slot("db", run, "a", -3)
        pools.claim_concurrency_slot("db", run, "b")
        assert waiting(pools) == ["b", "a"]
        before = pools.check_concurrency_claim("db", run, "a")
        assert before.priority == -3
        again = pools.claim_concurrency_slot("db", run, "a", 7)
        assert again.enqueued_timestamp == before.enqueued_timestamp
        assert waiting(pools) == ["a", "b"]

    def test_looking_changes_nothing(self, storage: Storage) -> None:
        pools, run = storage.event_log_storage, make_run_id()
        pools.set_concurrency_slots("db", 1)
        unknown = pools.check_concurrency_claim("db", run, "a")
        assert not unknown.is_claimed
        assert unknown.enqueued_timestamp is None
        assert pools.get_concurrency_run_ids() == set()
        pools.claim_concurrency_slot("db", run, "a")
        assert pools.check_concurrency_claim("db", run, "a").is_claimed

    def test_a_lowered_limit_lets_holders_go_on(self, storage: Storage) -> None:
        pools, run = storage.event_log_storage, make_run_id()
        pools.set_concurrency_slots("db", 2)
        pools.claim_concurrency_slot("db", run, "a")
        pools.claim_concurrency_slot("db", run, "b")
        pools.set_concurrency_slots("db", 1)
        pools.free_concurrency_slot_for_step(run, "a")
        assert not pools.claim_concurrency_slot("db", run, "c").is_claimed
        pools.set_concurrency_slots("db", 0)
        info = pools.get_concurrency_info("db")
        assert (info.slot_count, info.limit, holders(pools)) == (0, 0, ["b"])
        assert pools.claim_concurrency_slot("db", run, "b").is_claimed
        pools.free_concurrency_slot_for_step(run, "b")
        assert not pools.claim_concurrency_slot("db", run, "c").is_claimed
        pools.set_concurrency_slots("db", 3)
        claims = [pools.claim_concurrency_slot("db", run, step) for step in "cde"]
        assert [one.free_slots for one in claims] == [2, 1, 0]
        assert all(one.is_claimed for one in claims)
        assert not pools.claim_concurrency_slot("db", run, "f").is_claimed

    @pytest.mark.parametrize("number", [-1, 1001, 5000])
    def test_a_number_of_slots_that_no_pool_has_is_refused(
        self, storage: Storage, number: int
    ) -> None:
        pools = storage.event_log_storage
        with pytest.raises(InvalidInvocationError, match="db"):
            pools.set_concurrency_slots("db", number)
        with pytest.raises(InvalidInvocationError, match="db"):
            pools.initialize_concurrency_limit_to_default("db", number)
        assert pools.get_concurrency_keys() == set()

    def test_a_priority_that_no_column_holds_is_refused(self, storage: Storage) -> None:
        pools, run = storage.event_log_storage, make_run_id()
        pools.set_concurrency_slots("db", 1)
        for priority in (2**31, -(2**31)):
            with pytest.raises(CheckError):
                pools.claim_concurrency_slot("db", run, "a", priority)
        assert pools.claim_concurrency_slot("db", run, "a", 2**31 - 1).is_claimed

    def test_limits_are_listed_with_their_source(self, storage: Storage) -> None:
        pools = storage.event_log_storage
        assert not pools.initialize_concurrency_limit_to_default("db", None)
        assert pools.initialize_concurrency_limit_to_default("db", 4)
        pools.set_concurrency_slots("api", 2)
        assert pools.initialize_concurrency_limit_to_default("api", 4)
        found = [(one.name, one.limit, one.from_default) for one in pools.get_pool_limits()]
        assert found == [("api", 2, False), ("db", 4, True)]
        assert pools.get_concurrency_info("db").using_default_limit
        assert pools.initialize_concurrency_limit_to_default("db", 5)
        assert pools.get_concurrency_info("db").limit == 5
        assert not pools.initialize_concurrency_limit_to_default("db", None)
        assert pools.initialize_concurrency_limit_to_default("api", None)
        assert pools.get_concurrency_keys() == {"api"}

    def test_a_pool_without_a_limit_has_no_slot_to_give(self, storage: Storage) -> None:
        pools, run = storage.event_log_storage, make_run_id()
        assert not pools.claim_concurrency_slot("db", run, "a").is_claimed
        info = pools.get_concurrency_info("db")
        assert (info.limit, waiting(pools)) == (None, ["a"])
        pools.set_concurrency_slots("db", 1)
        assert pools.claim_concurrency_slot("db", run, "a").is_claimed
        pools.claim_concurrency_slot("db", run, "b")
        pools.delete_concurrency_limit("db")
        pools.delete_concurrency_limit("nothing")
        assert (holders(pools), waiting(pools)) == (["a"], [])
        assert pools.get_concurrency_keys() == set()

    @pytest.mark.parametrize(
        "end", [EventType.STEP_SUCCESS, EventType.STEP_FAILURE, EventType.STEP_UP_FOR_RETRY]
    )
    def test_the_end_of_an_attempt_frees_its_slot(self, storage: Storage, end: EventType) -> None:
        pools, worker = storage.event_log_storage, Worker(storage)
        pools.set_concurrency_slots("db", 2)
        assert claim(storage, worker, "a").is_claimed
        assert claim(storage, worker, "b").is_claimed
        worker.step("a", EventType.STEP_START)
        assert holders(pools) == ["a", "b"]
        worker.step("a", end)
        assert holders(pools) == ["b"]

    def test_a_slot_outlives_the_end_of_an_earlier_attempt(self, storage: Storage) -> None:
        pools, worker = storage.event_log_storage, Worker(storage)
        pools.set_concurrency_slots("db", 1)
        claim(storage, worker, "a")
        claim(storage, worker, "a", attempt=2)
        (held,) = pools.get_concurrency_info("db").claimed_slots
        assert held.attempt == 2
        worker.step("a", EventType.STEP_UP_FOR_RETRY, attempt=1)
        assert holders(pools) == ["a"]
        worker.step("a", EventType.STEP_SUCCESS, attempt=2)
        assert holders(pools) == []

    @pytest.mark.parametrize(
        "end", [EventType.RUN_SUCCESS, EventType.RUN_FAILURE, EventType.RUN_CANCELED]
    )
    def test_the_end_of_a_run_frees_all_that_it_has(self, storage: Storage, end: EventType) -> None:
        pools, worker = storage.event_log_storage, Worker(storage)
        pools.set_concurrency_slots("db", 1)
        worker.tell(EventType.RUN_START)
        claim(storage, worker, "a")
        claim(storage, worker, "b")
        claim(storage, worker, "c", "unknown")
        worker.tell(end)
        assert pools.get_concurrency_run_ids() == set()
        with pytest.raises(FencedError):
            claim(storage, worker, "late")

    def test_a_takeover_frees_what_the_former_worker_had(self, storage: Storage) -> None:
        pools, worker, other = storage.event_log_storage, Worker(storage), Worker(storage)
        pools.set_concurrency_slots("db", 2)
        claim(storage, worker, "a")
        claim(storage, other, "b")
        claim(storage, worker, "c")
        taken = storage.acquire_lease("run", worker.run_id, OTHER_HOLDER, 15, worker.lease)
        assert taken is not None
        assert (holders(pools), waiting(pools)) == (["b"], [])
        with pytest.raises(FencedError):
            claim(storage, worker, "late")
        assert waiting(pools) == []
        assert claim(storage, Worker(storage, taken), "a").is_claimed

    def test_a_run_whose_lease_is_given_back_has_no_slots(self, storage: Storage) -> None:
        pools, worker = storage.event_log_storage, Worker(storage)
        pools.set_concurrency_slots("db", 1)
        claim(storage, worker, "a")
        storage.release_lease(worker.lease)
        assert pools.get_concurrency_run_ids() == set()
        with pytest.raises(FencedError):
            claim(storage, worker, "a")

    def test_a_claim_of_a_run_that_nobody_knows_is_refused(self, storage: Storage) -> None:
        pools = storage.event_log_storage
        pools.set_concurrency_slots("db", 1)
        with pytest.raises(FencedError):
            pools.claim_concurrency_slot("db", make_run_id(), "a", fence=1)
        assert holders(pools) == []

    def test_a_deleted_run_has_no_slots(self, storage: Storage) -> None:
        pools, worker = storage.event_log_storage, Worker(storage)
        pools.set_concurrency_slots("db", 1)
        claim(storage, worker, "a")
        claim(storage, worker, "b")
        storage.delete_run(worker.run_id)
        assert pools.get_concurrency_run_ids() == set()
        assert pools.get_concurrency_keys() == {"db"}

    def test_slots_of_a_run_are_freed_by_hand(self, storage: Storage) -> None:
        pools, worker, other = storage.event_log_storage, Worker(storage), Worker(storage)
        pools.set_concurrency_slots("db", 2)
        claim(storage, worker, "a")
        claim(storage, other, "a")
        claim(storage, worker, "b")
        pools.free_concurrency_slots_for_run(worker.run_id)
        pools.free_concurrency_slot_for_step(make_run_id(), "a")
        assert pools.get_concurrency_run_ids() == {other.run_id}

    def test_wiping_deletes_pools(self, storage: Storage) -> None:
        pools, worker = storage.event_log_storage, Worker(storage)
        pools.set_concurrency_slots("db", 1)
        claim(storage, worker, "a")
        claim(storage, worker, "b")
        storage.wipe()
        assert pools.get_concurrency_keys() == set()
        assert pools.get_concurrency_run_ids() == set()

    @pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
    def test_an_odd_name_is_a_name(self, storage: Storage, text: str) -> None:
        pools, run = storage.event_log_storage, make_run_id()
        pools.set_concurrency_slots(text, 1)
        assert pools.get_concurrency_keys() == {text}
        assert pools.claim_concurrency_slot(text, run, text).is_claimed
        assert not pools.claim_concurrency_slot(text, run, "b").is_claimed
        assert (holders(pools, text), waiting(pools, text)) == ([text], ["b"])
        pools.free_concurrency_slot_for_step(run, text)
        assert pools.claim_concurrency_slot(text, run, "b").is_claimed

    def test_of_many_that_claim_at_once_as_many_as_slots_succeed(self, storage: Storage) -> None:
        storage.event_log_storage.set_concurrency_slots("db", 3)
        workers = [Worker(storage) for _ in range(8)]

        def take(number: int) -> bool:
            return claim(storage, workers[number % 8], f"s{number}").is_claimed

        with ThreadPoolExecutor(_WRITERS) as threads:
            assert sum(threads.map(take, range(40))) == 3
        pools = storage.event_log_storage
        assert len(holders(pools)) == 3
        assert len(waiting(pools)) == 37

    def test_writers_that_share_a_pool_never_exceed_it(self, storage: Storage) -> None:
        pools = storage.event_log_storage
        pools.set_concurrency_slots("db", 2)

        def work(number: int) -> int:
            worker, most = Worker(storage), 0
            worker.tell(EventType.RUN_START)
            for step in ("a", "b", "c"):
                while not claim(storage, worker, step).is_claimed:
                    most = max(most, len(holders(pools)))
                worker.step(step, EventType.STEP_START)
                most = max(most, len(holders(pools)))
                worker.step(step, EventType.STEP_SUCCESS)
            worker.tell(EventType.RUN_SUCCESS)
            return most

        with ThreadPoolExecutor(_WRITERS) as threads:
            assert max(threads.map(work, range(_WRITERS))) <= 2
        assert pools.get_concurrency_run_ids() == set()
