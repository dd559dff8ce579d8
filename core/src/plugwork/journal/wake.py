"""Waking watchers in other processes of this user: datagrams in a private run-time directory.

Waking is a courtesy. Who waits looks by himself from time to time, and where no socket can be made
that is all there is; so nothing here fails.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import select
import socket
import stat
import threading
from typing import Self

from plugwork.clock import SYSTEM_CLOCK

_HAS_SOCKETS = hasattr(socket, "AF_UNIX")
#: A socket's path has 108 bytes on Linux, 104 on macOS, with the final NUL.
_LONGEST_PATH = 103
#: What stands behind the directory: a key's folder, a process id and a number.
_LONGEST_NAME = len("/0123456789abcdef/4194304-9999")
_TRIES = 50
_numbers = itertools.count()


def announce(place_id: str, run_id: str) -> None:
    """Wake who listens for a run; costs microseconds when nobody does. Never blocks or raises.

    :param place_id: the storage's id: runs of another storage are other runs.
    """
    if not _HAS_SOCKETS:
        return
    try:
        folder = f"{_runtime_dir()}/{_key(place_id, run_id)}"
        names = os.listdir(folder)
        if names and _is_private(os.path.dirname(folder)):
            _send(folder, names)
    except OSError:
        return  # nobody listens, or nobody can


def _send(folder: str, names: list[str]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for name in names:
            try:
                sender.sendto(b"!", f"{folder}/{name}")
            except ConnectionRefusedError:
                _remove(folder, name)  # its listener died, and left it
            except OSError:
                continue  # it has more than enough to wake it, or is just leaving


class Listener:
    """Waits for what :func:`announce` tells of one run; a context manager.

    Made before the first look at the log, it misses nothing that comes after. For one thread.
    """

    def __init__(self, place_id: str, run_id: str) -> None:
        self._path: str | None = None
        self._socket: socket.socket | None = None
        if _HAS_SOCKETS:
            self._open(_key(place_id, run_id))

    @property
    def can_be_woken(self) -> bool:
        """Tell whether anything but the time ends :meth:`wait`."""
        return self._socket is not None

    def wait(self, timeout: float) -> bool:
        """Wait until woken, at most so many seconds; several announcements wake once.

        :returns: whether it was woken.
        """
        if self._socket is None:
            return SYSTEM_CLOCK.wait(threading.Event(), timeout)
        readable, _, _ = select.select([self._socket], [], [], max(0.0, timeout))
        try:
            while readable and self._socket.recv(1):
                pass
        except BlockingIOError:
            pass
        return bool(readable)

    def wake(self) -> None:
        """End a wait, or the next one, from another thread."""
        if self._path is not None:
            folder, name = os.path.split(self._path)
            _send(folder, [name])

    def close(self) -> None:
        """Stop listening; may be called again."""
        if self._socket is not None and self._path is not None:
            self._socket.close()
            self._socket = None
            _remove(*os.path.split(self._path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, key: str) -> None:
        path = f"{_runtime_dir()}/{key}/{os.getpid()}-{next(_numbers)}"
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.setblocking(False)
        # Another listener may take the empty folder away between making and binding.
        for _ in range(_TRIES):
            try:
                _make_private(os.path.dirname(os.path.dirname(path)))
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                receiver.bind(path)
            except (FileNotFoundError, FileExistsError):
                continue
            except OSError:
                break
            self._socket, self._path = receiver, path
            return
        receiver.close()


def _remove(folder: str, name: str) -> None:
    try:
        os.unlink(f"{folder}/{name}")
        os.rmdir(folder)
    except OSError:
        return  # others listen there, or it is gone


def _key(place_id: str, run_id: str) -> str:
    return hashlib.blake2b(f"{place_id}/{run_id}".encode(), digest_size=8).hexdigest()


def _runtime_dir() -> str:
    """Return the directory, the same in every process of this user."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given.startswith("/") and len(os.fsencode(given)) + 9 + _LONGEST_NAME <= _LONGEST_PATH:
        return f"{given}/plugwork"
    return f"/tmp/plugwork-{os.getuid()}"


def _make_private(folder: str) -> None:
    """Make the directory, and refuse one that somebody else could write into.

    :raises PermissionError: for such a one.
    """
    try:
        os.mkdir(folder, mode=0o700)
    except FileExistsError:
        pass
    if not _is_private(folder):
        raise PermissionError(f"{folder} is not a directory of this user alone")


def _is_private(folder: str) -> bool:
    found = os.lstat(folder)
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return mine and not stat.S_IMODE(found.st_mode) & 0o077
