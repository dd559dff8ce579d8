"""Compute log manager: what the processes of a run print."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import IO

import attrs

from plugwork.errors import CheckError, InvalidCursorError


class IOType(Enum):
    """One of the two streams; the value is its file extension."""

    STDOUT = "out"
    STDERR = "err"


#: Names a capture: namespace parts, then the file's stem.
LogKey = Sequence[str]


def check_log_key(log_key: LogKey) -> tuple[str, ...]:
    """Return a log key as a tuple.

    :raises ValueError: when it is empty, or a part is not a name: a path would lead elsewhere.
    """
    parts = tuple(log_key)
    if not parts or isinstance(log_key, str):
        raise ValueError(f"a log key is a list of at least one text, got {log_key!r}")
    for part in parts:
        if part in ("", ".", "..") or "/" in part or "\\" in part or "\0" in part:
            raise ValueError(f"Invalid path: log key {list(parts)!r} has the part {part!r}")
    return parts


@attrs.frozen
class CapturedLogContext:
    """A capture that is going on.

    :raises CheckError: when both one URL and URLs per stream are given.
    """

    log_key: tuple[str, ...] = attrs.field(converter=check_log_key)
    external_url: str | None = None
    external_stdout_url: str | None = None
    external_stderr_url: str | None = None
    shell_cmd: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.external_url and (self.external_stdout_url or self.external_stderr_url):
            raise CheckError("give external_url, or a URL per stream, not both")


@attrs.frozen
class CapturedLogData:
    """Bytes read from a capture."""

    log_key: tuple[str, ...]
    stdout: bytes | None = None
    stderr: bytes | None = None
    cursor: str | None = None


@attrs.frozen
class CapturedLogMetadata:
    """Where people find a capture."""

    stdout_location: str | None = None
    stderr_location: str | None = None
    stdout_download_url: str | None = None
    stderr_download_url: str | None = None


def parse_log_cursor(cursor: str | None) -> tuple[int, int]:
    """Return the byte offsets of a cursor ``stdout:stderr``; nothing, or one part, is the start.

    :raises InvalidCursorError: when the two parts are not numbers.
    """
    if not cursor or cursor.count(":") != 1:
        return 0, 0
    if not re.fullmatch(r"\d+:\d+", cursor):
        raise InvalidCursorError(f"{cursor!r} is not a cursor of a compute log")
    stdout, stderr = cursor.split(":")
    return int(stdout), int(stderr)


class ComputeLogManager(ABC):
    """Captures standard output and error of processes, and serves them by log key.

    One capture at a time in a process: file descriptors are process-wide. Reading is safe for
    threads and processes, while the capture goes on too.
    """

    @abstractmethod
    def capture_logs(
        self, log_key: LogKey, echo: bool = True
    ) -> AbstractContextManager[CapturedLogContext]:
        """Redirect this process's descriptors 1 and 2 while the context is open.

        :param echo: also pass the output on to where the descriptors led before.
        :raises ValueError: for a bad log key.
        """

    @abstractmethod
    def open_log_stream(
        self, log_key: LogKey, io_type: IOType
    ) -> AbstractContextManager[IO[str] | None]:
        """Open a text stream that appends to a log; None where that is not supported.

        Where attempts run side by side in one process, what each prints is written to a stream of
        its own, by whatever thread prints; without one it stands in the log of the process.
        """

    @abstractmethod
    def is_capture_complete(self, log_key: LogKey) -> bool:
        """Whether the capture ended; False when it was killed."""

    @abstractmethod
    def get_log_data_for_type(
        self, log_key: LogKey, io_type: IOType, offset: int = 0, max_bytes: int | None = None
    ) -> tuple[bytes | None, int]:
        """Return bytes from an offset, and the offset after them; (None, offset) if unknown."""

    def get_log_data(
        self, log_key: LogKey, cursor: str | None = None, max_bytes: int | None = None
    ) -> CapturedLogData:
        """Return both streams from a cursor on; ``max_bytes`` holds for each.

        :raises InvalidCursorError: for a cursor that is not one.
        """
        starts = parse_log_cursor(cursor)
        out, out_end = self.get_log_data_for_type(log_key, IOType.STDOUT, starts[0], max_bytes)
        err, err_end = self.get_log_data_for_type(log_key, IOType.STDERR, starts[1], max_bytes)
        return CapturedLogData(check_log_key(log_key), out, err, f"{out_end}:{err_end}")

    def sizes(self, log_key: LogKey) -> tuple[int, int] | None:
        """Return how many bytes are stored of each stream; asked at the ends of attempts.

        :returns: None when this manager keeps no bytes, or cannot tell cheaply.
        """
        return None

    @abstractmethod
    def get_log_metadata(self, log_key: LogKey) -> CapturedLogMetadata:
        """Return where people find the capture."""

    @abstractmethod
    def delete_logs(
        self, log_key: LogKey | None = None, prefix: Sequence[str] | None = None
    ) -> None:
        """Delete one capture, or all below a prefix; silent when there is none.

        :raises CheckError: when neither is given.
        """

    @abstractmethod
    def get_log_keys_for_log_key_prefix(
        self, log_key_prefix: Sequence[str], io_type: IOType
    ) -> Sequence[Sequence[str]]:
        """Return the keys of the captures directly below a prefix, sorted."""

    def build_log_key_for_run(self, run_id: str, step_key: str) -> Sequence[str]:
        """Return the key under which a run's captures are kept."""
        return [run_id, "compute_logs", step_key]

    def dispose(self) -> None:  # noqa: B027 - optional to override
        """Stop what watches files."""
