"""Whether a directory can hold the database, found out before anything is written."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from plugwork.errors import StorageError, StorageFullError, StoragePlaceError

if TYPE_CHECKING:
    from pathlib import Path

#: File systems on which several machines may work. Their locks cannot be trusted, and the shared
#: memory beside a database in WAL mode works on one machine only.
_NETWORK = frozenset(
    {
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "fuse.ceph",
        "fuse.gcsfuse",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb2",
        "smb3",
        "smbfs",
    }
)
#: Where Linux lists what is mounted.
MOUNTS = "/proc/self/mounts"


def prepare_directory(directory: Path) -> None:
    """Make the directory if it is missing, readable by its owner only.

    :raises StoragePlaceError: when it cannot be made or written, or lies on a network.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoragePlaceError(
            f"the storage's directory {directory} cannot be made: {error.strerror}; choose another"
        ) from error
    if not _may(directory, os.R_OK | os.W_OK | os.X_OK):
        raise StoragePlaceError(_refusal("directory", directory))
    kind = find_file_system(directory, MOUNTS)
    if kind in _NETWORK:
        raise StoragePlaceError(
            f"{directory} lies on a network file system ({kind}), where SQLite loses data; set"
            " 'storage: {sqlite: {base_dir: ...}}' to a directory on a local disk, or use a"
            " database server"
        )


def check_file(path: Path) -> None:
    """Refuse a file that this user cannot read and write.

    :raises StoragePlaceError: naming path, mode and owner.
    """
    if not path.is_file():
        raise StoragePlaceError(f"{path} is not a file; move it away, or choose another directory")
    if not _may(path, os.R_OK | os.W_OK):
        raise StoragePlaceError(_refusal("file", path))


def cannot_open(path: Path, error: OSError) -> StorageError:
    """Return the error for a file that the system does not let this process open or make."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFullError(f"the disk is full: {path} cannot be made; free space there")
    if path.exists():
        return StoragePlaceError(_refusal("file", path))
    return StoragePlaceError(
        f"the storage's file {path} cannot be made: {error.strerror}; choose another directory"
    )


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _refusal(what: str, path: Path) -> str:
    found = path.stat()
    return (
        f"the storage's {what} {path} cannot be written: mode {stat.filemode(found.st_mode)}, owner"
        f" {found.st_uid}, this process runs as {os.geteuid()}; change its mode or owner, or choose"
        " another directory"
    )


def find_file_system(path: Path, mounts: str) -> str | None:
    """Return the type of the file system that holds a path; None where the system tells none."""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as lines:
            table = [line.split(" ", 3)[1:3] for line in lines]
    except OSError:
        return None
    real = os.path.realpath(path)
    holders = [(len(point), kind) for point, kind in table if _holds(_unescape(point), real)]
    # Of two mounts on one point, the later one is seen.
    return max(enumerate(holders), key=lambda one: (one[1][0], one[0]))[1][1] if holders else None


def _holds(point: str, path: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")


def _unescape(point: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, char)
    return point
