from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from plugwork import Instance, Run, RunStatus
from plugwork.abc import LaunchRunContext, WorkerStatus
from plugwork.errors import LaunchFailedError
from plugwork.model import EventType, Holder
from plugwork.plugin import current_holder
from plugwork_local.ending import find_lease
from plugwork_testkit.instances import open_instance
from plugwork_testkit.jobs import Signposts, quick, store_run, unstoppable, waiting
from plugwork_testkit.launcher import LauncherConformance, types_of
from plugwork_testkit.waiting import Eventually

GRACE = 0.5


class TestSubprocessRunLauncher(LauncherConformance):
    @pytest.fixture
    def run_launcher(self) -> Any:
        return "subprocess"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    settings = {"grace": GRACE, "environment": ["SECRET_OF_*"]}
    with open_instance(tmp_path / "home", run_launcher={"subprocess": settings}) as instance:
        yield instance


@pytest.fixture
def posts(tmp_path: Path) -> Signposts:
    return Signposts.in_folder(tmp_path)


@pytest.fixture
def start(
    instance: Instance, posts: Signposts, eventually: Eventually
) -> Iterator[Callable[..., Run]]:
    """Launch a run of a job that goes on, and wait until its op has begun."""

    def launch(job_def: Any = waiting) -> Run:
        run = store_run(instance, job_def, posts)
        instance.launch_run(run.run_id)
        eventually(Path(posts.started).exists)
        return run

    yield launch
    Path(posts.go_on).touch()


def holder_of(instance: Instance, run: Run) -> Holder:
    lease = find_lease(instance.storage, run.run_id)
    assert lease is not None
    assert lease.holder is not None
    return lease.holder


def messages(instance: Instance, run: Run) -> list[str]:
    return [entry.message or "" for entry in instance.all_logs(run.run_id)]


def with_interpreter(instance: Instance, interpreter: Path) -> Run:
    """Store a run that asks for an interpreter of its own."""
    code = store_run(instance).job_code_origin
    assert code is not None
    origin = attrs.evolve(code, code=attrs.evolve(code.code, interpreter=str(interpreter)))
    return instance.create_run_for_job(quick, job_code_origin=origin)


def test_a_worker_has_a_session_of_its_own_and_a_closed_log(
    instance: Instance, start: Callable[..., Run]
) -> None:
    run = start()
    pid = holder_of(instance, run).pid
    assert pid != os.getpid()
    assert os.getsid(pid) == pid
    folder = Path(instance.storage_directory()) / run.run_id / "compute_logs"
    assert stat.S_IMODE((folder / "worker.log").stat().st_mode) == 0o600


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux: reads /proc")
def test_a_worker_gets_what_is_listed_of_the_environment(
    instance: Instance, start: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "passed")
    monkeypatch.setenv("SECRET", "kept")
    pid = holder_of(instance, start()).pid
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert b"SECRET_OF_MINE=passed" in variables
    assert b"SECRET=kept" not in variables


def test_a_killed_worker_fails_its_run_and_the_signal_is_told(
    instance: Instance, start: Callable[..., Run], eventually: Eventually
) -> None:
    run = start()
    eventually(lambda: EventType.STEP_START in types_of(instance, run.run_id))
    pid = holder_of(instance, run).pid
    os.kill(pid, signal.SIGKILL)
    instance.run_launcher.join()
    assert instance.require_run(run.run_id).status is RunStatus.FAILURE
    assert f"The run's worker (pid {pid}) was killed by SIGKILL." in messages(instance, run)
    types = types_of(instance, run.run_id)
    assert types[-2:] == [EventType.STEP_FAILURE, EventType.RUN_FAILURE]


def test_a_worker_that_would_not_stop_is_killed_and_that_is_told(
    instance: Instance, start: Callable[..., Run], posts: Signposts
) -> None:
    run = start(unstoppable)
    pid = holder_of(instance, run).pid
    assert instance.run_launcher.terminate(run.run_id)
    instance.run_launcher.join()
    assert Path(posts.ended).exists()
    assert instance.require_run(run.run_id).status is RunStatus.CANCELED
    told = f"The worker (pid {pid}) did not stop within 0.5 s, so it is killed (SIGKILL)."
    assert told in messages(instance, run)


def test_a_run_is_canceled_from_another_process_than_launched_it(
    instance: Instance, start: Callable[..., Run]
) -> None:
    run = start()
    with Instance.from_ref(instance.get_ref()) as other:
        assert other.run_launcher.terminate(run.run_id)
        other.run_launcher.join()
        assert other.require_run(run.run_id).status is RunStatus.CANCELED


def test_a_worker_that_would_not_stop_is_killed_from_another_process(
    instance: Instance, start: Callable[..., Run]
) -> None:
    run = start(unstoppable)
    instance.run_launcher.dispose()
    with Instance.from_ref(instance.get_ref()) as other:
        assert other.run_launcher.terminate(run.run_id)
        other.run_launcher.join()
        assert other.require_run(run.run_id).status is RunStatus.CANCELED


def test_a_run_whose_worker_is_dead_is_canceled_at_once(
    instance: Instance, start: Callable[..., Run], eventually: Eventually
) -> None:
    run = start()
    instance.run_launcher.dispose()
    os.kill(holder_of(instance, run).pid, signal.SIGKILL)
    with Instance.from_ref(instance.get_ref()) as other:
        health = other.run_launcher.check_run_worker_health
        eventually(lambda: health(run).status is WorkerStatus.FAILED)
        assert other.run_launcher.terminate(run.run_id)
        assert other.require_run(run.run_id).status is RunStatus.CANCELED


def test_a_run_nobody_holds_is_canceled_at_once(instance: Instance) -> None:
    run = store_run(instance)
    assert instance.run_launcher.terminate(run.run_id)
    assert instance.require_run(run.run_id).status is RunStatus.CANCELED


def test_a_run_is_canceled_while_its_worker_starts(instance: Instance, posts: Signposts) -> None:
    run = store_run(instance, waiting, posts)
    instance.launch_run(run.run_id)
    assert instance.run_launcher.terminate(run.run_id)
    instance.run_launcher.join()
    assert instance.require_run(run.run_id).status is RunStatus.CANCELED


def test_a_worker_out_of_reach_is_not_said_to_be_stopped(instance: Instance) -> None:
    run = store_run(instance)
    elsewhere = attrs.evolve(current_holder(), host="elsewhere", boot_id="another")
    assert instance.storage.acquire_lease("run", run.run_id, elsewhere, 15) is not None
    assert not instance.run_launcher.terminate(run.run_id)
    assert "out of reach" in messages(instance, run)[-1]
    assert instance.require_run(run.run_id).status is RunStatus.NOT_STARTED
    health = instance.run_launcher.check_run_worker_health(run)
    assert health.status is WorkerStatus.UNKNOWN
    assert health.transient


def test_a_worker_that_dies_at_its_start_is_an_error_with_its_last_words(
    instance: Instance, tmp_path: Path
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho this python is broken\nexit 3\n")
    broken.chmod(0o700)
    run = with_interpreter(instance, broken)
    with pytest.raises(LaunchFailedError, match=r"exited with code 3.*python is broken"):
        instance.launch_run(run.run_id)
    assert instance.require_run(run.run_id).status is RunStatus.FAILURE
    assert "python is broken" in messages(instance, run)[-1]


def test_an_interpreter_that_is_not_there_is_an_error(instance: Instance, tmp_path: Path) -> None:
    run = with_interpreter(instance, tmp_path / "missing")
    with pytest.raises(LaunchFailedError, match="did not start"):
        instance.launch_run(run.run_id)
    assert instance.require_run(run.run_id).status is RunStatus.FAILURE


def test_a_run_without_code_origin_is_not_launched(instance: Instance) -> None:
    run = instance.create_run_for_job(quick)
    with pytest.raises(LaunchFailedError, match="no code origin"):
        instance.run_launcher.launch_run(LaunchRunContext(run))


def test_a_run_that_somebody_else_holds_is_not_launched(instance: Instance) -> None:
    run = store_run(instance)
    elsewhere = attrs.evolve(current_holder(), host="elsewhere")
    assert instance.storage.acquire_lease("run", run.run_id, elsewhere, 15) is not None
    with pytest.raises(LaunchFailedError, match="held by"):
        instance.run_launcher.launch_run(LaunchRunContext(run))
