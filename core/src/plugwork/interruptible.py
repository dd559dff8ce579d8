"""Interrupts of user code outside the main thread, which signals do not reach."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from plugwork.errors import ExecutionInterruptedError

#: Thread -> what runs in it.
_in_threads: dict[int, Interruptible] = {}


def interruptible_here() -> Interruptible | None:
    """Return what can be interrupted in this thread."""
    return _in_threads.get(threading.get_ident()) if _in_threads else None


class Interruptible:
    """One piece of work outside the main thread that another thread can interrupt.

    The blocks of :mod:`plugwork.boundary` in its thread say when user code runs: then
    ``ExecutionInterruptedError`` is raised in it at once. plugwork's own code is never torn: there
    the interrupt waits until user code is entered, or left. Python raises it between two steps of
    the interpreter, so that a call of C code (a long ``sleep``, a query) ends first. A coroutine
    is cancelled instead.

    Work may go from thread to thread, but is in one at a time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: Why to stop; None when nobody asked, or it has been raised.
        self._reason: str | None = None
        self._is_in_user_code = False
        self._thread: int | None = None
        self._cancel: Callable[[], object] | None = None
        #: An error is on its way into the thread.
        self._is_sent = False
        self._is_canceled = False

    def interrupt(self, reason: str) -> None:
        """Stop the work; from any other thread. Called again, it is interrupted again."""
        with self._lock:
            self._reason = reason
            if not self._is_in_user_code:
                return
            if self._cancel is not None:
                self._cancel_it(self._cancel)
            elif self._thread is not None:
                self._is_sent = True
                _raise_in(self._thread, self._arriving_error(reason))

    @contextmanager
    def here(self) -> Iterator[None]:
        """Run the work, or a part of it, in this thread."""
        ident = threading.get_ident()
        _in_threads[ident] = self
        self._thread = ident
        try:
            yield
        finally:
            with self._lock:
                self._revoke()
                self._thread = None
            del _in_threads[ident]

    @contextmanager
    def awaited(self, cancel: Callable[[], object]) -> Iterator[None]:
        """Await user code: it is interrupted by this function, which must be safe for threads."""
        with self._lock:
            self._cancel = cancel
            if self._reason is not None:
                self._cancel_it(cancel)
        try:
            yield
        finally:
            with self._lock:
                self._cancel = None

    def enter(self, user_code: bool) -> bool:
        """Begin a block, and return what :meth:`leave` needs.

        :raises ExecutionInterruptedError: when user code is not to be entered any more.
        """
        with self._lock:
            self._revoke()
            outer = self._is_in_user_code
            if not user_code or self._reason is None:
                self._is_in_user_code = user_code
                return outer
            raise self._take()

    def leave(self, outer: bool, error: BaseException | None) -> None:
        """End a block.

        :param error: what was raised in it.
        :raises ExecutionInterruptedError: when the interrupt came too late for what ran in it, or
            cancelled it.
        """
        with self._lock:
            self._revoke()
            inner, self._is_in_user_code = self._is_in_user_code, outer
            if self._reason is None or not (inner or outer):
                return
            if error is None or (self._is_canceled and not isinstance(error, Exception)):
                raise self._take() from error

    def _cancel_it(self, cancel: Callable[[], object]) -> None:
        self._is_canceled = True
        cancel()

    def _take(self) -> ExecutionInterruptedError:
        reason, self._reason = self._reason, None
        return ExecutionInterruptedError(reason)

    def _revoke(self) -> None:
        """Call back an error that has not arrived."""
        if self._is_sent:
            self._is_sent = False
            _raise_in(threading.get_ident(), None)

    def _arriving_error(self, reason: str) -> type[ExecutionInterruptedError]:
        """Return a class that tells when an object of it is made: when the error arrives.

        It takes no lock: its thread may hold it.
        """

        def arrive(error: ExecutionInterruptedError) -> None:
            self._reason, self._is_sent = None, False
            super(ExecutionInterruptedError, error).__init__(reason)

        named = ExecutionInterruptedError
        return type(named.__name__, (named,), {"__init__": arrive, "__module__": named.__module__})


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Let the interpreter raise an error in a thread; None calls back one that is on its way."""
    import ctypes  # only when something is interrupted

    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(error) if error is not None else None
    )
