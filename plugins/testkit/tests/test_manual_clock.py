from __future__ import annotations

import threading

from plugwork_testkit.clock import START, ManualClock
from plugwork_testkit.waiting import Eventually


def test_time_stands_still_until_it_is_moved(clock: ManualClock) -> None:
    assert (clock.now(), clock.monotonic()) == (START, 0)
    clock.advance(5)
    assert (clock.now(), clock.monotonic()) == (START + 5, 5)


def test_the_wall_clock_may_jump_alone(clock: ManualClock) -> None:
    clock.set_now(10)
    assert (clock.now(), clock.monotonic()) == (10, 0)


def test_who_waits_goes_on_when_time_has_passed(clock: ManualClock, eventually: Eventually) -> None:
    answers: list[bool] = []
    never = threading.Event()
    thread = threading.Thread(target=lambda: answers.append(clock.wait(never, 10)))
    thread.start()
    clock.advance(9)
    assert thread.is_alive()

    def passes() -> bool:
        clock.advance(1)
        return not thread.is_alive()

    eventually(passes)
    assert answers == [False]


def test_who_waits_goes_on_when_the_event_is_set(
    clock: ManualClock, eventually: Eventually
) -> None:
    answers: list[bool] = []
    event = threading.Event()
    thread = threading.Thread(target=lambda: answers.append(clock.wait(event, 10)))
    thread.start()
    event.set()
    eventually(lambda: answers)
    assert answers == [True]
    assert clock.monotonic() == 0
