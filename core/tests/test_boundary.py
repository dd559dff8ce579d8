"""The boundary around user code, and what a signal does on either side of it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from plugwork.boundary import (
    capture_interrupts,
    check_for_interrupt,
    last_interrupt,
    pop_captured_interrupt,
    raise_execution_interrupts,
    raise_interrupts_as,
    user_code_error_boundary,
)
from plugwork.errors import (
    CheckError,
    ExecutionInterruptedError,
    InvariantViolationError,
    StepExecutionError,
    TypeCheckError,
    UserCodeExecutionError,
)
from plugwork.execution.log import LogManager
from plugwork.model import SerializableErrorInfo
from plugwork.redaction import LOGGER, SWITCH, redacted_id

STEP: dict[str, Any] = {"step_key": "a.b", "op_name": "b", "op_def_name": "b_def"}


def never() -> str:
    raise AssertionError("the message was built although nothing failed")


def raise_in_user_code() -> None:
    raise ValueError("wrong")


class OddError(Exception):
    """Not an error of user code."""


class LongError(UserCodeExecutionError):
    """Has an argument that may be left out."""

    def __init__(self, *args: object, place: str, hint: str = "", **kwargs: Any) -> None:
        self.place = place
        self.hint = hint
        super().__init__(*args, **kwargs)


def test_an_error_of_user_code_is_wrapped_with_its_origin() -> None:
    boundary = user_code_error_boundary(StepExecutionError, lambda: "while running b", **STEP)
    with pytest.raises(StepExecutionError, match="while running b") as caught, boundary:
        raise_in_user_code()
    error = caught.value
    assert isinstance(error.user_exception, ValueError)
    assert error.__cause__ is error.user_exception
    assert error.is_user_code_error
    assert (error.step_key, error.op_name, error.op_def_name) == ("a.b", "b", "b_def")
    kind, value, trace = error.original_exc_info
    assert (kind, value) == (ValueError, error.user_exception)
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    assert trace is not None
    assert trace.tb_frame.f_code.co_name == "raise_in_user_code"


def test_an_error_of_plugwork_passes_unchanged() -> None:
    ours = InvariantViolationError("ours")
    boundary = user_code_error_boundary(TypeCheckError, never)
    with pytest.raises(InvariantViolationError) as caught, boundary:
        raise ours
    assert caught.value is ours


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, ExecutionInterruptedError])
def test_what_is_no_exception_passes_unwrapped(kind: type[BaseException]) -> None:
    raised = kind("out")
    with pytest.raises(kind) as caught, user_code_error_boundary(TypeCheckError, never):
        raise raised
    assert caught.value is raised


def test_the_message_is_not_built_when_nothing_fails() -> None:
    with user_code_error_boundary(TypeCheckError, never):
        pass


@pytest.mark.parametrize("wrong", [OddError, InvariantViolationError, "StepExecutionError"])
def test_a_class_that_is_no_user_code_error_is_refused_at_once(wrong: Any) -> None:
    with pytest.raises(CheckError, match="is not a UserCodeExecutionError"):
        user_code_error_boundary(wrong, never)


@pytest.mark.parametrize(
    "given",
    [{}, {"step_key": "a"}, {**STEP, "colour": "red"}, {**STEP, "user_exception": ValueError()}],
)
def test_arguments_that_do_not_fit_the_class_are_refused_before_the_body(
    given: dict[str, Any],
) -> None:
    with pytest.raises(CheckError, match="needs op_def_name, op_name, step_key"):
        user_code_error_boundary(StepExecutionError, never, **given)


def test_an_argument_with_a_default_may_be_left_out() -> None:
    boundary = user_code_error_boundary(LongError, lambda: "no", place="here")
    with pytest.raises(LongError) as caught, boundary:
        raise_in_user_code()
    assert (caught.value.place, caught.value.hint) == ("here", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_user_code_interrupts_it_at_once(number: signal.Signals) -> None:
    reached = []

    def run_user_code() -> None:
        with user_code_error_boundary(TypeCheckError, never):
            signal.raise_signal(number)
            reached.append("after")

    with capture_interrupts():
        with pytest.raises(ExecutionInterruptedError, match=number.name):
            run_user_code()
        assert not reached
        assert check_for_interrupt() is None
        assert last_interrupt() is number


def test_a_captured_signal_only_sets_a_flag() -> None:
    with capture_interrupts():
        assert check_for_interrupt() is None
        signal.raise_signal(signal.SIGTERM)
        assert check_for_interrupt() is signal.SIGTERM
        assert pop_captured_interrupt() is signal.SIGTERM
        assert check_for_interrupt() is None
        assert pop_captured_interrupt() is None


def test_a_captured_signal_is_raised_on_entering_user_code() -> None:
    entered = []
    with capture_interrupts():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(OddError), raise_interrupts_as(OddError):
            entered.append("body")
        assert not entered
        assert check_for_interrupt() is None
        signal.raise_signal(signal.SIGINT)
        assert pop_captured_interrupt() is signal.SIGINT


def test_capturing_within_user_code_masks_until_it_is_left() -> None:
    done = []

    def log_from_user_code() -> None:
        with raise_execution_interrupts():
            with capture_interrupts():
                signal.raise_signal(signal.SIGINT)
                done.append("whole")
            done.append("torn")

    with capture_interrupts(), pytest.raises(ExecutionInterruptedError):
        log_from_user_code()
    assert done == ["whole"]


def test_an_error_leaving_a_masked_block_is_not_replaced_by_the_signal() -> None:
    def fail_in_user_code() -> None:
        with raise_execution_interrupts(), capture_interrupts():
            signal.raise_signal(signal.SIGINT)
            raise OddError

    with capture_interrupts():
        with pytest.raises(OddError):
            fail_in_user_code()
        assert pop_captured_interrupt() is signal.SIGINT


def test_leaving_a_block_restores_what_a_signal_did_before() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with capture_interrupts():
        with raise_interrupts_as(OddError):
            pass
        signal.raise_signal(signal.SIGINT)
        assert pop_captured_interrupt() is signal.SIGINT
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.fixture
def heard() -> Any:
    numbers: list[int] = []
    outer = signal.signal(signal.SIGTERM, lambda number, _: numbers.append(number))
    yield numbers
    signal.signal(signal.SIGTERM, outer)


def test_a_signal_that_nobody_took_reaches_the_outer_handler(heard: list[int]) -> None:
    with capture_interrupts():
        signal.raise_signal(signal.SIGTERM)
        assert heard == []
    assert heard == [signal.SIGTERM]


def test_a_signal_that_was_taken_is_not_delivered_again(heard: list[int]) -> None:
    with capture_interrupts():
        signal.raise_signal(signal.SIGTERM)
        pop_captured_interrupt()
    assert heard == []


def test_a_new_outermost_block_forgets_earlier_signals(heard: list[int]) -> None:
    with capture_interrupts():
        signal.raise_signal(signal.SIGTERM)
        pop_captured_interrupt()
    with capture_interrupts():
        assert last_interrupt() is None


def in_thread(work: Callable[[], None]) -> BaseException | None:
    """Return what the work raised."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).exception(timeout=10)


def test_in_another_thread_the_blocks_do_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)

    def work() -> None:
        with capture_interrupts(), raise_execution_interrupts():
            assert signal.getsignal(signal.SIGINT) is before

    assert in_thread(work) is None


def test_another_threads_block_does_not_switch_the_main_thread() -> None:
    def work() -> None:
        with raise_execution_interrupts():
            signal.raise_signal(signal.SIGINT)

    with capture_interrupts():
        assert in_thread(work) is None
        assert pop_captured_interrupt() is signal.SIGINT


def test_an_error_in_another_thread_is_wrapped_all_the_same() -> None:
    def work() -> None:
        with user_code_error_boundary(TypeCheckError, lambda: "no"):
            raise_in_user_code()

    assert isinstance(in_thread(work), TypeCheckError)


LOOPS = """
import os, signal, sys, threading
from plugwork.boundary import (capture_interrupts, check_for_interrupt, pop_captured_interrupt,
                               raise_execution_interrupts)
from plugwork.errors import ExecutionInterruptedError
import plugwork.boundary as boundary

def fire():
    for _ in range(int(sys.argv[1])):
        seen.wait(10)
        seen.clear()
        os.kill(os.getpid(), signal.SIGINT)

seen = threading.Event()
count = 0
with capture_interrupts():
    thread = threading.Thread(target=fire)
    thread.start()
    seen.set()
    while count < int(sys.argv[1]):
        try:
            with raise_execution_interrupts():
                with capture_interrupts():
                    pass
        except ExecutionInterruptedError:
            count += 1
            seen.set()
        assert boundary._raise_as is None, "a block was left half open"
        assert boundary._depth == 1, "a block was not closed"
        if pop_captured_interrupt():
            count += 1
            seen.set()
    thread.join()
print(count)
"""


@pytest.mark.skipif(os.name == "nt", reason="only on systems with signals between processes")
def test_signals_at_any_moment_leave_no_block_half_open() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOPS, "300"], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("300", "")


class Kept(logging.Handler):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def redacted_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    monkeypatch.setenv(SWITCH, "1")
    kept = Kept()
    logger = logging.getLogger(LOGGER)
    logger.addHandler(kept)
    yield kept
    logger.removeHandler(kept)


def raise_in_step(error: Exception) -> UserCodeExecutionError:
    boundary = user_code_error_boundary(StepExecutionError, lambda: "while running b", **STEP)
    with pytest.raises(StepExecutionError) as caught, boundary:
        raise error
    return caught.value


def test_a_masked_error_is_written_to_its_logger_alone(
    redacted_log: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_all = Kept()
    monkeypatch.setattr(logging.getLogger(), "handlers", [of_all])
    monkeypatch.setattr(logging.getLogger("plugwork"), "handlers", [of_all])
    error = raise_in_step(ValueError("hunter2"))
    info = SerializableErrorInfo.from_exception(error)
    text = info.to_string()
    assert "hunter2" not in text
    assert "raise_in_step" not in text
    assert info.cls_name == "StepExecutionError"
    assert info.cause is not None
    error_id = redacted_id(error.user_exception)
    assert str(error_id) in info.cause.message
    assert info.summary() == info.cause.message.strip()
    [written] = redacted_log.lines
    assert str(error_id) in written
    assert "ValueError: hunter2" in written
    assert "raise_in_step" in written
    assert of_all.lines == []


def test_an_error_that_crosses_two_borders_is_masked_once(redacted_log: Kept) -> None:
    outer = user_code_error_boundary(TypeCheckError, lambda: "outer")
    inner = user_code_error_boundary(StepExecutionError, lambda: "inner", **STEP)
    with pytest.raises(StepExecutionError, match="inner"), outer, inner:
        raise ValueError("hunter2")
    assert len(redacted_log.lines) == 1


def test_an_error_of_ours_that_user_code_raises_is_masked_too(redacted_log: Kept) -> None:
    boundary = user_code_error_boundary(TypeCheckError, lambda: "x")
    with pytest.raises(InvariantViolationError) as caught, boundary:
        raise InvariantViolationError("hunter2")
    assert "hunter2" not in SerializableErrorInfo.from_exception(caught.value).to_string()
    assert len(redacted_log.lines) == 1


@pytest.mark.parametrize("text", ["", "0", "false", "OFF", "no"])
def test_nothing_is_masked_unless_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(SWITCH, text)
    info = SerializableErrorInfo.from_exception(raise_in_step(ValueError("plain")))
    assert info.cause is not None
    assert info.cause.message == "ValueError: plain\n"


def test_a_log_manager_takes_meanwhile_what_managed_loggers_say() -> None:
    kept = Kept()
    library, other = logging.getLogger("pw_library"), logging.getLogger("pw_other")
    manager = LogManager(kept, managed_loggers=[library])
    library.error("before")
    boundary = user_code_error_boundary(TypeCheckError, lambda: "x", log_manager=manager)

    def work() -> None:
        library.error("within")
        other.error("of another")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(library.error, "of another thread").result()
        raise_in_user_code()

    with pytest.raises(TypeCheckError), boundary:
        work()
    library.error("after")
    assert kept.lines == ["within"]
    assert library.handlers == []


def test_a_log_manager_leaves_out_what_is_below_its_level() -> None:
    kept = Kept()
    library = logging.getLogger("pw_library")
    manager = LogManager(kept, logging.ERROR, [library])
    with manager.capture_python_logs():
        library.warning("less")
        library.error("enough")
    assert kept.lines == ["enough"]
