"""Compare installed files with what ``RECORD`` says they should be."""

from __future__ import annotations

import base64
import enum
import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import attrs

from plugwork_environment_audit.record import RecordEntry

CHUNK = 1 << 20
#: The folders in which Python keeps byte code.
BYTE_CODE = "__pycache__"

#: Hash functions whose digest has one length.
ALGORITHMS = frozenset(
    name for name in hashlib.algorithms_guaranteed if not name.startswith("shake")
)


class FileState(enum.StrEnum):
    """How an installed file compares with its record."""

    VERIFIED = "verified"
    #: It exists; the record has no hash to compare it with.
    UNHASHED = "unhashed"
    DAMAGED = "damaged"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@attrs.frozen
class FileCheck:
    """One file, compared."""

    path: str
    state: FileState
    #: Bytes on disk; 0 for a file that is not there.
    size: int = 0
    #: Why the file is damaged or unreadable.
    detail: str = ""


def check_files(location: Path, entries: Iterable[RecordEntry]) -> list[FileCheck]:
    """Compare every recorded file with the disk.

    Byte code that was cleaned away is left out: Python writes it anew when it is needed. So are the
    folders of byte code that some installers record.

    :param location: folder that the recorded paths are relative to.
    """
    files = [entry for entry in entries if PurePosixPath(entry.path).name != BYTE_CODE]
    checks = [check_file(location, entry) for entry in files]
    return [check for check in checks if not _cleaned_byte_code(check)]


def check_file(location: Path, entry: RecordEntry) -> FileCheck:
    """Compare one file. Only its size and hash are looked at, never its time or mode.

    A read that fails gives ``UNREADABLE``: whether to try again is the caller's to decide.
    """
    path = location / entry.path
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            return FileCheck(entry.path, FileState.DAMAGED, detail="not a regular file")
        return _compare(path, entry, found.st_size)
    except (FileNotFoundError, NotADirectoryError):
        return FileCheck(entry.path, FileState.MISSING)
    except ValueError as error:
        return FileCheck(entry.path, FileState.MISSING, detail=f"impossible path: {error}")
    except OSError as error:
        reason = error.strerror or str(error)
        return FileCheck(entry.path, FileState.UNREADABLE, detail=reason)


def file_digest(path: Path, algorithm: str) -> str:
    """Hash a file of any size in constant memory; URL-safe base 64 without padding.

    :raises OSError: if the file cannot be read.
    :raises ValueError: if the hash function is unknown.
    """
    with path.open("rb", buffering=0) as stream:
        digest = hashlib.new(algorithm, usedforsecurity=False)
        buffer = memoryview(bytearray(CHUNK))
        while count := stream.readinto(buffer):
            digest.update(buffer[:count])
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode("ascii")


def _cleaned_byte_code(check: FileCheck) -> bool:
    return check.state is FileState.MISSING and BYTE_CODE in PurePosixPath(check.path).parts


def _compare(path: Path, entry: RecordEntry, size: int) -> FileCheck:
    if entry.size is not None and size != entry.size:
        detail = f"{size} bytes, {entry.size} recorded"
        return FileCheck(entry.path, FileState.DAMAGED, size, detail)
    if entry.algorithm is None or entry.algorithm not in ALGORITHMS:
        return FileCheck(entry.path, FileState.UNHASHED, size)
    if file_digest(path, entry.algorithm) != entry.digest:
        detail = f"content differs from its recorded {entry.algorithm}"
        return FileCheck(entry.path, FileState.DAMAGED, size, detail)
    return FileCheck(entry.path, FileState.VERIFIED, size)
