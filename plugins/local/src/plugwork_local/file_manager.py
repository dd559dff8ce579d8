"""File manager on a local, or a shared, file system."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import attrs

from plugwork.abc import FileHandle, FileManager
from plugwork.abc.specs import ComponentContext
from plugwork.errors import FileHandleError, ParameterCheckError
from plugwork_local.settings import FileManagerSettings, directory
from plugwork_local.whole_files import GROWING, WholeFiles

#: Bytes, or characters, that are copied at once.
CHUNK = 1 << 20
#: An extension is part of a name, and no path.
EXTENSION = re.compile(r"[^/\\\x00-\x1f\x7f\ud800-\udfff]{1,50}")


@attrs.frozen
class LocalFileHandle(FileHandle):
    """Names a file by its absolute path."""

    path: str

    @property
    def path_desc(self) -> str:
        return self.path


class LocalFileManager(FileManager):
    """Keeps files in one directory, under names that say nothing.

    Steps in other processes and on other hosts read a handle if they see the same directory
    under the same path. A handle is refused that leads outside the directory, be it by ``..``, by
    a link, or because a file manager of another directory made it: handles come from stored
    values, and no value may open every file of the host.

    :param base_dir: made when it is first written to; relative to the working directory of now.
    :param durability: ``full`` brings each file to the disk before it gets its name.
    """

    def __init__(self, base_dir: str | Path, durability: str = "normal") -> None:
        self.base_dir = os.path.abspath(base_dir)
        self._files = WholeFiles(self.base_dir, synced=durability == "full")
        self._lock = threading.Lock()
        self._temporary: list[str] = []

    def read(self, file_handle: FileHandle, mode: str = "rb") -> IO[Any]:
        path = self._path(file_handle)
        if mode == "rb":
            return open(path, "rb")
        if mode == "r":
            return open(path, encoding="utf-8")
        raise ParameterCheckError(f"the mode of read is 'r' or 'rb', got {mode!r}")

    def read_data(self, file_handle: FileHandle) -> bytes:
        with self.read(file_handle) as stream:
            data: bytes = stream.read()
        return data

    def write(self, file_obj: IO[Any], mode: str = "wb", ext: str | None = None) -> LocalFileHandle:
        if mode not in ("w", "wb"):
            raise ParameterCheckError(f"the mode of write is 'w' or 'wb', got {mode!r}")
        if not callable(getattr(file_obj, "read", None)):
            raise ParameterCheckError(f"file_obj must be an open file to read, got {file_obj!r}")
        return self._store(_chunks(file_obj, text=mode == "w"), ext)

    def write_data(self, data: bytes, ext: str | None = None) -> LocalFileHandle:
        if not isinstance(data, bytes):
            raise ParameterCheckError(f"data must be bytes, got {type(data).__name__}")
        return self._store(iter((data,)), ext)

    def copy_handle_to_local_temp(self, file_handle: FileHandle) -> str:
        with self.read(file_handle) as source:
            suffix = os.path.splitext(source.name)[1]
            descriptor, path = tempfile.mkstemp(prefix="plugwork-", suffix=suffix)
            with self._lock:
                self._temporary.append(path)
            with open(descriptor, "wb") as copy:
                shutil.copyfileobj(source, copy, CHUNK)
        return path

    def delete_local_temp(self) -> None:
        with self._lock:
            paths, self._temporary = self._temporary, []
        for path in paths:
            Path(path).unlink(missing_ok=True)

    def dispose(self) -> None:
        """Delete the temporary copies; called with the instance's own disposal."""
        self.delete_local_temp()

    def exists(self, file_handle: FileHandle) -> bool:
        return os.path.isfile(self._path(file_handle))

    def delete(self, file_handle: FileHandle) -> None:
        Path(self._path(file_handle)).unlink(missing_ok=True)

    def _store(self, chunks: Iterator[bytes], ext: str | None) -> LocalFileHandle:
        path = os.path.join(self.base_dir, f"{uuid.uuid4()}{_suffix(ext)}")
        with self._files.writing(path) as stream:
            for chunk in chunks:
                stream.write(chunk)
        return LocalFileHandle(path)

    def _path(self, handle: FileHandle) -> str:
        if not isinstance(handle, LocalFileHandle) or not isinstance(handle.path, str):
            raise ParameterCheckError(
                f"a local file manager takes a LocalFileHandle, got {handle!r}"
            )
        if "\0" in handle.path or not os.path.isabs(handle.path):
            raise FileHandleError(f"the path of a file handle is absolute, got {handle.path!r}")
        path, root = os.path.realpath(handle.path), os.path.realpath(self.base_dir)
        inside = os.path.relpath(path, root).split(os.sep)
        if inside[0] in (os.pardir, os.curdir, GROWING):
            raise FileHandleError(
                f"{handle.path} is not a file of this file manager, which keeps its files in"
                f" {self.base_dir}: use the file manager that wrote it, or set base_dir to a"
                " directory that holds both"
            )
        return path


def _suffix(ext: str | None) -> str:
    if ext is None or ext in ("", "."):
        return ""
    if not isinstance(ext, str) or not EXTENSION.fullmatch(ext.lstrip(".") or "/"):
        raise ParameterCheckError(f"an extension is up to 50 characters of a name, got {ext!r}")
    return f".{ext.lstrip('.')}"


def _chunks(file_obj: IO[Any], text: bool) -> Iterator[bytes]:
    kind = str if text else bytes
    while chunk := file_obj.read(CHUNK):
        if text and isinstance(chunk, str):
            yield chunk.encode("utf-8")
        elif not text and isinstance(chunk, (bytes, bytearray, memoryview)):
            yield bytes(chunk)
        else:
            raise TypeError(
                f"mode {'w' if text else 'wb'!r} copies {kind.__name__}, but the object gives"
                f" {type(chunk).__name__}; use mode {'wb' if text else 'w'!r}"
            )


def open_file_manager(settings: FileManagerSettings, context: ComponentContext) -> FileManager:
    """Make the instance's file manager."""
    base_dir = directory(settings.base_dir, context.storage_dir / "file_manager", context)
    return LocalFileManager(base_dir, context.durability)
