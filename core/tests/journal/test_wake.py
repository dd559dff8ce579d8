"""An announcement wakes whoever listens for that run, and harms nobody when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plugwork.journal.wake import Listener, announce

pytestmark = pytest.mark.skipif(os.name == "nt", reason="only on systems with local sockets")


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The run-time directory of the test; its path is short, as a socket's must be."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder) / "plugwork"


def test_an_announcement_wakes_every_listener_of_its_run() -> None:
    with Listener("place", "run") as one, Listener("place", "run") as other:
        announce("place", "run")
        assert one.wait(10)
        assert other.wait(10)


def test_an_announcement_before_the_waiting_is_not_missed() -> None:
    with Listener("place", "run") as listener:
        for _ in range(5):
            announce("place", "run")
        assert listener.wait(10)
        assert not listener.wait(0), "several announcements wake once"


def test_other_runs_and_other_places_do_not_wake() -> None:
    with Listener("place", "run") as listener:
        announce("place", "other")
        announce("other", "run")
        assert not listener.wait(0)


def test_a_waiting_listener_is_woken_by_another_process() -> None:
    code = "from plugwork.journal.wake import announce; announce('place', 'run')"
    with Listener("place", "run") as listener, ThreadPoolExecutor(1) as pool:
        woken = pool.submit(listener.wait, 30)
        subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
        assert woken.result(timeout=30)


def test_announcing_to_nobody_leaves_nothing(runtime: Path) -> None:
    announce("place", "run")
    assert not runtime.exists()


def test_closing_leaves_nothing_behind(runtime: Path) -> None:
    listener = Listener("place", "run")
    assert len(list(runtime.rglob("*-*"))) == 1
    listener.close()
    listener.close()
    assert list(runtime.iterdir()) == []


def test_what_a_killed_listener_left_is_cleared_away(runtime: Path) -> None:
    code = (
        "import os, signal; from plugwork.journal.wake import Listener;"
        "listener = Listener('place', 'run'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
    assert len(list(runtime.rglob("*-*"))) == 1
    with Listener("place", "run") as listener:
        announce("place", "run")
        assert listener.wait(10)
        assert len(list(runtime.rglob("*-*"))) == 1
    assert list(runtime.iterdir()) == []


def test_a_listener_that_does_not_read_stops_nobody() -> None:
    with Listener("place", "run") as listener:
        for _ in range(2000):
            announce("place", "run")
        assert listener.wait(10)


def test_the_directory_is_for_this_user_alone(runtime: Path) -> None:
    with Listener("place", "run") as listener:
        assert listener.can_be_woken
        modes = {path.stat().st_mode & 0o777 for path in [runtime, *runtime.iterdir()]}
        assert modes == {0o700}


def test_a_directory_that_others_may_write_into_is_not_used(runtime: Path) -> None:
    runtime.mkdir()
    runtime.chmod(0o777)
    with Listener("place", "run") as listener:
        assert not listener.can_be_woken
        announce("place", "run")
        assert not listener.wait(0)
    assert list(runtime.iterdir()) == []


def test_a_link_in_place_of_the_directory_is_not_followed(runtime: Path, tmp_path: Path) -> None:
    runtime.symlink_to(tmp_path)
    with Listener("place", "run") as listener:
        assert not listener.can_be_woken
    assert list(tmp_path.iterdir()) == []


def test_a_directory_too_long_for_a_socket_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    with Listener("place", "run") as listener:
        assert listener.can_be_woken
        announce("place", "run")
        assert listener.wait(10)
    assert list(long.iterdir()) == []


def test_many_may_come_and_go_at_once() -> None:
    def come_and_go(_: int) -> bool:
        with Listener("place", "run") as listener:
            announce("place", "run")
            return listener.can_be_woken and listener.wait(10)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(come_and_go, range(200), timeout=60))
