"""The storage as a whole: making, deleting and wiping runs."""

from __future__ import annotations

import pytest

from plugwork.abc import Storage
from plugwork.errors import (
    CheckError,
    FencedError,
    RunAlreadyExists,
    RunNotFoundError,
    SnapshotDoesNotExist,
)
from plugwork.model import (
    Batch,
    EventType,
    Run,
    RunsFilter,
    RunStats,
    RunStatus,
    StepStatus,
    make_run_id,
)
from plugwork_testkit.storage.building import (
    HOLDER,
    OTHER_HOLDER,
    Worker,
    an_event,
    encoded,
    of_step,
    report,
    seqs,
    types,
)
from plugwork_testkit.storage.tags import ODD_TEXTS


class WholeChecks:
    """Checks of :class:`plugwork.abc.Storage` beside its writer and its leases."""

    def test_a_run_is_made_with_its_events_and_its_lease(self, storage: Storage) -> None:
        run = Run("a_job", tags={"a": "1"})
        planned = [
            an_event(run.run_id, EventType.RUN_STARTING),
            *of_step(run.run_id, "a", EventType.STEP_START),
        ]
        lease = storage.create_run(run, encoded(*planned), HOLDER, ttl=7.5, steps_planned=3)
        assert lease is not None
        assert (lease.kind, lease.key, lease.holder, lease.ttl) == ("run", run.run_id, HOLDER, 7.5)
        record = storage.run_storage.get_run_record(run.run_id)
        assert record is not None
        assert record.run.status is RunStatus.STARTING
        assert record.summary.steps_planned == 3
        assert seqs(storage, run.run_id) == [1, 2]
        (attempt,) = storage.event_log_storage.get_step_attempts(run.run_id)
        assert attempt.status is StepStatus.IN_PROGRESS
        assert Worker(storage, lease).step("b").first_seq == 3

    def test_a_run_made_twice_is_refused_whole(self, storage: Storage) -> None:
        lease = storage.create_run(run := Run("a_job"), holder=HOLDER)
        with pytest.raises(RunAlreadyExists):
            storage.create_run(
                run, encoded(an_event(run.run_id, EventType.ENGINE_EVENT)), OTHER_HOLDER
            )
        assert seqs(storage, run.run_id) == []
        assert storage.get_leases() == [lease]

    def test_a_run_of_an_unknown_snapshot_is_not_made(self, storage: Storage) -> None:
        run = Run("a_job", job_snapshot_id="nothing")
        with pytest.raises(SnapshotDoesNotExist):
            storage.create_run(
                run, encoded(an_event(run.run_id, EventType.ENGINE_EVENT)), OTHER_HOLDER
            )
        assert seqs(storage, run.run_id) == []
        assert storage.get_leases() == []

    def test_a_deleted_run_leaves_nothing(self, storage: Storage) -> None:
        worker, other = Worker(storage, tags={"a": "1"}), Worker(storage, tags={"b": "1"})
        worker.step("a")
        other.step("b")
        storage.delete_run(worker.run_id)
        assert storage.run_storage.get_run_ids() == [other.run_id]
        assert storage.run_storage.get_run_tag_keys() == ["b"]
        assert seqs(storage, worker.run_id) == []
        assert storage.event_log_storage.get_step_attempts(worker.run_id) == []
        assert storage.event_log_storage.get_stats_for_run(worker.run_id).steps_succeeded == 0
        assert [lease.key for lease in storage.get_leases()] == [other.run_id]
        assert len(seqs(storage, other.run_id)) == 6
        with pytest.raises(FencedError):
            worker.step("late")
        storage.delete_run(worker.run_id)
        storage.delete_run(make_run_id())

    def test_a_log_without_a_run_can_be_deleted(self, storage: Storage) -> None:
        report(storage, stranger := make_run_id(), EventType.ENGINE_EVENT)
        storage.delete_run(stranger)
        assert seqs(storage, stranger) == []

    def test_wiping_deletes_all_but_the_storage_itself(self, storage: Storage) -> None:
        storage_id = storage.get_storage_id()
        storage.run_storage.add_snapshot("snap", "job", "{}")
        worker = Worker(storage, tags={"a": "1"})
        worker.step("a")
        report(storage, "", EventType.ENGINE_EVENT)
        storage.acquire_lease("loop", "loop-1", HOLDER, 2)
        storage.wipe()
        assert storage.run_storage.get_runs_count() == 0
        assert storage.run_storage.get_run_tag_keys() == []
        assert not storage.run_storage.has_snapshot("snap")
        assert storage.get_leases() == []
        assert seqs(storage, worker.run_id) == seqs(storage, "") == []
        assert storage.get_storage_id() == storage_id
        assert types(storage, Worker(storage).run_id) == []

    def test_wiping_does_not_give_a_fence_twice(self, storage: Storage) -> None:
        lease = storage.acquire_lease("loop", "loop-1", HOLDER, 2)
        storage.wipe()
        again = storage.acquire_lease("loop", "loop-1", OTHER_HOLDER, 2)
        assert lease is not None
        assert again is not None
        assert again.fence > lease.fence
        assert not storage.renew_lease(lease)

    @pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
    def test_an_odd_id_is_unknown_and_harmless(self, storage: Storage, text: str) -> None:
        run_id = text or "none"
        Worker(storage, tags={"a": "1"}).step("a")
        logs, runs = storage.event_log_storage, storage.run_storage
        assert list(logs.get_records_for_run(run_id).records) == []
        assert logs.get_stats_for_run(run_id) == RunStats(run_id)
        assert logs.get_step_attempts(run_id) == []
        assert not runs.has_run(run_id)
        assert runs.get_snapshot(run_id) is None
        assert runs.get_runs_count(RunsFilter(run_ids=[run_id], snapshot_id=run_id)) == 0
        assert runs.find_run_ids(run_id) == []
        assert storage.acquire_lease("run", run_id, HOLDER, 5) is None
        storage.delete_run(run_id)
        with pytest.raises(RunNotFoundError):
            runs.add_run_tags(run_id, {"b": "1"})
        with pytest.raises(CheckError):
            report(storage, run_id, EventType.ENGINE_EVENT)
        with pytest.raises(FencedError):
            storage.append(Batch(run_id, (), fence=1, number=1))
        lease = storage.acquire_lease("loop", text, HOLDER, 5)
        assert lease is not None
        assert storage.renew_lease(lease)
        assert [one.key for one in storage.get_leases("loop")] == [text]
        storage.release_lease(lease)
        assert runs.get_runs_count() == 1

    def test_a_storage_has_an_id_that_stays(self, storage: Storage) -> None:
        assert storage.get_storage_id() == storage.get_storage_id()
        assert storage.get_storage_id()

    def test_a_storage_tells_facts_about_itself(self, storage: Storage) -> None:
        Worker(storage)
        assert storage.info()

    def test_a_storage_can_be_disposed_twice(self, storage: Storage) -> None:
        storage.dispose()
        storage.dispose()
