"""Waiting for facts, where a test would be tempted to sleep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from plugwork.clock import SYSTEM_CLOCK

T = TypeVar("T")

#: Real seconds between two looks.
GLANCE = 0.01


class Eventually(Protocol):
    """The type of :func:`eventually`."""

    def __call__(self, fact: Callable[[], T], timeout: float = 20) -> T: ...


def eventually(fact: Callable[[], T], timeout: float = 20) -> T:
    """Ask again and again until the answer is true, and return it.

    :param timeout: real seconds after which it is too late.
    :raises AssertionError: when it did not become true in time; names the last answer.
    """
    never = threading.Event()
    deadline = SYSTEM_CLOCK.monotonic() + timeout
    while not (answer := fact()):
        if SYSTEM_CLOCK.monotonic() > deadline:
            raise AssertionError(f"not true after {timeout} s: {fact!r} says {answer!r}")
        never.wait(GLANCE)
    return answer
