from __future__ import annotations

import hashlib
import io
import os
import pty
import stat
import sys
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from plugwork.abc import CapturedLogData, IOType
from plugwork_local.compute_logs import LocalComputeLogManager
from plugwork_testkit.captures import OpenComputeLogs, say
from plugwork_testkit.clock import ManualClock
from plugwork_testkit.compute_logs import ComputeLogsConformance
from plugwork_testkit.processes import running_elsewhere
from plugwork_testkit.waiting import Eventually

KEY = ["ns", "compute_logs", "stem"]


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[LocalComputeLogManager]:
    manager = LocalComputeLogManager(tmp_path / "logs", polling_timeout=0.01)
    yield manager
    manager.dispose()


class TestLocalComputeLogManager(ComputeLogsConformance):
    @pytest.fixture
    def open_compute_logs(self, tmp_path: Path) -> OpenComputeLogs:
        return partial(LocalComputeLogManager, str(tmp_path / "logs"))


def test_files_are_where_the_key_says_and_closed_to_others(
    manager: LocalComputeLogManager, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with manager.capture_logs(KEY):
        say("x")
    folder = tmp_path / "logs" / "ns" / "compute_logs"
    assert {path.name for path in folder.iterdir()} == {"stem.out", "stem.err", "stem.complete"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_long_stem_goes_by_its_md5(
    manager: LocalComputeLogManager, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with manager.capture_logs(["ns", "x" * 300]):
        say("x")
    digest = hashlib.md5(b"x" * 300).hexdigest()
    assert (tmp_path / "logs" / "ns" / f"{digest}.out").is_file()


def test_urls_escape_the_parts_of_a_key(manager: LocalComputeLogManager) -> None:
    told = manager.get_log_metadata(["run", "a b", "stem?"])
    assert told.stdout_download_url == "/logs/run/a%20b/stem%3F/out"
    assert told.stderr_download_url == "/logs/run/a%20b/stem%3F/err"


def test_listing_a_prefix_that_is_not_there_is_an_os_error(manager: LocalComputeLogManager) -> None:
    with pytest.raises(FileNotFoundError):
        manager.get_log_keys_for_log_key_prefix(["missing"], IOType.STDOUT)


def test_a_stream_without_descriptor_is_left_alone(
    manager: LocalComputeLogManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with manager.capture_logs(KEY):
        say("seen")
    assert stream.getvalue() == "seen"
    assert manager.get_log_data(KEY).stdout == b""


def test_no_stream_at_all_is_no_error(
    manager: LocalComputeLogManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with manager.capture_logs(KEY):
        pass
    assert manager.is_capture_complete(KEY)


def test_a_stream_that_user_code_closed_is_no_error(
    manager: LocalComputeLogManager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with open(tmp_path / "mine.txt", "w") as mine:
        monkeypatch.setattr(sys, "stdout", mine)
        with manager.capture_logs(KEY, echo=False):
            print("x")
            mine.close()
    assert manager.get_log_data(KEY).stdout == b"x\n"


def test_a_capture_that_cannot_begin_leaves_no_descriptor_open(
    manager: LocalComputeLogManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> int:
        raise OSError(24, "Too many open files")

    before = len(os.listdir("/dev/fd"))
    monkeypatch.setattr(os, "dup", refuse)
    with pytest.raises(OSError, match="Too many"), manager.capture_logs(KEY):
        pass
    assert len(os.listdir("/dev/fd")) == before


def test_a_console_that_is_gone_disturbs_nothing(
    manager: LocalComputeLogManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        os.close(reading)
        with manager.capture_logs(KEY):
            print("nobody sees this")
    assert manager.get_log_data(KEY).stdout == b"nobody sees this\n"
    assert manager.is_capture_complete(KEY)


def test_the_console_shows_output_while_the_capture_goes_on(
    manager: LocalComputeLogManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream, os.fdopen(reading) as console:
        monkeypatch.setattr(sys, "stdout", stream)
        with manager.capture_logs(KEY):
            print("live")
            assert console.readline() == "live\n"


def test_the_console_is_a_terminal_again_afterwards(
    manager: LocalComputeLogManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream, os.fdopen(ours) as terminal:
        monkeypatch.setattr(sys, "stdout", stream)
        with manager.capture_logs(KEY):
            assert not stream.isatty()
            print("inside")
            assert terminal.readline() == "inside\n"
        assert stream.isatty()


class FinishedRuns:
    """Knows the runs that are finished."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def __call__(self, run_id: str) -> bool:
        return run_id in self.ids


def test_a_killed_capture_is_complete_once_its_run_is_finished(tmp_path: Path) -> None:
    finished = FinishedRuns()
    manager = LocalComputeLogManager(tmp_path, run_finished=finished)
    key = [str(uuid.uuid4()), "compute_logs", "stem"]
    assert not manager.is_capture_complete(key)
    finished.ids.add(key[0])
    assert manager.is_capture_complete(key)
    assert not manager.is_capture_complete(["ns", "stem"])


def test_a_subscriber_gets_a_complete_capture_at_once(
    manager: LocalComputeLogManager, capfd: pytest.CaptureFixture[str]
) -> None:
    with manager.capture_logs(KEY):
        say("out", "err")
    got: list[CapturedLogData] = []
    subscription = manager.subscribe(KEY)(got.append)
    assert [(data.stdout, data.stderr, data.cursor) for data in got] == [(b"out", b"err", "3:3")]
    assert subscription.is_complete


def test_a_subscriber_gets_what_comes_later_until_the_capture_ends(
    manager: LocalComputeLogManager,
    eventually: Eventually,
    capfd: pytest.CaptureFixture[str],
) -> None:
    got: list[bytes] = []

    def observe(data: CapturedLogData) -> None:
        got.append(data.stdout or b"")

    with manager.capture_logs(KEY):
        subscription = manager.subscribe(KEY)(observe)
        assert not got
        say("one")
        eventually(lambda: got == [b"one"])
        say("two")
        eventually(lambda: got == [b"one", b"two"])
        assert not subscription.is_complete
    eventually(lambda: subscription.is_complete)
    assert got == [b"one", b"two"]


def test_a_subscriber_gets_much_in_pieces_and_goes_on_at_its_cursor(
    manager: LocalComputeLogManager, capfd: pytest.CaptureFixture[str]
) -> None:
    with manager.capture_logs(KEY, echo=False):
        say("x" * (5 << 19))
    got: list[int] = []
    subscription = manager.subscribe(KEY, cursor="10:0")
    subscription(lambda data: got.append(len(data.stdout or b"")))
    assert got == [1 << 20, 1 << 20, (1 << 19) - 10]


def test_an_unsubscribed_observer_is_told_nothing_more(
    manager: LocalComputeLogManager, capfd: pytest.CaptureFixture[str], eventually: Eventually
) -> None:
    first: list[CapturedLogData] = []
    second: list[CapturedLogData] = []
    with manager.capture_logs(KEY):
        gone = manager.subscribe(KEY)(first.append)
        manager.subscribe(KEY)(second.append)
        manager.unsubscribe(gone)
        say("x")
        eventually(lambda: second)
    assert gone.is_complete
    assert not first


def test_an_observer_that_fails_does_not_silence_the_others(
    manager: LocalComputeLogManager,
    eventually: Eventually,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: CapturedLogData) -> None:
        raise KeyError("observer")

    got: list[CapturedLogData] = []
    with manager.capture_logs(KEY):
        failing = manager.subscribe(KEY)(fail)
        manager.subscribe(KEY)(got.append)
        say("x")
        eventually(lambda: got and failing.is_complete)
        before = len(got)
        say("y")
        eventually(lambda: len(got) > before)
    assert "the observer of a compute log failed" in caplog.text


def capture_with_a_manual_clock(base_dir: str) -> None:
    """Show that the end of a capture needs no time to pass."""
    with LocalComputeLogManager(base_dir, clock=ManualClock()).capture_logs(KEY):
        print("echoed")


def test_the_rest_is_echoed_at_the_end_without_waiting(tmp_path: Path) -> None:
    with running_elsewhere(capture_with_a_manual_clock, str(tmp_path)) as process:
        out, _ = process.communicate()
    assert out.startswith(b"echoed\n")
