"""Compute logs as files."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from plugwork.abc import (
    CapturedLogContext,
    CapturedLogMetadata,
    ComputeLogManager,
    ConfigurableClass,
    ConfigurableClassData,
    IOType,
    LogKey,
    check_log_key,
)
from plugwork.abc.specs import ComponentContext
from plugwork.clock import SYSTEM_CLOCK, Clock
from plugwork.errors import CheckError, ParameterCheckError
from plugwork.model import check_run_id
from plugwork_local.capture import captured
from plugwork_local.log_subscription import CapturedLogSubscription, LogWatcher
from plugwork_local.settings import ComputeLogSettings, directory
from plugwork_local.whole_files import make_private_dirs

#: Extension of the empty file that says that a capture ended.
COMPLETE = "complete"
#: What file systems allow for a name, in bytes.
LONGEST_NAME = 255


class LocalComputeLogManager(ComputeLogManager, ConfigurableClass):
    """Keeps the output of processes in files below one directory.

    A capture belongs to the whole process: the output of all its threads goes there, and another
    thread that wants to capture meanwhile is refused with ``CaptureBusyError``. Captures of one
    thread may be nested. A key that is captured again is appended to. Readers need the same file
    system; they may read while the capture goes on.

    :param base_dir: made when it is first written to.
    :param polling_timeout: seconds between two looks for what a subscriber has not seen yet.
    :param run_finished: tells of a run id whether its run is finished; a capture that was killed
        then counts as complete.
    """

    def __init__(
        self,
        base_dir: str | Path,
        polling_timeout: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
        run_finished: Callable[[str], bool] | None = None,
        inst_data: ConfigurableClassData | None = None,
    ) -> None:
        self.base_dir = os.path.abspath(base_dir)
        self._clock = clock
        self._run_finished = run_finished
        self._inst_data = inst_data
        #: The files of the captures that go on in this process.
        self._open: dict[tuple[str, ...], tuple[int, int]] = {}
        self._watcher = LogWatcher(clock, 2.5 if polling_timeout is None else polling_timeout)

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        return self._inst_data

    @classmethod
    def config_type(cls) -> Any:
        from plugwork import Field, StringSource  # for the class form in plugwork.yaml alone

        return {"base_dir": StringSource, "polling_timeout": Field(float, is_required=False)}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> LocalComputeLogManager:
        return cls(**config_value, inst_data=inst_data)

    @contextmanager
    def capture_logs(self, log_key: LogKey, echo: bool = True) -> Iterator[CapturedLogContext]:
        context = CapturedLogContext(log_key)
        marker = self._path(log_key, COMPLETE)
        make_private_dirs(os.path.dirname(marker))
        out, err = (self._path(log_key, kind.value) for kind in (IOType.STDOUT, IOType.STDERR))
        with captured(out, err, echo, self._clock) as descriptors:
            Path(marker).unlink(missing_ok=True)
            self._open[context.log_key] = descriptors
            try:
                yield context
            finally:
                del self._open[context.log_key]
        os.close(os.open(marker, os.O_CREAT | os.O_WRONLY, 0o600))

    @contextmanager
    def open_log_stream(self, log_key: LogKey, io_type: IOType) -> Iterator[IO[str] | None]:
        path = self._path(log_key, io_type.value)
        make_private_dirs(os.path.dirname(path))
        with open(path, "a", encoding="utf-8", opener=_open_private) as stream:
            yield stream

    def is_capture_complete(self, log_key: LogKey) -> bool:
        return os.path.exists(self._path(log_key, COMPLETE)) or self._is_run_finished(log_key[0])

    def get_log_data_for_type(
        self, log_key: LogKey, io_type: IOType, offset: int = 0, max_bytes: int | None = None
    ) -> tuple[bytes | None, int]:
        if offset < 0 or (max_bytes is not None and max_bytes < 0):
            raise ParameterCheckError(
                f"offset and max_bytes must not be negative, got {offset!r} and {max_bytes!r}"
            )
        try:
            with open(self._path(log_key, io_type.value), "rb", buffering=0) as file:
                file.seek(offset)
                data = file.read(-1 if max_bytes is None else max_bytes) or b""
        except (FileNotFoundError, NotADirectoryError):
            return None, offset
        return data, offset + len(data)

    def sizes(self, log_key: LogKey) -> tuple[int, int]:
        descriptors = self._open.get(tuple(log_key))
        if descriptors is not None:
            # Asked twice for each step: no path is made.
            out, err = descriptors
            return os.fstat(out).st_size, os.fstat(err).st_size
        return self._size(log_key, IOType.STDOUT), self._size(log_key, IOType.STDERR)

    def get_log_metadata(self, log_key: LogKey) -> CapturedLogMetadata:
        url = "/logs/" + "/".join(quote(part, safe="") for part in check_log_key(log_key))
        return CapturedLogMetadata(
            stdout_location=self._path(log_key, IOType.STDOUT.value),
            stderr_location=self._path(log_key, IOType.STDERR.value),
            stdout_download_url=f"{url}/{IOType.STDOUT.value}",
            stderr_download_url=f"{url}/{IOType.STDERR.value}",
        )

    def delete_logs(
        self, log_key: LogKey | None = None, prefix: Sequence[str] | None = None
    ) -> None:
        if (log_key is None) == (prefix is None):
            raise CheckError("give a log key, or a prefix: what is to be deleted?")
        if log_key is not None:
            for extension in (IOType.STDOUT.value, IOType.STDERR.value, COMPLETE):
                Path(self._path(log_key, extension)).unlink(missing_ok=True)
        elif prefix is not None and os.path.isdir(folder := self._folder(prefix)):
            shutil.rmtree(folder)

    def get_log_keys_for_log_key_prefix(
        self, log_key_prefix: Sequence[str], io_type: IOType
    ) -> Sequence[Sequence[str]]:
        extension = f".{io_type.value}"
        names = sorted(os.listdir(self._folder(log_key_prefix)))
        stems = [name.removesuffix(extension) for name in names if name.endswith(extension)]
        return [[*log_key_prefix, stem] for stem in stems]

    def subscribe(self, log_key: LogKey, cursor: str | None = None) -> CapturedLogSubscription:
        """Return what delivers a capture to the observer with which it is called."""
        return CapturedLogSubscription(self, self._watcher, log_key, cursor)

    def unsubscribe(self, subscription: CapturedLogSubscription) -> None:
        """Deliver nothing more to a subscription."""
        subscription.dispose()

    def dispose(self) -> None:
        self._watcher.dispose()

    def _folder(self, prefix: Sequence[str]) -> str:
        return os.path.join(self.base_dir, *(_name(part) for part in check_log_key(prefix)))

    def _path(self, log_key: LogKey, extension: str) -> str:
        return f"{self._folder(log_key)}.{extension}"

    def _size(self, log_key: LogKey, io_type: IOType) -> int:
        try:
            return os.stat(self._path(log_key, io_type.value)).st_size
        except (FileNotFoundError, NotADirectoryError):
            return 0

    def _is_run_finished(self, run_id: str) -> bool:
        if self._run_finished is None:
            return False
        try:
            return self._run_finished(check_run_id(run_id))
        except CheckError:  # the key is no run's
            return False


def _name(part: str) -> str:
    """Return the part of a key as part of a path; one that is too long goes by its hash."""
    name = os.fsencode(part)
    if len(name) + len(f".{COMPLETE}") <= LONGEST_NAME:
        return part
    return hashlib.md5(name, usedforsecurity=False).hexdigest()


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def open_compute_logs(settings: ComputeLogSettings, context: ComponentContext) -> ComputeLogManager:
    """Make the instance's compute log manager."""

    def run_finished(run_id: str) -> bool:
        run = context.instance.get_run_by_id(run_id)
        return run is not None and run.is_finished

    return LocalComputeLogManager(
        directory(settings.base_dir, context.storage_dir, context),
        settings.polling_timeout,
        context.clock,
        run_finished if context.instance is not None else None,
    )
