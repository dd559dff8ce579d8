"""The writer's batches: fences, the state machine, and what is kept beside the log."""

from __future__ import annotations

import pytest

from plugwork.abc import Storage
from plugwork.errors import CheckError, FencedError
from plugwork.model import (
    Batch,
    EventType,
    LogRange,
    Run,
    RunFailureData,
    RunFailureReason,
    RunRecord,
    RunStatus,
    SerializableErrorInfo,
    StepFailureData,
    StepStatus,
    StepSuccessData,
    make_run_id,
)
from plugwork_testkit.storage.building import (
    HOLDER,
    OTHER_HOLDER,
    TIME,
    Worker,
    an_event,
    encoded,
    log_line,
    report,
    seqs,
    types,
)

_T = EventType


def record_of(storage: Storage, run_id: str) -> RunRecord:
    record = storage.run_storage.get_run_record(run_id)
    assert record is not None
    return record


class WriterChecks:
    """Checks of :meth:`plugwork.abc.Storage.append`."""

    def test_an_answer_tells_what_was_stored(self, storage: Storage) -> None:
        worker = Worker(storage)
        answer = worker.tell(_T.RUN_START)
        assert (answer.first_seq, answer.previous, answer.status, answer.duplicate) == (
            1,
            RunStatus.NOT_STARTED,
            RunStatus.STARTED,
            False,
        )
        assert worker.step("a").first_seq == 2
        assert worker.step("b").status is RunStatus.STARTED

    def test_a_batch_sent_twice_is_stored_once(self, storage: Storage) -> None:
        worker = Worker(storage)
        batch = worker.batch([an_event(worker.run_id, _T.RUN_START), log_line(worker.run_id)])
        storage.append(batch)
        again = storage.append(batch)
        assert again.duplicate
        assert (again.first_seq, again.status) == (0, RunStatus.STARTED)
        assert seqs(storage, worker.run_id) == [1, 2]
        assert worker.step("a").first_seq == 3

    def test_a_batch_of_an_older_number_is_not_stored(self, storage: Storage) -> None:
        worker = Worker(storage)
        late = worker.batch([log_line(worker.run_id, "late")])
        worker.write(log_line(worker.run_id, "newer"))
        assert storage.append(late).duplicate
        assert seqs(storage, worker.run_id) == [1]

    def test_a_writer_that_was_taken_over_is_refused(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.step("a")
        taken = storage.acquire_lease("run", worker.run_id, OTHER_HOLDER, 15, seen=worker.lease)
        assert taken is not None
        with pytest.raises(FencedError) as caught:
            worker.step("b")
        assert (caught.value.run_id, caught.value.fence) == (worker.run_id, worker.lease.fence)
        assert len(seqs(storage, worker.run_id)) == 6
        assert Worker(storage, taken).step("c").first_seq == 7

    def test_a_writer_with_a_fence_of_nobody_is_refused(self, storage: Storage) -> None:
        run = Run("a_job")
        storage.create_run(run)
        for run_id in (run.run_id, make_run_id(), ""):
            with pytest.raises(FencedError):
                storage.append(Batch.of(run_id, [log_line(run_id)], fence=7, number=1))
        assert seqs(storage, run.run_id) == []

    def test_events_from_outside_do_not_disturb_the_writer(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.tell(_T.RUN_START)
        for number in range(5):
            report(storage, worker.run_id, _T.ENGINE_EVENT)
            assert not worker.step(f"s{number}").duplicate
        assert report(storage, worker.run_id, _T.RUN_CANCELING).status is RunStatus.CANCELING
        assert worker.step("last").status is RunStatus.CANCELING
        assert seqs(storage, worker.run_id) == list(range(1, 1 + 1 + 5 * 7 + 1 + 6))

    def test_a_terminal_status_is_final(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.tell(_T.RUN_START, time=TIME)
        worker.tell(_T.RUN_FAILURE, time=TIME + 5)
        answer = worker.tell(_T.RUN_START, time=TIME + 9)
        assert (answer.previous, answer.status) == (RunStatus.FAILURE, RunStatus.FAILURE)
        assert types(storage, worker.run_id)[-1] is _T.ENGINE_EVENT
        assert answer.entries[0].entry.event_type is _T.ENGINE_EVENT
        record = record_of(storage, worker.run_id)
        assert record.run.status is RunStatus.FAILURE
        assert (record.start_time, record.end_time) == (TIME, TIME + 5)

    def test_one_batch_can_hold_a_whole_run(self, storage: Storage) -> None:
        worker = Worker(storage)
        answer = worker.tell(_T.RUN_STARTING, _T.RUN_START, _T.RUN_SUCCESS, _T.RUN_FAILURE)
        assert (answer.previous, answer.status) == (RunStatus.NOT_STARTED, RunStatus.SUCCESS)
        assert types(storage, worker.run_id)[2:] == [_T.RUN_SUCCESS, _T.ENGINE_EVENT]

    def test_a_status_event_sets_the_time_of_the_update(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.tell(_T.RUN_START, time=TIME + 0.25)
        assert record_of(storage, worker.run_id).update_timestamp.timestamp() == TIME + 0.25
        worker.step("a", time=TIME + 60)
        assert record_of(storage, worker.run_id).update_timestamp.timestamp() == TIME + 0.25

    def test_events_of_an_unknown_run_make_a_log_and_no_run(self, storage: Storage) -> None:
        stranger = make_run_id()
        answer = report(storage, stranger, _T.RUN_START, _T.ENGINE_EVENT)
        assert (answer.first_seq, answer.previous, answer.status) == (1, None, None)
        assert types(storage, stranger) == [_T.RUN_START, _T.ENGINE_EVENT]
        assert not storage.run_storage.has_run(stranger)

    def test_a_run_goes_on_with_the_log_that_was_there(self, storage: Storage) -> None:
        run = Run("a_job")
        report(storage, run.run_id, _T.ENGINE_EVENT)
        lease = storage.create_run(run, encoded(log_line(run.run_id)), HOLDER)
        assert Worker(storage, lease).write(log_line(run.run_id)).first_seq == 3

    def test_an_id_that_is_none_makes_no_log(self, storage: Storage) -> None:
        with pytest.raises(CheckError):
            report(storage, "../etc", _T.ENGINE_EVENT)

    def test_the_summary_counts_while_the_run_goes_on(self, storage: Storage) -> None:
        lease = storage.create_run(run := Run("a_job"), holder=HOLDER, steps_planned=4)
        worker = Worker(storage, lease)
        worker.tell(_T.RUN_START)
        worker.step("a")
        worker.step("b", _T.STEP_START, _T.STEP_UP_FOR_RETRY)
        worker.step("b", _T.STEP_RESTARTED, _T.STEP_SUCCESS, attempt=2)
        worker.step("c", _T.STEP_START, _T.STEP_FAILURE)
        worker.step("d", _T.STEP_SKIPPED)
        summary = record_of(storage, run.run_id).summary
        assert summary.steps_planned == 4
        assert (summary.steps_succeeded, summary.steps_failed) == (2, 1)
        assert (summary.steps_skipped, summary.steps_retried) == (1, 1)

    def test_the_first_failure_stays_in_the_summary(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.tell(_T.RUN_START)
        for step, text in (("a", "first \ud800 cause"), ("b", "second")):
            error = SerializableErrorInfo(f"ValueError: {text}\n", (), "ValueError")
            data = StepFailureData(error)
            worker.write(an_event(worker.run_id, _T.STEP_FAILURE, data, step=step, attempt=1))
        end = RunFailureData(failure_reason=RunFailureReason.STEP_FAILURE)
        worker.write(an_event(worker.run_id, _T.RUN_FAILURE, end))
        summary = record_of(storage, worker.run_id).summary
        assert summary.reason is RunFailureReason.STEP_FAILURE
        assert summary.failure is not None
        assert (summary.failure.step_key, summary.failure.seq) == ("a", 2)
        assert summary.failure.error_class == "ValueError"
        assert summary.failure.message == "ValueError: first \ud800 cause"
        assert len(summary.failure.fingerprint) == 16

    def test_an_unknown_reason_is_no_tag(self, storage: Storage) -> None:
        worker = Worker(storage)
        data = RunFailureData(failure_reason=RunFailureReason.UNKNOWN)
        worker.write(an_event(worker.run_id, _T.RUN_FAILURE, data))
        record = record_of(storage, worker.run_id)
        assert record.run.tags == {}
        assert record.summary.reason is RunFailureReason.UNKNOWN

    def test_attempts_follow_the_events_of_their_step(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.step("b", _T.STEP_START, time=TIME)
        worker.step("a", _T.STEP_START, _T.STEP_UP_FOR_RETRY, time=TIME + 1)
        worker.step("a", _T.STEP_RESTARTED, attempt=2, time=TIME + 5)
        worker.step("c", _T.STEP_SKIPPED, time=TIME + 8)
        logs = storage.event_log_storage
        attempts = logs.get_step_attempts(worker.run_id)
        assert [(one.step_key, one.attempt, one.status) for one in attempts] == [
            ("b", 1, StepStatus.IN_PROGRESS),
            ("a", 1, StepStatus.UP_FOR_RETRY),
            ("a", 2, StepStatus.IN_PROGRESS),
            ("c", 1, StepStatus.SKIPPED),
        ]
        assert (attempts[1].started, attempts[1].ended) == (TIME + 1, TIME + 2)
        data = StepSuccessData(1.0, LogRange("k", 1, 2, 3, 4))
        worker.write(
            an_event(worker.run_id, _T.STEP_SUCCESS, data, step="b", attempt=1, time=TIME + 9)
        )
        (b,) = logs.get_step_attempts(worker.run_id, ["b", "b", "nothing"])
        assert (b.status, b.started, b.ended) == (StepStatus.SUCCESS, TIME, TIME + 9)
        assert b.logs == LogRange("k", 1, 2, 3, 4)
        assert logs.get_step_attempts(worker.run_id, []) == []
        (stats,) = logs.get_step_stats_for_run(worker.run_id, ["a"])
        assert (stats.attempts, stats.status) == (2, StepStatus.IN_PROGRESS)

    def test_an_attempt_keeps_its_error_in_one_line(self, storage: Storage) -> None:
        worker = Worker(storage)
        data = StepFailureData(
            SerializableErrorInfo("ValueError: \ud800\nmore\n", (), "ValueError")
        )
        worker.write(an_event(worker.run_id, _T.STEP_FAILURE, data, step="a", attempt=1))
        (attempt,) = storage.event_log_storage.get_step_attempts(worker.run_id)
        assert attempt.error == "ValueError: \ud800"

    def test_stats_take_the_latest_event_of_each_type(self, storage: Storage) -> None:
        lease = storage.create_run(run := Run("a_job"), holder=HOLDER)
        report(storage, run.run_id, _T.RUN_ENQUEUED, time=TIME)
        report(storage, run.run_id, _T.RUN_STARTING, time=TIME + 1)
        report(storage, run.run_id, _T.RUN_ENQUEUED, time=TIME + 2)
        report(storage, run.run_id, _T.RUN_STARTING, time=TIME + 3)
        worker = Worker(storage, lease)
        worker.tell(_T.RUN_START, time=TIME + 4)
        worker.step("a")
        worker.step("b")
        worker.step("c", _T.STEP_START, _T.STEP_EXPECTATION_RESULT, _T.STEP_FAILURE)
        worker.tell(_T.RUN_FAILURE, time=TIME + 5.5)
        stats = storage.event_log_storage.get_stats_for_run(run.run_id)
        assert (stats.steps_succeeded, stats.steps_failed, stats.expectations) == (2, 1, 1)
        assert (stats.enqueued_time, stats.launch_time) == (TIME + 2, TIME + 3)
        assert (stats.start_time, stats.end_time) == (TIME + 4, TIME + 5.5)
