"""Who is told of what is committed: listeners, plugins, and the reaper that tells of its own."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import plugwork as pw
from plugwork import EventLogRecord, EventType, Instance, RunStatus
from plugwork.journal.holder import holder_of
from plugwork.model import RunFailureData, RunFailureReason
from plugwork_testkit.waiting import Eventually

RUN_ID = "6f1c0f0a-62c8-4f0c-8f3b-2d6a3f1e9b11"
QUICK = {"leases": {"ttl": "1s", "heartbeat": "250ms", "reap": "200ms"}}


@pw.op
def one(context: pw.OpExecutionContext) -> int:
    context.log.info("a line")
    return 1


@pw.job
def talking() -> None:
    one()


def test_a_listener_hears_every_record_of_its_run_in_order(instance: Instance) -> None:
    heard: list[EventLogRecord] = []
    instance.add_event_listener(RUN_ID, heard.append)
    talking.execute_in_process(instance=instance, run_id=RUN_ID)
    talking.execute_in_process(instance=instance)
    stored = instance.get_records_for_run(RUN_ID).records
    assert [(r.seq, r.storage_id, r.event_type) for r in heard] == [
        (r.seq, r.storage_id, r.event_type) for r in stored
    ]
    assert [r.event_log_entry.message for r in heard if r.event_type is None] == ["a line"]
    assert heard[-1].event_type is EventType.RUN_SUCCESS


def test_a_listener_that_raises_harms_neither_the_run_nor_the_others(
    instance: Instance, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(record: EventLogRecord) -> None:
        raise ValueError("this listener fails")

    heard: list[EventLogRecord] = []
    instance.add_event_listener(RUN_ID, fail)
    instance.add_event_listener(RUN_ID, heard.append)
    with caplog.at_level(logging.ERROR):
        assert talking.execute_in_process(instance=instance, run_id=RUN_ID).success
    assert len(heard) == len(instance.all_logs(RUN_ID))
    assert "this listener fails" in caplog.text


def test_a_listener_hears_what_is_reported_from_outside(instance: Instance) -> None:
    heard: list[str] = []
    run = instance.create_run_for_job(talking)
    instance.add_event_listener(run.run_id, lambda r: heard.append(str(r.event_type)))
    instance.report_run_canceling(run)
    instance.report_run_canceled(run)
    assert heard == ["RUN_CANCELING", "RUN_CANCELED"]


def test_times_of_a_run_never_go_back(instance: Instance) -> None:
    result = talking.execute_in_process(instance=instance)
    times = [entry.timestamp for entry in instance.all_logs(result.run_id)]
    assert times == sorted(times)


def test_plugins_are_told_of_every_status_from_birth_to_end(tmp_path: Path) -> None:
    enabled = {"plugins": {"enable": [{"example_notes": {"path": "runs.txt"}}]}}
    with Instance.local_temp(str(tmp_path), overrides=enabled) as instance:
        run_id = talking.execute_in_process(instance=instance).run_id
    lines = (tmp_path / "runs.txt").read_text(encoding="utf-8").splitlines()
    assert lines == [
        f"{run_id} talking - NOT_STARTED",
        f"{run_id} talking NOT_STARTED STARTED",
        f"{run_id} talking STARTED SUCCESS",
    ]


def reapers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "reaper" in thread.name]


def test_the_reaper_runs_once_from_its_start_to_dispose(tmp_path: Path) -> None:
    with Instance.local_temp(str(tmp_path)) as instance:
        assert not reapers()
        instance.start_reaper()
        instance.start_reaper()
        assert len(reapers()) == 1
    assert not reapers()


def test_an_ephemeral_instance_has_no_reaper(instance: Instance) -> None:
    instance.start_reaper()
    assert not reapers()


def test_the_reaper_ends_the_run_of_a_process_that_is_gone_and_tells_of_it(
    tmp_path: Path, eventually: Eventually
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    holder = holder_of(gone.pid)
    gone.wait(30)
    with Instance.local_temp(str(tmp_path), overrides=QUICK) as instance:
        run, _ = instance.create_held_run(talking, holder=holder)
        heard: list[EventLogRecord] = []
        instance.add_event_listener(run.run_id, heard.append)
        instance.start_reaper()
        eventually(lambda: heard and instance.require_run(run.run_id).is_finished)
        data = heard[-1].event_log_entry.get_event().event_specific_data
        assert isinstance(data, RunFailureData)
        assert data.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION
        assert instance.require_run(run.run_id).status is RunStatus.FAILURE
