"""The lock file: writers of all processes queue for it, where SQLite's own waiting polls."""

from __future__ import annotations

import fcntl
import os
import threading
from typing import TYPE_CHECKING

from plugwork.errors import InstanceDisposedError
from plugwork_sqlite.place import cannot_open

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class LockFile:
    """An exclusive lock among threads and processes; a context manager.

    The kernel frees it when its process dies. It also bears the mark that its database was made,
    so that a database that was taken away is missed.

    :raises StoragePlaceError: when the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        #: Held with the file; alone it keeps the other threads of this process out.
        self.threads = threading.Lock()
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise cannot_open(path, error) from error

    def __enter__(self) -> None:
        self.threads.acquire()
        try:
            if self._fd < 0:
                raise InstanceDisposedError("the storage was closed; open a new instance")
            fcntl.flock(self._fd, fcntl.LOCK_EX)
        except BaseException:
            self.threads.release()
            raise

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
        finally:
            self.threads.release()

    @property
    def marked(self) -> bool:
        """Whether the database beside it was made once."""
        return os.fstat(self._fd).st_size > 0

    def mark(self) -> None:
        """Remember that the database was made; the caller holds the lock."""
        os.pwrite(self._fd, b"the database beside this file was made\n", 0)

    def close(self) -> None:
        """Close the file; may be called again."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
