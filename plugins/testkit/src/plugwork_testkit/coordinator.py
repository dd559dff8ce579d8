"""What every run coordinator must do."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugwork import Instance, RunStatus
from plugwork.model import EventType, make_run_id
from plugwork_testkit.instances import open_instance
from plugwork_testkit.jobs import Signposts, store_run, waiting
from plugwork_testkit.launcher import types_of
from plugwork_testkit.waiting import Eventually


class CoordinatorConformance:
    """Subclass it as ``TestMine``, and give the fixture that raises here.

    The instance stores in SQLite, launches processes and executes in them: ``plugwork[local]``
    must be installed. For a coordinator that queues, override the fixture ``instance`` with one
    that also has its loop run.
    """

    @pytest.fixture
    def run_coordinator(self) -> Any:
        """The section ``run_coordinator`` of ``plugwork.yaml``."""
        raise NotImplementedError("give the fixture run_coordinator")

    @pytest.fixture
    def instance(self, tmp_path: Path, run_coordinator: Any) -> Iterator[Instance]:
        sections = {"run_coordinator": run_coordinator, "run_launcher": "subprocess"}
        with open_instance(tmp_path / "home", **sections) as instance:
            yield instance
            instance.run_launcher.join()

    def test_a_submitted_run_comes_to_its_end(
        self, instance: Instance, eventually: Eventually
    ) -> None:
        submitted = instance.submit_run(store_run(instance).run_id)
        assert submitted.status is not RunStatus.NOT_STARTED
        eventually(lambda: instance.require_run(submitted.run_id).is_success)

    def test_a_run_that_is_submitted_twice_is_launched_once(
        self,
        instance: Instance,
        eventually: Eventually,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        run = store_run(instance)
        instance.submit_run(run.run_id)
        with caplog.at_level(logging.WARNING):
            again = instance.submit_run(run.run_id)
        assert again.run_id == run.run_id
        assert run.run_id in caplog.text
        eventually(lambda: instance.require_run(run.run_id).is_success)
        assert types_of(instance, run.run_id).count(EventType.RUN_START) == 1

    def test_a_canceled_run_is_not_launched_again(
        self, instance: Instance, tmp_path: Path, eventually: Eventually
    ) -> None:
        posts = Signposts.in_folder(tmp_path)
        run = store_run(instance, waiting, posts)
        instance.submit_run(run.run_id)
        eventually(Path(posts.started).exists)
        assert instance.run_coordinator.cancel_run(run.run_id)
        eventually(lambda: instance.require_run(run.run_id).is_finished)
        before = types_of(instance, run.run_id)
        assert instance.submit_run(run.run_id).status is RunStatus.CANCELED
        assert types_of(instance, run.run_id) == before
        assert not instance.run_coordinator.cancel_run(run.run_id)

    def test_an_unknown_run_is_not_canceled(self, instance: Instance) -> None:
        assert not instance.run_coordinator.cancel_run(make_run_id())
