"""What a capture of every compute log manager must do."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from plugwork.abc import CapturedLogContext, ComputeLogManager
from plugwork.errors import CaptureBusyError
from plugwork_testkit.processes import running_elsewhere

OpenComputeLogs = Callable[[], ComputeLogManager]


def say(out: str = "", err: str = "") -> None:
    """Write to both streams, as user code does."""
    print(out, end="")
    print(err, end="", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()


def led_where() -> tuple[list[int], int]:
    """Tell the files behind the two descriptors, and how many descriptors are open."""
    return [os.fstat(number).st_ino for number in (1, 2)], len(os.listdir("/dev/fd"))


def run_child(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def _capture_elsewhere(open_compute_logs: OpenComputeLogs, key: list[str]) -> None:
    with open_compute_logs().capture_logs(key):
        print("from another process")


def _capture_and_die(open_compute_logs: OpenComputeLogs, key: list[str]) -> None:
    with open_compute_logs().capture_logs(key):
        print("a last line")
        print("a last complaint", file=sys.stderr)
        os.kill(os.getpid(), signal.SIGKILL)


class CaptureChecks:
    """A part of :class:`~plugwork_testkit.compute_logs.ComputeLogsConformance`."""

    def test_all_that_a_process_writes_arrives_in_order_and_shows_on_the_console(
        self, compute_logs: ComputeLogManager, key: list[str], console: pytest.CaptureFixture[str]
    ) -> None:
        with compute_logs.capture_logs(key) as context:
            assert isinstance(context, CapturedLogContext)
            assert list(context.log_key) == key
            print("printed")
            os.write(1, b"written\n")
            run_child("import sys; print('child'); print('complaint', file=sys.stderr)")
            print("printed again")
        data = compute_logs.get_log_data(key)
        assert data.stdout == b"printed\nwritten\nchild\nprinted again\n"
        assert data.stderr == b"complaint\n"
        shown = console.readouterr()
        assert shown.out == "printed\nwritten\nchild\nprinted again\n"
        assert shown.err == "complaint\n"

    def test_the_console_is_left_alone_when_asked(
        self, compute_logs: ComputeLogManager, key: list[str], console: pytest.CaptureFixture[str]
    ) -> None:
        with compute_logs.capture_logs(key, echo=False):
            say("out", "err")
        assert console.readouterr() == ("", "")
        assert compute_logs.get_log_data(key).stdout == b"out"

    def test_output_is_read_while_the_capture_goes_on(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        with compute_logs.capture_logs(key):
            print("early")
            assert compute_logs.get_log_data(key).stdout == b"early\n"
            assert not compute_logs.is_capture_complete(key)
        assert compute_logs.is_capture_complete(key)

    def test_a_large_output_reaches_file_and_console_whole(
        self, compute_logs: ComputeLogManager, key: list[str], console: pytest.CaptureFixture[str]
    ) -> None:
        lines = "".join(f"line {number}\n" for number in range(50_000))
        with compute_logs.capture_logs(key):
            say(lines)
        assert compute_logs.get_log_data(key).stdout == lines.encode()
        assert console.readouterr().out == lines

    def test_the_streams_are_restored(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        with contextlib.ExitStack() as stack:
            before = led_where()
            stack.enter_context(compute_logs.capture_logs(key))
            say("out", "err")
            assert led_where() != before
        assert led_where() == before
        print("after")
        run_child("print('child')")
        assert compute_logs.get_log_data(key).stdout == b"out"

    def test_a_capture_whose_body_raises_is_not_complete(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        with pytest.raises(KeyError), compute_logs.capture_logs(key):
            raise KeyError
        assert not compute_logs.is_capture_complete(key)

    def test_a_key_that_is_captured_again_is_appended_to(
        self, compute_logs: ComputeLogManager, key: list[str], console: pytest.CaptureFixture[str]
    ) -> None:
        for text in ("first\n", "second\n"):
            with compute_logs.capture_logs(key):
                assert not compute_logs.is_capture_complete(key)
                say(text)
        assert compute_logs.get_log_data(key).stdout == b"first\nsecond\n"
        assert console.readouterr().out == "first\nsecond\n"

    def test_captures_of_one_thread_may_be_nested(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        inner = [*key[:-1], "inner"]
        with compute_logs.capture_logs(key):
            say("before ")
            with compute_logs.capture_logs(inner, echo=False):
                say("inside")
            say("after")
        assert compute_logs.get_log_data(key).stdout == b"before after"
        assert compute_logs.get_log_data(inner).stdout == b"inside"

    def test_another_thread_is_refused_while_one_captures(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        found: list[BaseException] = []

        def capture() -> None:
            try:
                with compute_logs.capture_logs([*key[:-1], "other"]):
                    say("stolen")
            except CaptureBusyError as error:
                found.append(error)

        with compute_logs.capture_logs(key):
            thread = threading.Thread(target=capture)
            thread.start()
            thread.join()
            say("kept")
        assert [type(error) for error in found] == [CaptureBusyError]
        assert compute_logs.get_log_data(key).stdout == b"kept"
        with compute_logs.capture_logs(key):
            say(" on")
        assert compute_logs.get_log_data(key).stdout == b"kept on"

    def test_a_killed_process_loses_nothing_that_it_printed(
        self,
        compute_logs: ComputeLogManager,
        open_compute_logs: OpenComputeLogs,
        key: list[str],
    ) -> None:
        with running_elsewhere(_capture_and_die, open_compute_logs, key) as process:
            process.communicate()
        assert process.returncode == -signal.SIGKILL
        data = compute_logs.get_log_data(key)
        assert (data.stdout, data.stderr) == (b"a last line\n", b"a last complaint\n")
        assert not compute_logs.is_capture_complete(key)

    def test_a_capture_of_another_process_is_read_here(
        self,
        compute_logs: ComputeLogManager,
        open_compute_logs: OpenComputeLogs,
        key: list[str],
    ) -> None:
        with running_elsewhere(_capture_elsewhere, open_compute_logs, key) as process:
            out, _ = process.communicate()
        assert out.startswith(b"from another process\n")
        assert compute_logs.get_log_data(key).stdout == b"from another process\n"
        assert compute_logs.is_capture_complete(key)
