"""Files that appear under their name when they are whole, and not before."""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

#: Folder below the root in which files grow until they are whole.
GROWING = ".growing"


def make_private_dirs(path: str) -> None:
    """Make a directory and its parents, closed to other users."""
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass


def sync_directory(path: str) -> None:
    """Bring a directory's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class WholeFiles:
    """Writes files below one directory. Safe for threads and for several processes.

    A file grows under another name and is renamed. Its writer holds a lock on it meanwhile, so
    that what killed writers left behind can be told from what is being written; the first
    write of each object sweeps the former.

    :param root: absolute; made when it is first written to.
    :param synced: whether a file is on the disk before it gets its name (``durability: full``).
    """

    def __init__(self, root: str, synced: bool = False) -> None:
        self.root = root
        self.synced = synced
        self._growing = os.path.join(root, GROWING)
        self._lock = threading.Lock()
        self._ready = False

    @contextmanager
    def writing(self, path: str) -> Iterator[BinaryIO]:
        """Give a stream to fill; the file is at ``path`` when the block ends without error.

        :param path: below the root; a file that is there already is replaced.
        """
        self._prepare()
        temporary, descriptor = self._begin()
        try:
            with open(descriptor, "wb") as stream:
                yield stream
                stream.flush()
                if self.synced:
                    os.fsync(descriptor)
                self._publish(temporary, path)
        except BaseException:
            _remove(temporary)
            raise

    def _begin(self) -> tuple[str, int]:
        while True:
            path = os.path.join(self._growing, uuid.uuid4().hex)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            try:
                descriptor = os.open(path, flags, 0o600)
            except FileNotFoundError:
                make_private_dirs(self._growing)
                continue
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return path, descriptor
            # A sweeper came between opening and locking.
            os.close(descriptor)

    def _publish(self, temporary: str, path: str) -> None:
        folder = os.path.dirname(path)
        try:
            os.replace(temporary, path)
        except FileNotFoundError:
            make_private_dirs(folder)
            os.replace(temporary, path)
        if self.synced:
            # Journals are written in order: with this entry, those of new directories above it.
            sync_directory(folder)

    def _prepare(self) -> None:
        if self._ready:
            return
        with self._lock:
            if not self._ready:
                make_private_dirs(self._growing)
                self._sweep()
                self._ready = True

    def _sweep(self) -> None:
        for entry in os.scandir(self._growing):
            try:
                descriptor = os.open(entry.path, os.O_WRONLY | os.O_CLOEXEC)
            except OSError:
                continue  # gone, or another user's
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(entry.path)
            except BlockingIOError:
                pass  # somebody writes it
            finally:
                os.close(descriptor)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
