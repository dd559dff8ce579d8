"""One plugin's notifications: a thread, a bounded queue, a time and an error budget."""

from __future__ import annotations

import enum
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import attrs

from plugwork.clock import Clock
from plugwork.registry.objects import describe

Call = Callable[[], Any]


@attrs.frozen
class Budget:
    """What a plugin may cost before it is put aside."""

    #: Seconds that one call may take. While one takes longer, what arrives is dropped; when it
    #: comes back, the plugin goes on, and the call counts as an error.
    seconds: float = 5.0
    #: Errors after which the plugin gets nothing more.
    errors: int = 5
    #: Calls that may wait; those beyond are dropped.
    waiting: int = 1000


class NotifierState(enum.StrEnum):
    """How a plugin stands."""

    OK = "ok"
    #: A call has been running for longer than its budget.
    HANGING = "hanging"
    #: It used up its error budget.
    DISABLED = "disabled"


@attrs.frozen
class NotifierRecord:
    """What a plugin's notifications have cost so far."""

    plugin: str
    state: NotifierState
    calls: int
    #: Seconds that its calls took, the running one left out.
    seconds: float
    errors: int
    #: Calls that never reached it.
    dropped: int
    #: Hook and error of the last one that failed; empty when none did.
    last_error: str


class NotAnsweredError(Exception):
    """A plugin raised, hangs, or is put aside."""


class Notifier:
    """Calls one plugin, one call at a time, in the order given. Thread-safe; survives a fork
    without what was waiting.

    :param plugin: its name, for the thread and the record.
    """

    def __init__(self, plugin: str, budget: Budget, clock: Clock) -> None:
        self.plugin = plugin
        self._budget = budget
        self._clock = clock
        self._calls = self._errors = self._dropped = 0
        self._seconds = 0.0
        self._last_error = ""
        self._reset()

    def _reset(self) -> None:
        # Neither the thread nor a lock that another thread held lives on in a forked child.
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._queue: deque[tuple[str, Call]] = deque()
        self._thread: threading.Thread | None = None
        self._started: float | None = None

    def notify(self, hook: str, call: Call) -> bool:
        """Let the plugin's thread make the call, if the plugin has budget left. Never blocks.

        :return: whether the call was queued; else it is counted as dropped.
        """
        if self._pid != os.getpid():
            self._reset()
        with self._changed:
            accepted = (
                self._state() is NotifierState.OK
                and len(self._queue) < self._budget.waiting
                and self._has_thread()
            )
            if accepted:
                self._queue.append((hook, call))
                self._changed.notify()
            else:
                self._dropped += 1 + self._give_up_waiting()
        return accepted

    def ask(self, hook: str, call: Call, timeout: float) -> Any:
        """Make a call on the plugin's thread, after those that wait, and return its answer.

        :param timeout: seconds to wait.
        :raises NotAnsweredError: it raised, did not answer in time, or is put aside.
        """
        done = threading.Event()
        answers: list[Any] = []
        failures: list[str] = []

        def answer() -> None:
            try:
                answers.append(call())
            except BaseException as error:
                failures.append(describe(error))
                raise
            finally:
                done.set()

        if not self.notify(hook, answer):
            raise NotAnsweredError(f"it is put aside: {self.record().last_error or 'it hangs'}")
        if not self._clock.wait(done, timeout):
            raise NotAnsweredError(f"no answer within {timeout:g} s")
        if failures:
            raise NotAnsweredError(failures[0])
        return answers[0]

    def drain(self, timeout: float) -> bool:
        """Wait until nothing waits or runs any more.

        :param timeout: seconds to wait.
        :return: whether all is done; False also for a plugin that hangs.
        """
        with self._changed:
            if self._state() is NotifierState.HANGING:
                return False
            return self._changed.wait_for(self._is_idle, timeout)

    def record(self) -> NotifierRecord:
        """Return what the plugin has cost."""
        with self._changed:
            self._dropped += self._give_up_waiting()
            return NotifierRecord(
                plugin=self.plugin,
                state=self._state(),
                calls=self._calls,
                seconds=self._seconds,
                errors=self._errors,
                dropped=self._dropped,
                last_error=self._last_error,
            )

    def _is_idle(self) -> bool:
        return not self._queue and self._started is None

    def _state(self) -> NotifierState:
        if self._errors >= self._budget.errors:
            return NotifierState.DISABLED
        if self._started is None:
            return NotifierState.OK
        late = self._clock.monotonic() - self._started > self._budget.seconds
        return NotifierState.HANGING if late else NotifierState.OK

    def _give_up_waiting(self) -> int:
        """Drop what waits for a plugin that is put aside; return how many calls."""
        if self._state() is NotifierState.OK:
            return 0
        count = len(self._queue)
        self._queue.clear()
        return count

    def _has_thread(self) -> bool:
        if self._thread is None:
            thread = threading.Thread(target=self._work, name=f"plugwork {self.plugin}")
            thread.daemon = True
            try:
                thread.start()
            except RuntimeError:
                # The interpreter is on its way out.
                return False
            self._thread = thread
        return True

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._queue:
                    self._changed.wait()
                hook, call = self._queue.popleft()
                self._started = self._clock.monotonic()
            error = _outcome(call)
            with self._changed:
                self._count(hook, error)
                self._changed.notify_all()

    def _count(self, hook: str, error: str) -> None:
        took = self._clock.monotonic() - (self._started or 0.0)
        self._calls += 1
        self._seconds += took
        self._started = None
        if not error and took > self._budget.seconds:
            error = f"took {took:.1f} s, {self._budget.seconds:g} s are allowed"
        if error:
            self._errors += 1
            self._last_error = f"{hook}: {error}"
            self._dropped += self._give_up_waiting()


def _outcome(call: Call) -> str:
    try:
        call()
    except BaseException as error:  # noqa: BLE001 - whatever a plugin raises stays on its thread
        return describe(error)
    return ""
