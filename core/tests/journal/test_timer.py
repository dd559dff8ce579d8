"""One thread does what is due, when it is due, and outlives what fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from plugwork.journal.timer import Timer

if TYPE_CHECKING:
    from conftest import ManualClock

    Eventually = Callable[[Callable[[], Any]], None]


@pytest.fixture
def timer(clock: ManualClock) -> Iterator[Timer]:
    timer = Timer(clock)
    yield timer
    timer.close()


def test_functions_are_called_once_in_the_order_of_their_times(
    timer: Timer, clock: ManualClock, eventually: Eventually
) -> None:
    called: list[str] = []
    timer.call_in(5.0, lambda: called.append("late"))
    timer.call_in(1.0, lambda: called.append("soon"))
    clock.advance(1.0)
    eventually(lambda: called == ["soon"])
    clock.advance(4.0)
    eventually(lambda: called == ["soon", "late"])
    clock.advance(100.0)
    assert called == ["soon", "late"]


def test_a_function_may_ask_to_be_called_again(
    timer: Timer, clock: ManualClock, eventually: Eventually
) -> None:
    called: list[float] = []

    def beat() -> None:
        called.append(clock.monotonic())
        timer.call_in(1.0, beat)

    timer.call_in(1.0, beat)
    for number in (1, 2, 3):
        clock.advance(1.0)
        eventually(lambda number=number: len(called) == number)


def test_a_cancelled_function_is_not_called(
    timer: Timer, clock: ManualClock, eventually: Eventually
) -> None:
    called: list[str] = []

    def never() -> None:
        called.append("never")

    timer.call_in(1.0, never)
    timer.call_in(2.0, lambda: called.append("other"))
    timer.cancel(never)
    clock.advance(2.0)
    eventually(lambda: called == ["other"])


def test_a_function_that_fails_is_logged_and_the_next_is_called(
    timer: Timer,
    clock: ManualClock,
    eventually: Eventually,
    caplog: pytest.LogCaptureFixture,
) -> None:
    called: list[str] = []
    timer.call_in(1.0, lambda: called.append(str(1 / 0)))
    timer.call_in(2.0, lambda: called.append("next"))
    clock.advance(2.0)
    eventually(lambda: called == ["next"])
    assert "ZeroDivisionError" in caplog.text


def test_the_thread_starts_with_the_first_call(timer: Timer) -> None:
    before = threading.active_count()
    timer.call_in(1.0, lambda: None)
    assert threading.active_count() == before + 1


def test_a_closed_timer_calls_nothing_even_when_it_closes_itself(
    timer: Timer, clock: ManualClock, eventually: Eventually
) -> None:
    called: list[str] = []
    before = threading.active_count()
    timer.call_in(1.0, timer.close)
    clock.advance(1.0)
    eventually(lambda: threading.active_count() == before)
    timer.call_in(1.0, lambda: called.append("never"))
    clock.advance(5.0)
    assert called == []
