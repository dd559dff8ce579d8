from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugwork import Instance, RunStatus
from plugwork.model import make_run_id
from plugwork_testkit.instances import open_instance
from plugwork_testkit.jobs import Signposts, failing, store_run, waiting
from plugwork_testkit.waiting import Eventually


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with open_instance(tmp_path / "home", run_launcher="in_process") as instance:
        yield instance


def test_launching_returns_when_the_run_has_ended(instance: Instance) -> None:
    good, bad = store_run(instance), store_run(instance, failing)
    assert instance.launch_run(good.run_id).status is RunStatus.SUCCESS
    assert instance.launch_run(bad.run_id).status is RunStatus.FAILURE
    assert not instance.run_launcher.terminate(good.run_id)


def test_an_unknown_run_is_not_canceled(instance: Instance) -> None:
    assert not instance.run_launcher.terminate(make_run_id())


def test_another_thread_cancels_the_run_of_the_main_thread(
    instance: Instance, tmp_path: Path, eventually: Eventually
) -> None:
    posts = Signposts.in_folder(tmp_path)
    run = store_run(instance, waiting, posts)
    accepted: list[bool] = []

    def cancel() -> None:
        eventually(Path(posts.started).exists)
        accepted.append(instance.run_launcher.terminate(run.run_id))

    thread = threading.Thread(target=cancel)
    thread.start()
    assert instance.launch_run(run.run_id).status is RunStatus.CANCELED
    thread.join()
    assert accepted == [True]
    assert Path(posts.ended).exists()


def test_a_run_of_another_thread_is_out_of_reach(
    instance: Instance, tmp_path: Path, eventually: Eventually
) -> None:
    posts = Signposts.in_folder(tmp_path)
    run = store_run(instance, waiting, posts)
    thread = threading.Thread(target=instance.launch_run, args=(run.run_id,))
    thread.start()
    eventually(Path(posts.started).exists)
    assert not instance.run_launcher.terminate(run.run_id)
    Path(posts.go_on).touch()
    thread.join()
    assert instance.require_run(run.run_id).status is RunStatus.SUCCESS
