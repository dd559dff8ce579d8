from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import plugwork as pw
from plugwork import RunStatus
from plugwork.errors import InvalidConfigError
from plugwork.model import CodeRef, EventLogEntry, EventType, JobOrigin
from plugwork_testkit.executor import ExecutorConformance
from plugwork_testkit.instances import open_instance

#: Seconds by which the wall clock of the events may differ from the clock that is waited by.
JITTER = 0.005


class TestPacedExecutor(ExecutorConformance):
    @pytest.fixture
    def executor(self) -> Any:
        return {"paced": {"steps_per_second": 1000}}


@pw.op
def look() -> int:
    return 1


@pw.op(retry_policy=pw.RetryPolicy(max_retries=1))
def fails_once(context: pw.OpExecutionContext) -> None:
    if context.retry_number == 0:
        raise ValueError("not yet")


@pw.op
def fails() -> int:
    raise ValueError("this op fails")


@pw.op
def after(number: int) -> int:
    return number


@pw.job
def three_looks() -> None:
    for name in ("first", "second", "third"):
        look.alias(name)()


@pw.job
def one_look() -> None:
    look()


@pw.job
def second_try() -> None:
    fails_once()


@pw.job
def broken() -> None:
    after(fails())
    look()


def run(
    home: Path, job: pw.JobDefinition, per_second: float = 1000
) -> tuple[RunStatus, list[EventLogEntry]]:
    """Run a job of this file with the executor; return its status and its log."""
    executor = {"paced": {"steps_per_second": per_second}}
    with open_instance(home, executor=executor, run_launcher="in_process") as instance:
        origin = JobOrigin(CodeRef("file", __file__, job.name), job.name)
        run_id = instance.create_run_for_job(job, job_code_origin=origin).run_id
        instance.launch_run(run_id)
        return instance.require_run(run_id).status, list(instance.all_logs(run_id))


def times(log: list[EventLogEntry], kind: EventType) -> list[float]:
    return [entry.timestamp for entry in log if entry.event_type is kind]


def steps(log: list[EventLogEntry], kind: EventType) -> list[str | None]:
    return [entry.step_key for entry in log if entry.event_type is kind]


def test_steps_start_at_the_pace_that_is_set(tmp_path: Path) -> None:
    status, log = run(tmp_path, three_looks, per_second=20)
    assert status is RunStatus.SUCCESS
    begun, *_ = times(log, EventType.ENGINE_EVENT)
    starts = times(log, EventType.STEP_START)
    assert len(starts) == 3
    assert all(start - begun >= 0.05 * before - JITTER for before, start in enumerate(starts))


def test_nothing_is_waited_for_after_the_last_step(tmp_path: Path) -> None:
    status, log = run(tmp_path, one_look, per_second=0.01)
    assert status is RunStatus.SUCCESS
    assert log[-1].timestamp - times(log, EventType.STEP_START)[-1] < 50


def test_a_second_attempt_keeps_the_pace_too(tmp_path: Path) -> None:
    status, log = run(tmp_path, second_try, per_second=20)
    assert status is RunStatus.SUCCESS
    assert steps(log, EventType.STEP_UP_FOR_RETRY) == ["fails_once"]
    begun, *_ = times(log, EventType.ENGINE_EVENT)
    [second] = times(log, EventType.STEP_RESTARTED)
    assert second - begun >= 0.05 - JITTER


def test_a_failed_step_stops_only_what_needs_it(tmp_path: Path) -> None:
    status, log = run(tmp_path, broken)
    assert status is RunStatus.FAILURE
    assert steps(log, EventType.STEP_FAILURE) == ["fails"]
    assert steps(log, EventType.STEP_SUCCESS) == ["look"]


@pytest.mark.parametrize("per_second", [0, -1, "fast"])
def test_a_pace_that_is_none_is_refused(tmp_path: Path, per_second: float) -> None:
    with pytest.raises(InvalidConfigError, match="steps_per_second"):
        run(tmp_path, three_looks, per_second)
