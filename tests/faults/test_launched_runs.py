"""Runs that a launcher gave a process of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faultkit import homes
from faultkit.checks import check_instance
from faultkit.homes import PIPELINES, Home

from plugwork.model import EventType, Run, RunFailureData, RunFailureReason, RunStatus
from plugwork_testkit.waiting import eventually

SUBMITTING = Path(homes.__file__).with_name("submitting.py")


@contextmanager
def submitting(home: Home, target: str, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Let another process submit a run and stay; give the run's id and the process."""
    program = [sys.executable, str(SUBMITTING), str(home.path), target, *words]
    with subprocess.Popen(
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=home.environment(),
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
        process.communicate("\n" if process.poll() is None else None)


def held(job: str = "held") -> str:
    return f"{PIPELINES / 'held.py'}:{job}"


def worker_of(home: Home, run_id: str) -> int:
    with home.instance() as instance:
        (lease,) = (one for one in instance.storage.get_leases("run") if one.key == run_id)
    assert lease.holder is not None
    return lease.holder.pid


def run_of(home: Home, run_id: str) -> Run:
    with home.instance() as instance:
        return instance.require_run(run_id)


def end_of(home: Home, run_id: str) -> tuple[str, RunFailureData]:
    with home.instance() as instance:
        (entry,) = instance.all_logs(run_id, of_type=EventType.RUN_FAILURE)
    data = entry.get_event().event_specific_data
    assert isinstance(data, RunFailureData)
    return entry.message, data


def test_a_killed_worker_is_told_by_its_launcher(home: Home) -> None:
    with submitting(home, held()) as (run_id, _):
        eventually((home.signs / "go-on.reached").exists)
        pid = worker_of(home, run_id)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: run_of(home, run_id).is_finished)
    message, data = end_of(home, run_id)
    assert f"pid {pid}" in message
    assert "SIGKILL" in message
    assert data.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION
    assert check_instance(home.path) == []


def test_a_killed_worker_without_a_launcher_ends_with_the_next_command(home: Home) -> None:
    assert home.run("run", "--detach", held()).wait() == 0
    eventually((home.signs / "go-on.reached").exists)
    with home.instance() as instance:
        (run,) = instance.get_runs()
    os.kill(worker_of(home, run.run_id), signal.SIGKILL)
    following = home.run("runs", "list")
    assert "its worker is gone" in following.errors()
    assert run_of(home, run.run_id).status is RunStatus.FAILURE
    assert check_instance(home.path) == []
    assert home.processes() == []


def test_a_worker_outlives_its_launcher(home: Home) -> None:
    with submitting(home, held()) as (run_id, launcher):
        launcher.kill()
        launcher.wait()
        eventually((home.signs / "go-on.reached").exists)
        assert home.run("runs", "list").wait() == 0
        assert run_of(home, run_id).status is RunStatus.STARTED
        home.give_sign("go-on")
        eventually(lambda: run_of(home, run_id).is_finished)
    assert run_of(home, run_id).status is RunStatus.SUCCESS
    assert check_instance(home.path) == []
    eventually(lambda: not home.processes())


def test_launcher_and_worker_killed_together_leave_a_run_that_ends(home: Home) -> None:
    with submitting(home, held()) as (run_id, launcher):
        launcher.kill()
        launcher.wait()
        eventually((home.signs / "go-on.reached").exists)
        for pid in home.processes():
            os.kill(pid, signal.SIGKILL)
    assert home.run("runs", "list").wait() == 0
    assert run_of(home, run_id).status is RunStatus.FAILURE
    assert check_instance(home.path) == []


def test_a_worker_that_cannot_load_its_code_fails_its_run_with_the_import_error(
    home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "code" / "job_file.py"
    file.parent.mkdir()
    file.write_text((PIPELINES / "failing.py").read_text().replace("import signs\n", ""))
    with submitting(home, str(file), "stored") as (run_id, process):
        file.write_text(file.read_text().replace("\n@op", "\nimport no_such_module\n\n\n@op", 1))
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        eventually(lambda: run_of(home, run_id).is_finished)
    message, data = end_of(home, run_id)
    assert "no_such_module" in message
    assert data.failure_reason is RunFailureReason.JOB_INITIALIZATION_FAILURE
    assert check_instance(home.path) == []
    shown = home.run("runs", "show", run_id)
    assert "no_such_module" in "".join(shown.output().splitlines()[:4])


def test_a_job_that_changed_after_it_was_submitted_is_not_run(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "code" / "job_file.py"
    file.parent.mkdir()
    text = (PIPELINES / "failing.py").read_text().replace("import signs\n", "")
    file.write_text(text)
    with submitting(home, str(file), "stored") as (run_id, process):
        file.write_text(text.replace("fifth(fourth(third(", "fourth(fifth(third("))
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        eventually(lambda: run_of(home, run_id).is_finished)
    message, _ = end_of(home, run_id)
    assert "has changed since the run was submitted" in message
    with home.instance() as instance:
        assert instance.event_log_storage.get_step_attempts(run_id) == []
    assert check_instance(home.path) == []


def test_a_terminated_worker_fails_its_run_and_lets_finally_blocks_run(home: Home) -> None:
    with submitting(home, held("retried")) as (run_id, _):
        eventually((home.signs / "go-on.reached").exists)
        os.kill(worker_of(home, run_id), signal.SIGTERM)
        eventually(lambda: run_of(home, run_id).is_finished)
    _, data = end_of(home, run_id)
    assert data.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION
    assert (home.signs / "finally.0").exists()
    assert not (home.signs / "finally.1").exists()
    assert check_instance(home.path) == []


def test_a_canceled_worker_cancels_its_run(home: Home) -> None:
    with submitting(home, held("retried")) as (run_id, _):
        eventually((home.signs / "go-on.reached").exists)
        canceled = home.run("runs", "cancel", run_id)
        assert canceled.wait() == 0, canceled.errors()
        eventually(lambda: run_of(home, run_id).is_finished)
    assert run_of(home, run_id).status is RunStatus.CANCELED
    assert (home.signs / "finally.0").exists()
    assert check_instance(home.path) == []
