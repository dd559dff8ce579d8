"""Standard output and error of this process, led into files."""

from __future__ import annotations

import io
import os
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TextIO

import attrs

from plugwork.clock import Clock
from plugwork.errors import CaptureBusyError

#: Bytes that are echoed at once.
CHUNK = 1 << 16
#: Seconds after which output shows on the console, at the latest.
ECHO_INTERVAL = 0.05


@attrs.define
class _Claim:
    """Says which thread captures: descriptors belong to all threads of a process."""

    lock: threading.Lock = attrs.field(factory=threading.Lock)
    #: Process and thread; a child that was forked during a capture has a claim of its own.
    holder: tuple[int, int] | None = None
    depth: int = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        me = (os.getpid(), threading.get_ident())
        with self.lock:
            if self.holder is not None and self.holder != me and self.holder[0] == me[0]:
                raise CaptureBusyError(
                    "another thread of this process captures its output already, and file"
                    " descriptors belong to all threads: run one run at a time in a process, or"
                    " set 'compute_logs: none'"
                )
            if self.holder != me:
                self.holder, self.depth = me, 0
            self.depth += 1
        try:
            yield
        finally:
            with self.lock:
                self.depth -= 1
                if self.depth <= 0:
                    self.holder = None


_claim = _Claim()


class _Redirection:
    """One stream, and the descriptor of its kind, led into a file from begin to end.

    :param stream: ``sys.stdout`` or ``sys.stderr``; where it has no descriptor, nothing is led
        anywhere: notebooks and tests put their own objects there.
    :param descriptor: 1 or 2; the stream's own may be another.
    """

    def __init__(self, stream: TextIO | None, descriptor: int, path: str) -> None:
        self._stream = stream
        self._descriptor = descriptor
        self._line_buffered = getattr(stream, "line_buffering", False)
        self._saved: dict[int, int] = {}
        self._inheritable: dict[int, bool] = {}
        self.target: int | None = None
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self.log = os.open(path, flags, 0o600)
        #: Where the file ended before: it is appended to.
        self.start = os.fstat(self.log).st_size
        own = _descriptor_of(stream)
        if own is not None:
            try:
                self._save({descriptor, own})
            except BaseException:
                self.close()
                raise
            self.target = self._saved[own]

    def _save(self, numbers: set[int]) -> None:
        for number in numbers:
            self._saved[number] = os.dup(number)
            self._inheritable[number] = os.get_inheritable(number)

    def begin(self) -> None:
        _flush(self._stream)
        for number in self._saved:
            os.dup2(self.log, number, self._inheritable[number])
        # A killed process loses no line that it printed; and lines are in order with what
        # children and C code write.
        self._buffer_lines(True)

    def end(self) -> None:
        try:
            _flush(self._stream)
            self._buffer_lines(self._line_buffered)
        finally:
            # The number of a stream that was closed meanwhile may be another file's by now.
            own = _descriptor_of(self._stream)
            for number, saved in self._saved.items():
                if number in (self._descriptor, own):
                    os.dup2(saved, number, self._inheritable[number])

    def close(self) -> None:
        for number in (self.log, *self._saved.values()):
            os.close(number)

    def _buffer_lines(self, wanted: bool) -> None:
        if self._saved and isinstance(self._stream, io.TextIOWrapper) and not self._stream.closed:
            self._stream.reconfigure(line_buffering=wanted)


def _descriptor_of(stream: TextIO | None) -> int | None:
    try:
        return None if stream is None else stream.fileno()
    except (AttributeError, OSError, ValueError):
        return None


def _flush(stream: TextIO | None) -> None:
    if stream is not None and not getattr(stream, "closed", False):
        stream.flush()


class _Echo:
    """A thread that copies what files gain to where the output went before."""

    def __init__(self, redirections: list[_Redirection], clock: Clock) -> None:
        self._clock = clock
        #: File -> (where to, how far it was copied).
        self._copied = {
            one.log: (one.target, one.start) for one in redirections if one.target is not None
        }
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="plugwork-echo", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Copy the rest, and end."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        over = False
        while not over:
            over = self._clock.wait(self._over, ECHO_INTERVAL)
            for log in list(self._copied):
                self._copy(log)

    def _copy(self, log: int) -> None:
        target, offset = self._copied[log]
        try:
            while chunk := os.pread(log, CHUNK, offset):
                _write(target, chunk)
                offset += len(chunk)
            self._copied[log] = target, offset
        except OSError:
            # The console is gone. The run goes on, and the file has it all.
            del self._copied[log]


def _write(descriptor: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            ready = select.poll()
            ready.register(descriptor, select.POLLOUT)
            ready.poll()


@contextmanager
def captured(out_path: str, err_path: str, echo: bool, clock: Clock) -> Iterator[tuple[int, int]]:
    """Append what this process prints to two files while the block runs.

    Descriptors 1 and 2 are led there, so that child processes and C code are captured, and what
    was written is in the files even when the process is killed.

    :param echo: show it on the console as well.
    :returns: the descriptors of the two files.
    :raises CaptureBusyError: when another thread captures.
    """
    with _claim.held(), ExitStack() as stack:
        redirections = []
        for stream, number, path in ((sys.stdout, 1, out_path), (sys.stderr, 2, err_path)):
            redirections.append(_Redirection(stream, number, path))
            stack.callback(redirections[-1].close)
        if echo and any(one.target is not None for one in redirections):
            follower = _Echo(redirections, clock)
            follower.start()
            stack.callback(follower.stop)
        for one in redirections:
            stack.callback(one.end)
            one.begin()
        out, err = redirections
        yield out.log, err.log
