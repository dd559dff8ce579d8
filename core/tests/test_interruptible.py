"""Interrupts of user code in threads, which no signal reaches."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from plugwork.boundary import capture_interrupts, raise_execution_interrupts
from plugwork.errors import ExecutionInterruptedError
from plugwork.interruptible import Interruptible, interruptible_here


class Piece:
    """Work in a thread, and what it raised."""

    def __init__(self, work: Callable[[Piece], None]) -> None:
        self.own = Interruptible()
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.raised: BaseException | None = None
        self.told: list[str] = []
        self.turns = 0
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self.own.here():
                self._work(self)
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.raised = error

    def join(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()

    def spin(self) -> None:
        """Do something for ever, as user code may; nothing that an interrupt could leave locked."""
        while True:
            self.turns += 1

    def wait_for(self, fact: Callable[[], object]) -> None:
        for _ in range(20_000):
            if fact():
                return
            self.go_on.wait(0.001)
        raise AssertionError("it did not come so far")


def test_user_code_is_interrupted_at_once() -> None:
    def work(piece: Piece) -> None:
        with raise_execution_interrupts():
            piece.spin()

    piece = Piece(work)
    piece.wait_for(lambda: piece.turns)
    piece.own.interrupt("enough")
    piece.join()
    assert isinstance(piece.raised, ExecutionInterruptedError)
    assert str(piece.raised) == "enough"
    assert type(piece.raised).__name__ == "ExecutionInterruptedError"


def test_code_of_our_own_comes_to_its_end_first() -> None:
    def work(piece: Piece) -> None:
        with raise_execution_interrupts():
            with capture_interrupts():
                piece.begun.set()
                assert piece.go_on.wait(20)
                piece.told.append("whole")
            piece.told.append("not reached")

    piece = Piece(work)
    assert piece.begun.wait(20)
    piece.own.interrupt("enough")
    piece.go_on.set()
    piece.join()
    assert piece.told == ["whole"]
    assert isinstance(piece.raised, ExecutionInterruptedError)


def test_user_code_is_not_entered_after_an_interrupt_and_its_cleaning_up_is() -> None:
    def work(piece: Piece) -> None:
        piece.begun.set()
        assert piece.go_on.wait(20)
        try:
            with raise_execution_interrupts():
                piece.told.append("not reached")
        finally:
            with raise_execution_interrupts():
                piece.told.append("cleaned up")

    piece = Piece(work)
    assert piece.begun.wait(20)
    piece.own.interrupt("enough")
    piece.go_on.set()
    piece.join()
    assert piece.told == ["cleaned up"]
    assert isinstance(piece.raised, ExecutionInterruptedError)


def test_who_swallows_an_interrupt_gets_the_next() -> None:
    def work(piece: Piece) -> None:
        with raise_execution_interrupts():
            try:
                piece.spin()
            except ExecutionInterruptedError:
                piece.told.append("swallowed")
                piece.spin()

    piece = Piece(work)
    piece.wait_for(lambda: piece.turns)
    piece.own.interrupt("enough")
    piece.wait_for(lambda: piece.told)
    piece.own.interrupt("enough")
    piece.join()
    assert piece.told == ["swallowed"]
    assert isinstance(piece.raised, ExecutionInterruptedError)


def test_a_thread_that_nobody_may_interrupt_is_left_alone() -> None:
    with raise_execution_interrupts():
        assert interruptible_here() is None


@pytest.mark.parametrize("turn", range(60))
def test_an_interrupt_at_any_moment_is_raised_once_and_nowhere_else(turn: int) -> None:
    def work(piece: Piece) -> None:
        caught = 0
        while caught == 0:
            try:
                with raise_execution_interrupts():
                    piece.turns += 1
                    with capture_interrupts():
                        sum(range(turn))
            except ExecutionInterruptedError:
                caught += 1
        for _ in range(100):
            with raise_execution_interrupts(), capture_interrupts():
                pass
        piece.told.append("went on")

    piece = Piece(work)
    piece.wait_for(lambda: piece.turns)
    piece.own.interrupt("enough")
    piece.join()
    assert piece.raised is None
    assert piece.told == ["went on"]
