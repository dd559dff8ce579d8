"""What attempts print that run side by side in one process, kept apart."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING, Any, TextIO

from plugwork.abc.compute_logs import IOType
from plugwork.boundary import capture_interrupts
from plugwork.execution.capture import Capture
from plugwork.model.payloads import LogRange

if TYPE_CHECKING:
    from typing import Self

#: The attempt whose code runs; copied into what it starts with its context.
_printing: ContextVar[AttemptOutput | None] = ContextVar("plugwork_printing", default=None)


class RoutedCapture(Capture):
    """Captures what this process prints, each attempt's lines under a key of its own.

    ``sys.stdout`` and ``sys.stderr`` are replaced while it is open, and the streams of logging
    handlers that held them. What goes round them stays in the process's own capture: of C code,
    of child processes, of threads that user code starts without its context.
    """

    is_routed = True

    def __enter__(self) -> Self:
        self._routing = ExitStack()
        routed = []
        for stream, kind in ((sys.stdout, IOType.STDOUT), (sys.stderr, IOType.STDERR)):
            if stream is not None:
                # Before the descriptors are led elsewhere.
                console, close = _console(stream, self._context.echo_logs)
                self._routing.callback(close)
                routed.append(RoutedStream(stream, kind, console))
        super().__enter__()
        if self._captures:
            self._routing.enter_context(_replaced(routed))
        return self

    def __exit__(self, *raised: Any) -> None:
        self._routing.close()
        super().__exit__(*raised)

    def begin(self, step_key: str, attempt: int) -> AttemptOutput | None:
        if not self._captures:
            return None
        output = AttemptOutput(self, self.told.file_key_of(step_key, attempt))
        _printing.set(output)
        return output

    def range_since(self, before: object) -> LogRange | None:
        return before.close() if isinstance(before, AttemptOutput) else None

    @contextmanager
    def open_stream(self, file_key: str, kind: IOType) -> Iterator[IO[str] | None]:
        key = self._manager.build_log_key_for_run(self._context.run.run_id, file_key)
        with self._manager.open_log_stream(key, kind) as stream:
            yield stream


class AttemptOutput:
    """What one attempt prints. Safe for threads.

    :param capture: which opens files when something is printed.
    """

    def __init__(self, capture: RoutedCapture, file_key: str) -> None:
        self._capture = capture
        self._file_key = file_key
        # Reentrant: a finalizer may print while its own thread is in here.
        self._lock = threading.RLock()
        self._opened = ExitStack()
        self._streams: dict[IOType, IO[str] | None] = {}
        self._sizes = dict.fromkeys(IOType, 0)
        self._is_open = True

    def write(self, kind: IOType, text: str) -> bool:
        """Store a text; return whether it was: the attempt has not ended, and all is well."""
        # Interrupted half way, the length would not be that of what is stored.
        with capture_interrupts(), self._lock:
            if not self._is_open:
                return False
            try:
                return self._write(kind, text)
            except Exception as error:  # noqa: BLE001 - told by an event; the step goes on
                self._is_open = False
                self._capture.could_not_store(error)
                return False

    def _write(self, kind: IOType, text: str) -> bool:
        if kind not in self._streams:
            opening = self._capture.open_stream(self._file_key, kind)
            self._streams[kind] = self._opened.enter_context(opening)
        stream = self._streams[kind]
        if stream is None:
            return False
        data = text.encode("utf-8", "backslashreplace")
        stream.write(data.decode())
        if "\n" in text:
            # A killed process loses no line.
            stream.flush()
        self._sizes[kind] += len(data)
        return True

    def close(self) -> LogRange | None:
        """Take nothing more; return what was stored, None when that is nothing."""
        with self._lock:
            self._is_open = False
            try:
                self._opened.close()
            except Exception as error:  # noqa: BLE001 - told by an event; the step goes on
                self._capture.could_not_store(error)
        out, err = self._sizes[IOType.STDOUT], self._sizes[IOType.STDERR]
        return LogRange(self._file_key, 0, out, 0, err) if out or err else None


class RoutedStream:
    """Stands for ``sys.stdout`` or ``sys.stderr``: gives each attempt's text to the attempt.

    :param process: the stream that was there; gets the rest, and answers all other questions.
    :param console: shows what attempts print; None shows nothing.
    """

    def __init__(self, process: TextIO, kind: IOType, console: TextIO | None) -> None:
        self.process = process
        #: In ``sys``.
        self.attribute = kind.name.lower()
        self._kind = kind
        self._console = console

    def write(self, text: str) -> int:
        output = _printing.get()
        if output is None or not output.write(self._kind, text):
            return self.process.write(text)
        self._show(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self.process.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.process, name)

    def _show(self, text: str) -> None:
        if self._console is None:
            return
        try:
            self._console.write(text)
        except OSError:
            # The console is gone. The run goes on, and the files have it all.
            self._console = None


def _console(stream: TextIO, echo: bool) -> tuple[TextIO | None, Callable[[], None]]:
    """Return what shows text where a stream leads now, and what closes it."""
    try:
        descriptor = os.dup(stream.fileno())
    except (AttributeError, OSError, ValueError):
        # Notebooks and tests put objects there that no capture leads elsewhere.
        return stream, lambda: None
    if not echo:
        os.close(descriptor)
        return None, lambda: None
    shown = os.fdopen(descriptor, "w", 1, "utf-8", "backslashreplace")

    def close() -> None:
        with suppress(OSError):  # the console is gone
            shown.close()

    return shown, close


@contextmanager
def _replaced(streams: Sequence[RoutedStream]) -> Iterator[None]:
    """Put routed streams in the place of the process's own."""
    by_process = {id(one.process): one for one in streams}
    restore = [_swap_handler(handler, by_process) for handler in _handlers()]
    for one in streams:
        setattr(sys, one.attribute, one)
    try:
        yield
    finally:
        for one in streams:
            if getattr(sys, one.attribute) is one:
                setattr(sys, one.attribute, one.process)
        for undo in restore:
            undo()


def _handlers() -> list[logging.StreamHandler[Any]]:
    """Return the handlers of all loggers that write to a stream."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    return [
        handler
        for logger in loggers
        if isinstance(logger, logging.Logger)
        for handler in logger.handlers
        if isinstance(handler, logging.StreamHandler)
    ]


def _swap_handler(
    handler: logging.StreamHandler[Any], by_process: dict[int, RoutedStream]
) -> Callable[[], object]:
    before = getattr(handler, "stream", None)
    routed = by_process.get(id(before))
    if routed is None:
        return lambda: None
    handler.setStream(routed)
    return lambda: handler.setStream(before) if handler.stream is routed else None
