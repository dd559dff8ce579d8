"""Many at once, in threads of one process."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from plugwork.abc import Storage
from plugwork.model import EventType, Run, RunStatus
from plugwork_testkit.storage.building import Worker, log_line, report, seqs

#: Threads of a test.
THREADS = 8


class TogetherChecks:
    """Checks that nothing is lost when many write and read."""

    def test_runs_written_by_many_threads_lose_nothing(self, storage: Storage) -> None:
        def work(number: int) -> str:
            worker = Worker(storage, tags={"thread": str(number)})
            worker.tell(EventType.RUN_START)
            for step in range(10):
                worker.step(f"s{step}")
            worker.tell(EventType.RUN_SUCCESS)
            return worker.run_id

        with ThreadPoolExecutor(THREADS) as pool:
            ids = list(pool.map(work, range(THREADS * 2)))
        for run_id in ids:
            assert seqs(storage, run_id) == list(range(1, 63))
        runs = storage.run_storage.get_runs()
        assert {run.run_id for run in runs} == set(ids)
        assert {run.status for run in runs} == {RunStatus.SUCCESS}

    def test_one_log_written_by_many_threads_has_no_gap(self, storage: Storage) -> None:
        storage.create_run(run := Run("a_job"))

        def tell(number: int) -> None:
            storage.store_event(log_line(run.run_id, str(number)))

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(tell, range(200)))
        entries = storage.event_log_storage.get_logs_for_run(run.run_id)
        assert seqs(storage, run.run_id) == list(range(1, 201))
        assert {entry.user_message for entry in entries} == {str(n) for n in range(200)}

    def test_a_reader_that_follows_misses_nothing(self, storage: Storage) -> None:
        worker = Worker(storage)
        written = threading.Event()

        def follow() -> list[int]:
            seen: list[int] = []
            cursor: str | None = None
            while True:
                last = written.is_set()
                page = storage.event_log_storage.get_records_for_run(worker.run_id, cursor, limit=7)
                seen += [record.seq for record in page.records]
                cursor = page.cursor
                if last and not page.has_more:
                    return seen

        with ThreadPoolExecutor(THREADS) as pool:
            followers = [pool.submit(follow) for _ in range(2)]
            for step in range(40):
                worker.step(f"s{step}")
                report(storage, worker.run_id, EventType.ENGINE_EVENT)
            written.set()
            for follower in followers:
                assert follower.result() == list(range(1, 281))

    def test_a_reader_sees_whole_batches(self, storage: Storage) -> None:
        worker = Worker(storage)
        written = threading.Event()

        def watch() -> set[tuple[int, int]]:
            seen: set[tuple[int, int]] = set()
            while not written.is_set():
                record = storage.run_storage.get_run_record(worker.run_id)
                attempts = storage.event_log_storage.get_step_attempts(worker.run_id)
                assert record is not None
                seen.add((len(seqs(storage, worker.run_id)) % 6, len(attempts) % 1))
                assert record.summary.steps_succeeded <= len(attempts)
            return seen

        with ThreadPoolExecutor(THREADS) as pool:
            watchers = [pool.submit(watch) for _ in range(2)]
            for step in range(40):
                worker.step(f"s{step}")
            written.set()
            for watcher in watchers:
                assert watcher.result() <= {(0, 0)}
