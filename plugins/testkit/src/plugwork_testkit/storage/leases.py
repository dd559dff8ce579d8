"""Leases: who may write a run, or lead a loop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from plugwork.abc import Storage
from plugwork.errors import FencedError
from plugwork.model import EventType, Lease, Run, make_run_id
from plugwork_testkit.storage.building import HOLDER, OTHER_HOLDER, Worker, log_line, report


def take(storage: Storage, key: str = "loop-1", seen: Lease | None = None) -> Lease | None:
    return storage.acquire_lease("loop", key, OTHER_HOLDER, 2.5, seen)


class LeaseChecks:
    """Checks of the leases of :class:`plugwork.abc.Storage`."""

    def test_a_free_lease_is_taken_once(self, storage: Storage) -> None:
        lease = storage.acquire_lease("loop", "loop-1", HOLDER, 2.5)
        assert lease is not None
        assert (lease.kind, lease.key, lease.holder, lease.ttl) == ("loop", "loop-1", HOLDER, 2.5)
        assert take(storage) is None
        assert take(storage, "loop-2") is not None

    def test_held_leases_are_listed_as_they_were_given(self, storage: Storage) -> None:
        loop = take(storage)
        worker = Worker(storage)
        assert storage.get_leases("loop") == [loop]
        assert storage.get_leases("run") == [worker.lease]
        assert {lease.key for lease in storage.get_leases()} == {"loop-1", worker.run_id}

    def test_renewing_raises_the_beat(self, storage: Storage) -> None:
        lease = take(storage)
        assert lease is not None
        assert storage.renew_lease(lease)
        assert storage.renew_lease(lease)
        (renewed,) = storage.get_leases()
        assert (renewed.fence, renewed.beat) == (lease.fence, lease.beat + 2)
        assert renewed.renewed_at >= lease.renewed_at

    def test_a_lease_that_was_seen_to_stand_still_is_taken_over(self, storage: Storage) -> None:
        lease = take(storage)
        assert lease is not None
        taken = storage.acquire_lease("loop", "loop-1", HOLDER, 9, seen=lease)
        assert taken is not None
        assert taken.fence > lease.fence
        assert taken.holder == HOLDER
        assert not storage.renew_lease(lease)
        assert storage.renew_lease(taken)

    def test_a_lease_that_moved_since_it_was_seen_is_not_taken_over(self, storage: Storage) -> None:
        lease = take(storage)
        assert lease is not None
        storage.renew_lease(lease)
        assert take(storage, seen=lease) is None
        (moved,) = storage.get_leases()
        taken = take(storage, seen=moved)
        assert take(storage, seen=moved) is None
        assert storage.get_leases() == [taken]

    def test_a_lease_that_nobody_ever_held_was_not_seen(self, storage: Storage) -> None:
        lease = take(storage)
        assert take(storage, "another", seen=lease) is None

    def test_a_released_lease_is_free_and_its_fence_goes_on(self, storage: Storage) -> None:
        lease = take(storage)
        assert lease is not None
        storage.release_lease(lease)
        assert storage.get_leases() == []
        assert not storage.renew_lease(lease)
        again = take(storage)
        assert again is not None
        assert again.fence > lease.fence
        storage.release_lease(lease)
        assert storage.get_leases() == [again]

    def test_taking_a_run_over_shuts_its_writer_out(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.step("a")
        taken = storage.acquire_lease("run", worker.run_id, OTHER_HOLDER, 15, seen=worker.lease)
        assert taken is not None
        with pytest.raises(FencedError):
            worker.step("b")
        # The new writer counts its batches from 1.
        assert not Worker(storage, taken).step("c").duplicate

    def test_releasing_a_run_leaves_the_writer_its_fence(self, storage: Storage) -> None:
        worker = Worker(storage)
        storage.release_lease(worker.lease)
        assert worker.step("a").first_seq == 1
        taken = storage.acquire_lease("run", worker.run_id, HOLDER, 15)
        assert taken is not None
        with pytest.raises(FencedError):
            worker.step("b")

    @pytest.mark.parametrize(
        "end", [EventType.RUN_SUCCESS, EventType.RUN_FAILURE, EventType.RUN_CANCELED]
    )
    def test_the_end_of_a_run_ends_its_lease(self, storage: Storage, end: EventType) -> None:
        worker = Worker(storage)
        worker.tell(EventType.RUN_START)
        worker.tell(end)
        assert storage.get_leases() == []
        assert not storage.renew_lease(worker.lease)
        assert storage.acquire_lease("run", worker.run_id, HOLDER, 15) is None
        assert storage.acquire_lease("run", worker.run_id, HOLDER, 15, worker.lease) is None
        # What the worker still has to say is taken.
        assert worker.write(log_line(worker.run_id)).first_seq == 3

    def test_a_run_that_is_unknown_has_no_lease(self, storage: Storage) -> None:
        stranger = make_run_id()
        assert storage.acquire_lease("run", stranger, HOLDER, 15) is None
        report(storage, stranger, EventType.ENGINE_EVENT)
        assert storage.acquire_lease("run", stranger, HOLDER, 15) is None

    def test_a_run_without_a_holder_can_be_taken(self, storage: Storage) -> None:
        run = Run("a_job")
        assert storage.create_run(run) is None
        lease = storage.acquire_lease("run", run.run_id, HOLDER, 15)
        assert Worker(storage, lease).step("a").first_seq == 1

    def test_of_many_who_saw_the_same_lease_one_takes_it(self, storage: Storage) -> None:
        seen = take(storage)
        with ThreadPoolExecutor(8) as pool:
            taken = list(pool.map(lambda _: take(storage, seen=seen), range(8)))
        assert len([lease for lease in taken if lease is not None]) == 1
