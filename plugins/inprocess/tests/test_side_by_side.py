"""What holds when steps of one run share a process, and run at the same time."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import side_by_side_jobs as jobs

import plugwork as pw
from plugwork.model import (
    CodeRef,
    ErrorSource,
    EventType,
    JobOrigin,
    StepAttempt,
    StepFailureData,
)
from plugwork.plugin import execute_run
from plugwork_testkit.instances import open_instance
from plugwork_testkit.streams import Told, by_step, expected
from plugwork_testkit.waiting import eventually

BOTH: list[Any] = [{"threads": {"max_concurrent": 6}}, "async"]


@pytest.fixture(params=BOTH, ids=["threads", "async"])
def instance(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[pw.Instance]:
    with open_instance(tmp_path / "home", executor=request.param) as instance:
        yield instance


def store(instance: pw.Instance, job_def: pw.JobDefinition, config: Any = None) -> pw.Run:
    code = CodeRef("module", jobs.__name__, job_def.name)
    origin = JobOrigin(code, job_def.name)
    return instance.create_run_for_job(job_def, run_config=config, job_code_origin=origin)


def execute(instance: pw.Instance, job_def: pw.JobDefinition) -> Told:
    run = store(instance, job_def)
    execute_run(instance, run.run_id)
    return Told.of(instance, run.run_id)


@pytest.mark.parametrize("job_def", [jobs.of_threads, jobs.of_tasks, jobs.of_both])
def test_steps_run_at_the_same_time_each_with_its_context(
    instance: pw.Instance, job_def: pw.JobDefinition
) -> None:
    told = execute(instance, job_def)
    assert told.run.status is pw.RunStatus.SUCCESS


def test_a_thread_has_the_name_of_its_step(instance: pw.Instance) -> None:
    told = execute(instance, jobs.of_threads)
    lines = {entry.message for entry in told.entries if entry.event is None}
    assert lines == {"runs in a", "runs in b"}


def test_tasks_share_one_thread(tmp_path: Path) -> None:
    with open_instance(tmp_path / "home", executor="async") as instance:
        told = execute(instance, jobs.of_tasks)
    lines = {entry.message for entry in told.entries if entry.event is None}
    assert lines == {"runs in plugwork-loop"}


def printed(instance: pw.Instance, run_id: str, attempt: StepAttempt) -> tuple[str, str]:
    assert attempt.logs is not None
    manager = instance.compute_log_manager
    key = manager.build_log_key_for_run(run_id, attempt.logs.file_key)
    data = manager.get_log_data(key)
    assert attempt.logs.stdout_end == len(data.stdout or b"")
    assert attempt.logs.stderr_end == len(data.stderr or b"")
    return (data.stdout or b"").decode(), (data.stderr or b"").decode()


@pytest.mark.parametrize("job_def", [jobs.talking, jobs.talking_async])
def test_what_each_attempt_prints_and_logs_is_kept_apart(
    instance: pw.Instance, job_def: pw.JobDefinition
) -> None:
    told = execute(instance, job_def)
    assert told.run.status is pw.RunStatus.SUCCESS
    run_id = told.run.run_id
    attempts = [
        attempt for stats in instance.get_run_step_stats(run_id) for attempt in stats.attempts_list
    ]
    assert len(attempts) == 4
    for attempt in attempts:
        me = f"{attempt.step_key}@{attempt.attempt}"
        out, err = printed(instance, run_id, attempt)
        lent = job_def is jobs.talking_async and attempt.attempt == 1
        assert out == f"{me} prints\n" + (f"{me} lends its context\n" if lent else "")
        assert f"{me} complains\n" in err
        assert err.count("@") == err.count(me)
    lines = [(e.message, f"{e.step_key}@{e.attempt} tells") for e in told.entries if not e.event]
    assert len(lines) == 4
    assert all(line == own for line, own in lines)


def test_a_stream_that_logging_held_before_is_routed_too(instance: pw.Instance) -> None:
    handler = logging.StreamHandler(sys.stderr)
    logger = logging.getLogger("somewhere")
    logger.addHandler(handler)
    before = handler.stream
    try:
        told = execute(instance, jobs.talking)
    finally:
        logger.removeHandler(handler)
    assert handler.stream is before
    assert sys.stderr is before
    for stats in instance.get_run_step_stats(told.run.run_id):
        for attempt in stats.attempts_list:
            _, err = printed(instance, told.run.run_id, attempt)
            assert f"{attempt.step_key}@{attempt.attempt} logs\n" in err


def test_what_goes_round_the_streams_is_in_the_capture_of_the_process(
    instance: pw.Instance, capfd: pytest.CaptureFixture[str]
) -> None:
    run = store(instance, jobs.round_the_streams)
    execute_run(instance, run.run_id, echo_logs=True)
    told = Told.of(instance, run.run_id)
    (captured,) = told.of_type(EventType.LOGS_CAPTURED)
    data: Any = captured.get_event().event_specific_data
    key = instance.compute_log_manager.build_log_key_for_run(run.run_id, data.file_key)
    whole = instance.compute_log_manager.get_log_data(key).stdout
    assert whole == b"from below\nfrom a thread of its own\n"
    (stats,) = instance.get_run_step_stats(run.run_id)
    assert printed(instance, run.run_id, stats.attempts_list[0]) == ("from the step\n", "")
    shown = capfd.readouterr().out
    assert sorted(shown.splitlines()) == ["from a thread of its own", "from below", "from the step"]


def test_no_more_steps_run_at_once_than_allowed(tmp_path: Path) -> None:
    for name in ("threads", "async"):
        jobs.most = 0
        with open_instance(tmp_path / name, executor={name: {"max_concurrent": 3}}) as instance:
            assert execute(instance, jobs.counted).run.status is pw.RunStatus.SUCCESS
        assert 1 <= jobs.most <= 3


def test_an_interrupt_ends_every_running_step_and_starts_none(
    instance: pw.Instance, tmp_path: Path
) -> None:
    names = ["waits", "yields_and_waits", "awaits_long", "yields_and_awaits", "swallows"]
    config = {"ops": {name: {"config": {"path": str(tmp_path)}} for name in names}}
    run = store(instance, jobs.stopped, config)

    def stop() -> None:
        for name in names:
            eventually((tmp_path / f"{name}.started").exists)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=stop)
    thread.start()
    execute_run(instance, run.run_id)
    thread.join()
    told = Told.of(instance, run.run_id)
    assert told.run.status is pw.RunStatus.FAILURE
    stopped = [f"{name}: START FAILURE" for name in names if name != "swallows"]
    assert by_step(told.steps) == by_step(expected(*stopped, "swallows: START OUT SUCCESS"))
    for entry in told.of_type(EventType.STEP_FAILURE):
        data = entry.get_event().event_specific_data
        assert isinstance(data, StepFailureData)
        assert data.error_source is ErrorSource.INTERRUPT
    ended = sorted(path.name for path in tmp_path.glob("*.ended"))
    assert ended == [
        "awaits_long.ended",
        "swallows.swallows.ended",
        "waits.waits.ended",
        "yields_and_awaits.ended",
        "yields_and_waits.yields_and_waits.ended",
    ]


def test_user_code_that_ends_its_task_or_the_process_fails_its_step_alone(
    instance: pw.Instance,
) -> None:
    told = execute(instance, jobs.ending_badly)
    assert told.run.status is pw.RunStatus.FAILURE
    assert by_step(told.steps) == by_step(
        expected(
            "cancels_itself: START FAILURE",
            "exits_async: START FAILURE",
            "goes_on: START OUT SUCCESS",
            "fails_soon: START FAILURE",
        )
    )
    sources = {
        entry.step_key: getattr(entry.get_event().event_specific_data, "error_source", None)
        for entry in told.of_type(EventType.STEP_FAILURE)
    }
    assert sources == {
        "cancels_itself": ErrorSource.UNEXPECTED_ERROR,
        "exits_async": ErrorSource.UNEXPECTED_ERROR,
        "fails_soon": ErrorSource.USER_CODE_ERROR,
    }


@pytest.mark.parametrize("name", ["in_process", "threads", "async"])
def test_a_request_for_a_retry_is_a_failure_where_there_are_none(tmp_path: Path, name: str) -> None:
    with open_instance(tmp_path / "home", executor={name: {"retries": False}}) as instance:
        told = execute(instance, jobs.asking)
    assert told.steps == ["asks:START", "asks:FAILURE"]
    (failed,) = told.of_type(EventType.STEP_FAILURE)
    assert "retries are disabled" in (failed.message or "")


@pytest.mark.parametrize("name", ["threads", "async"])
@pytest.mark.parametrize("job_def", [jobs.starting_early, jobs.starting_early_async])
def test_a_step_can_start_while_the_one_before_it_still_runs(
    tmp_path: Path, name: str, job_def: pw.JobDefinition
) -> None:
    early = {"require_upstream_step_success": False}
    executor = {name: {"max_concurrent": 2, "step_dependency_config": early}}
    with open_instance(tmp_path / "home", executor=executor) as instance:
        told = execute(instance, job_def)
    assert told.run.status is pw.RunStatus.SUCCESS
    (giver,) = {key for key in by_step(told.steps) if key.startswith("gives")}
    assert by_step(told.steps) == by_step(
        expected(f"{giver}: START OUT OUT SUCCESS", "meets_its_giver: START IN OUTPUT SUCCESS")
    )
