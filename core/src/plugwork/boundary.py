"""The line between plugwork's code and the user's: what crosses it as an error, or a signal.

One pair of signal handlers stands while any block of this module is open in the main thread; a
block only switches what they do. So entering and leaving costs less than a microsecond, and a step
can afford several. Signals reach the main thread alone; in other threads the blocks say when an
:class:`~plugwork.interruptible.Interruptible` may be interrupted, and do nothing without one.
"""

from __future__ import annotations

import inspect
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from plugwork.errors import (
    CheckError,
    ExecutionInterruptedError,
    FrameworkError,
    UserCodeExecutionError,
)
from plugwork.interruptible import interruptible_here
from plugwork.redaction import is_redacting, redact

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from plugwork.clock import Clock
    from plugwork.execution.log import LogManager

#: Seconds between looks for a noted signal, in threads that get none.
_LOOK = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: Arguments that the boundary itself gives to an error class.
_GIVEN = frozenset({"user_exception", "original_exc_info"})

#: What a signal raises at once; None: it is only noted.
_raise_as: type[BaseException] | None = None
_captured: signal.Signals | None = None
_last: signal.Signals | None = None
#: Open blocks in the main thread.
_depth = 0
_outer_handlers: list[Any] = []


def _on_signal(signum: int, frame: FrameType | None) -> None:
    global _captured, _last
    _last = signal.Signals(signum)
    # Raised within the blocks' own code it would leave the mode half switched.
    if _raise_as is None or (frame is not None and frame.f_globals is globals()):
        _captured = _last
        return
    raise _raise_as(f"interrupted by {_last.name}")


def _open_outermost() -> None:
    global _captured, _last
    _captured = _last = None
    _outer_handlers[:] = [signal.signal(number, _on_signal) for number in _SIGNALS]


def _close_outermost() -> None:
    for number, handler in zip(_SIGNALS, _outer_handlers, strict=True):
        # None: the handler was not installed from Python, and cannot be named here.
        signal.signal(number, signal.SIG_DFL if handler is None else handler)
    noted = pop_captured_interrupt()
    if noted is not None:
        signal.raise_signal(noted)


class _Block:
    """Switches what a signal does, until it is left."""

    __slots__ = ("_active", "_elsewhere", "_mode", "_outer", "_outer_elsewhere")

    def __init__(self, mode: type[BaseException] | None) -> None:
        self._mode = mode

    def __enter__(self) -> None:
        global _depth, _raise_as
        self._active = threading.get_ident() == threading.main_thread().ident
        if not self._active:
            self._elsewhere = interruptible_here()
            if self._elsewhere is not None:
                self._outer_elsewhere = self._elsewhere.enter(self._mode is not None)
            return
        if _depth == 0:
            _open_outermost()
        _depth += 1
        self._outer = _raise_as
        _raise_as = self._mode
        if _captured is not None and self._mode is not None:
            self._leave()
            _raise_captured(self._mode)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if not self._active:
            if self._elsewhere is not None:
                self._elsewhere.leave(self._outer_elsewhere, exc)
            return
        self._leave()
        if _captured is not None and _raise_as is not None and exc is None:
            _raise_captured(_raise_as)

    def _leave(self) -> None:
        global _depth, _raise_as
        _raise_as = self._outer
        _depth -= 1
        if _depth == 0:
            _close_outermost()


def _raise_captured(error: type[BaseException]) -> None:
    number = pop_captured_interrupt()
    if number is not None:
        raise error(f"interrupted by {number.name}")


def capture_interrupts() -> _Block:
    """Open a block in which SIGINT and SIGTERM are only noted.

    Within a raising block it masks: what was noted is raised on leaving it. What nobody took with
    :func:`pop_captured_interrupt` goes to the handler that stood before the outermost block.
    """
    return _Block(None)


def raise_interrupts_as(error: type[BaseException]) -> _Block:
    """Open a block in which SIGINT and SIGTERM raise this error at once.

    A signal that was noted before is raised on entry. Code in the block that must not be torn
    opens :func:`capture_interrupts` around itself.
    """
    return _Block(error)


def raise_execution_interrupts() -> _Block:
    """Open a block in which signals raise :class:`ExecutionInterruptedError`."""
    return _Block(ExecutionInterruptedError)


def check_for_interrupt() -> signal.Signals | None:
    """Return the signal that was noted and not yet dealt with; from any thread."""
    return _captured


def pop_captured_interrupt() -> signal.Signals | None:
    """Return the signal that was noted, and forget it."""
    global _captured
    number, _captured = _captured, None
    return number


class _Woken(BaseException):
    """Ends a wait."""


def wait_unless_interrupted(clock: Clock, event: threading.Event, seconds: float) -> None:
    """Wait until an event is set, a signal is noted, or the time is over; the signal stays noted.

    In the main thread one wait lasts until then. Other threads get no signals, so they look for a
    noted one now and then.
    """
    global _captured
    if threading.get_ident() == threading.main_thread().ident and _depth:
        try:
            with raise_interrupts_as(_Woken):
                clock.wait(event, seconds)
        except _Woken:
            _captured = _last
        return
    end = clock.monotonic() + seconds
    while _captured is None and (left := end - clock.monotonic()) > 0:
        if clock.wait(event, min(left, _LOOK)):
            return


def last_interrupt() -> signal.Signals | None:
    """Return the last signal since the outermost block was opened, raised or noted.

    It tells SIGTERM from SIGINT, for the exit code of a worker.
    """
    return _last


def _forget() -> None:
    global _captured, _last
    _captured = _last = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


class user_code_error_boundary(_Block):
    """Wrap a call of user code: what it raises becomes an error of this class.

    Errors of plugwork, and what is no ``Exception``, pass through. Signals interrupt the user's
    code at once.

    :param error_cls: a subclass of :class:`UserCodeExecutionError`.
    :param msg_fn: gives the message; called on error only.
    :param log_manager: gets meanwhile what this thread writes to the loggers that it manages.
    :param kwargs: further arguments of the error class.
    :raises CheckError: on entry, when the error class does not take these arguments.
    """

    __slots__ = ("_error_cls", "_kwargs", "_logs", "_msg_fn")

    def __init__(
        self,
        error_cls: type[UserCodeExecutionError],
        msg_fn: Callable[[], str],
        log_manager: LogManager | None = None,
        **kwargs: object,
    ) -> None:
        self._mode = ExecutionInterruptedError
        self._logs: AbstractContextManager[None] | None = None
        self._error_cls = error_cls
        self._msg_fn = msg_fn
        self._kwargs = kwargs
        required, allowed = _TAKEN.get(error_cls) or _find_taken(error_cls)
        names = kwargs.keys()
        if not required <= names <= allowed:
            raise CheckError(
                f"{error_cls.__name__} takes {_listed(allowed)} and needs {_listed(required)},"
                f" got {_listed(frozenset(kwargs))}"
            )
        if log_manager is not None:
            self._logs = log_manager.capture_python_logs()

    def __enter__(self) -> None:
        super().__enter__()
        if self._logs is not None:
            self._logs.__enter__()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._logs is not None:
            self._logs.__exit__(None, None, None)
        super().__exit__(exc_type, exc, tb)
        if exc_type is None or not isinstance(exc, Exception):
            return
        if is_redacting() and not isinstance(exc, UserCodeExecutionError):
            redact(exc)
        if isinstance(exc, FrameworkError):
            return
        raise self._error_cls(
            self._msg_fn(),
            user_exception=exc,
            original_exc_info=(exc_type, exc, tb),
            **self._kwargs,
        ) from exc


_TAKEN: dict[type, tuple[frozenset[str], frozenset[str]]] = {}


def _find_taken(error_cls: type) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keyword arguments that an error class must, and may, be given."""
    if not isinstance(error_cls, type) or not issubclass(error_cls, UserCodeExecutionError):
        raise CheckError(f"{error_cls!r} is not a UserCodeExecutionError")
    named = [
        parameter
        for cls in error_cls.__mro__
        if issubclass(cls, UserCodeExecutionError) and "__init__" in vars(cls)
        for parameter in inspect.signature(cls.__init__).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.name not in _GIVEN
    ]
    required = frozenset(one.name for one in named if one.default is one.empty)
    taken = (required, frozenset(one.name for one in named))
    _TAKEN[error_cls] = taken
    return taken


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
