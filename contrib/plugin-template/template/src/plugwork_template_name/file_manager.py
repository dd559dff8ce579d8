"""Keeps files in a folder."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import IO, Any

import attrs
from plugwork.abc import FileHandle, FileManager
from plugwork.errors import ParameterCheckError
from plugwork.plugin import ComponentContext

from .settings import Settings

_EXTENSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}")
_NAME = re.compile(rf"[0-9a-f]{{32}}(\.{_EXTENSION.pattern})?")
_CHUNK = 1 << 20


@attrs.frozen
class TemplateNameHandle(FileHandle):
    """Names a stored file; a plain value that can be pickled."""

    #: Decides what is read. Checked whenever it is used: handles come from stored values.
    name: str
    #: For people only.
    place: str

    @property
    def path_desc(self) -> str:
        return self.place


class TemplateNameFileManager(FileManager):
    """Safe for threads and for several processes, as the interface demands."""

    def __init__(self, base_dir: Path) -> None:
        self._base = base_dir.absolute()
        self._copies: set[str] = set()

    def read(self, file_handle: FileHandle, mode: str = "rb") -> IO[Any]:
        if mode not in ("r", "rb"):
            raise ParameterCheckError(f"the mode of read is 'r' or 'rb', got {mode!r}")
        stream = self._open(_checked_name(file_handle))
        return stream if mode == "rb" else io.TextIOWrapper(stream, encoding="utf-8")

    def read_data(self, file_handle: FileHandle) -> bytes:
        with self._open(_checked_name(file_handle)) as stream:
            return stream.read()

    def write(self, file_obj: IO[Any], mode: str = "wb", ext: str | None = None) -> FileHandle:
        if mode not in ("w", "wb") or not hasattr(file_obj, "read"):
            raise ParameterCheckError(f"cannot copy {file_obj!r} in mode {mode!r}")
        name = uuid.uuid4().hex + _suffix(ext)
        with tempfile.TemporaryFile() as spool:
            while chunk := file_obj.read(_CHUNK):
                if isinstance(chunk, str) is not (mode == "w"):
                    raise TypeError(f"mode {mode!r} does not copy {type(chunk).__name__}")
                spool.write(chunk.encode() if mode == "w" else chunk)
            spool.seek(0)
            place = self._store(name, spool)
        return TemplateNameHandle(name, place)

    def write_data(self, data: bytes, ext: str | None = None) -> FileHandle:
        if not isinstance(data, bytes):
            raise ParameterCheckError(f"data must be bytes, got {type(data).__name__}")
        return self.write(io.BytesIO(data), ext=ext)

    def copy_handle_to_local_temp(self, file_handle: FileHandle) -> str:
        with (
            self.read(file_handle) as source,
            tempfile.NamedTemporaryFile(delete=False) as copy,
        ):
            self._copies.add(copy.name)
            shutil.copyfileobj(source, copy)
        return copy.name

    def delete_local_temp(self) -> None:
        while self._copies:
            Path(self._copies.pop()).unlink(missing_ok=True)

    def exists(self, file_handle: FileHandle) -> bool:
        return self._has(_checked_name(file_handle))

    def delete(self, file_handle: FileHandle) -> None:
        self._remove(_checked_name(file_handle))

    # Where the bytes are: put your own store here.

    def _store(self, name: str, source: IO[bytes]) -> str:
        """Keep the bytes under a new name, and say where they are; never half of them."""
        self._base.mkdir(parents=True, exist_ok=True)
        path = self._base / name
        with tempfile.TemporaryDirectory(prefix=".growing-", dir=self._base) as growing:
            with Path(growing, name).open("wb") as new:
                shutil.copyfileobj(source, new)
            os.replace(new.name, path)
        return str(path)

    def _open(self, name: str) -> IO[bytes]:
        """Open for reading; FileNotFoundError when there is nothing of this name."""
        return (self._base / name).open("rb")

    def _has(self, name: str) -> bool:
        return (self._base / name).exists()

    def _remove(self, name: str) -> None:
        """Forget the bytes; silent when there are none."""
        (self._base / name).unlink(missing_ok=True)


def _checked_name(handle: FileHandle) -> str:
    if isinstance(handle, TemplateNameHandle) and _NAME.fullmatch(handle.name):
        return handle.name
    raise ParameterCheckError(f"{handle!r} is no handle of this file manager")


def _suffix(ext: str | None) -> str:
    if not ext:
        return ""
    if not _EXTENSION.fullmatch(ext.removeprefix(".")):
        raise ParameterCheckError(f"an extension is a part of a name, got {ext!r}")
    return f".{ext.removeprefix('.')}"


def open_file_manager(settings: Settings, context: ComponentContext) -> FileManager:
    """Make the instance's file manager."""
    base_dir = (context.home or context.storage_dir) / Path(settings.base_dir).expanduser()
    return TemplateNameFileManager(base_dir)
