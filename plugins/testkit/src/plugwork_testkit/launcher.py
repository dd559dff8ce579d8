"""What every launcher of worker processes must do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugwork import Instance, RunStatus
from plugwork.abc import WorkerStatus
from plugwork.model import EventType, make_run_id
from plugwork_testkit.instances import open_instance
from plugwork_testkit.jobs import Signposts, failing, store_run, waiting
from plugwork_testkit.waiting import Eventually


def types_of(instance: Instance, run_id: str) -> list[str]:
    """Return the types of a run's events, in order."""
    return [str(entry.event_type) for entry in instance.all_logs(run_id) if entry.event_type]


class LauncherConformance:
    """Subclass it as ``TestMine``, and give the fixture that raises here.

    The instance stores in SQLite and executes in process: ``plugwork[local]`` must be installed.
    """

    @pytest.fixture
    def run_launcher(self) -> Any:
        """The section ``run_launcher`` of ``plugwork.yaml``."""
        raise NotImplementedError("give the fixture run_launcher")

    @pytest.fixture
    def instance(self, tmp_path: Path, run_launcher: Any) -> Iterator[Instance]:
        with open_instance(tmp_path / "home", run_launcher=run_launcher) as instance:
            yield instance

    @pytest.fixture
    def posts(self, tmp_path: Path) -> Signposts:
        return Signposts.in_folder(tmp_path)

    @pytest.fixture
    def running(
        self, instance: Instance, posts: Signposts, eventually: Eventually
    ) -> Iterator[str]:
        """The id of a run that goes on until its post says so, or the test is over."""
        run = store_run(instance, waiting, posts)
        instance.launch_run(run.run_id)
        eventually(Path(posts.started).exists)
        yield run.run_id
        Path(posts.go_on).touch()
        instance.run_launcher.join()

    def test_a_run_is_executed_by_its_worker(self, instance: Instance) -> None:
        run = store_run(instance)
        instance.launch_run(run.run_id)
        instance.run_launcher.join()
        assert instance.require_run(run.run_id).status is RunStatus.SUCCESS
        types = types_of(instance, run.run_id)
        assert types[0] == EventType.RUN_STARTING
        assert types.count(EventType.RUN_START) == 1
        assert types.count(EventType.RUN_SUCCESS) == 1

    def test_a_run_that_fails_is_a_failure(self, instance: Instance) -> None:
        run = store_run(instance, failing)
        instance.launch_run(run.run_id)
        instance.run_launcher.join()
        assert instance.require_run(run.run_id).status is RunStatus.FAILURE

    def test_launching_does_not_wait_for_the_end(self, instance: Instance, running: str) -> None:
        assert instance.require_run(running).status is RunStatus.STARTED
        assert running in {lease.key for lease in instance.storage.get_leases("run")}

    def test_runs_go_on_beside_each_other(
        self, instance: Instance, running: str, eventually: Eventually
    ) -> None:
        other = store_run(instance)
        instance.launch_run(other.run_id)
        eventually(lambda: instance.require_run(other.run_id).is_success)
        with pytest.raises(TimeoutError, match=running):
            instance.run_launcher.join(timeout=0)
        assert instance.require_run(running).status is RunStatus.STARTED

    def test_code_that_cannot_be_loaded_fails_the_run(self, instance: Instance) -> None:
        run = store_run(instance, attribute="not_there")
        instance.launch_run(run.run_id)
        instance.run_launcher.join()
        assert instance.require_run(run.run_id).status is RunStatus.FAILURE
        assert "not_there" in str(instance.all_logs(run.run_id)[-1].message)

    def test_a_running_run_is_canceled(
        self, instance: Instance, running: str, posts: Signposts
    ) -> None:
        assert instance.run_launcher.terminate(running)
        instance.run_launcher.join()
        assert instance.require_run(running).status is RunStatus.CANCELED
        types = types_of(instance, running)
        begin = types.index(EventType.RUN_CANCELING)
        ends = [t for t in types[begin:] if t in (EventType.STEP_FAILURE, EventType.RUN_CANCELED)]
        assert ends == [EventType.STEP_FAILURE, EventType.RUN_CANCELED]
        assert Path(posts.ended).exists()

    def test_a_finished_run_is_not_canceled(self, instance: Instance) -> None:
        run = store_run(instance)
        instance.launch_run(run.run_id)
        instance.run_launcher.join()
        before = types_of(instance, run.run_id)
        assert not instance.run_launcher.terminate(run.run_id)
        assert types_of(instance, run.run_id) == before

    def test_an_unknown_run_is_not_canceled(self, instance: Instance) -> None:
        unknown = make_run_id()
        assert not instance.run_launcher.terminate(unknown)
        assert not instance.all_logs(unknown)

    def test_a_canceled_run_has_one_end(self, instance: Instance, running: str) -> None:
        assert instance.run_launcher.terminate(running)
        instance.run_launcher.terminate(running)
        instance.run_launcher.join()
        types = types_of(instance, running)
        assert types.count(EventType.RUN_CANCELING) == 1
        assert types.count(EventType.RUN_CANCELED) == 1
        assert not instance.run_launcher.terminate(running)

    def test_the_health_of_a_worker_is_told(self, instance: Instance, running: str) -> None:
        launcher = instance.run_launcher
        if not launcher.supports_check_run_worker_health:
            return
        alive = launcher.check_run_worker_health(instance.require_run(running))
        assert alive.status is WorkerStatus.RUNNING
        launcher.terminate(running)
        launcher.join()
        ended = launcher.check_run_worker_health(instance.require_run(running))
        assert ended.status is not WorkerStatus.RUNNING

    def test_disposing_of_the_launcher_ends_no_run(
        self, instance: Instance, posts: Signposts, running: str, eventually: Eventually
    ) -> None:
        instance.run_launcher.dispose()
        Path(posts.go_on).touch()
        eventually(lambda: instance.require_run(running).is_success)
