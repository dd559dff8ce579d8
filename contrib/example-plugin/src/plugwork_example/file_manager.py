"""Keeps files in folders by the day they were written, so that old ones are easily removed."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import attrs

from plugwork.abc import FileHandle, FileManager
from plugwork.errors import ParameterCheckError
from plugwork.plugin import Clock, ComponentContext

#: No name leads out of the folder, whatever a stored handle says.
_NAME = re.compile(r"\d{4}/\d\d/\d\d/[0-9a-f]{32}(\.[A-Za-z0-9][A-Za-z0-9._-]{0,20})?")


@attrs.frozen(kw_only=True)
class DatedSettings:
    """The block ``file_manager: {dated: ...}``."""

    base_dir: str = attrs.field(
        default="dated-files",
        metadata={"help": "Where the folders of the days are; relative to the home directory."},
    )


@attrs.frozen
class DatedHandle(FileHandle):
    base_dir: str
    name: str

    @property
    def path_desc(self) -> str:
        return f"{self.base_dir}/{self.name}"


class DatedFileManager(FileManager):
    """Files at ``<base_dir>/2024/05/17/<uuid>.<extension>``; the day is that in UTC."""

    def __init__(self, base_dir: Path, clock: Clock) -> None:
        self._base, self._clock, self._copies = base_dir.absolute(), clock, set[str]()

    def read(self, file_handle: FileHandle, mode: str = "rb") -> IO[Any]:
        if mode not in ("r", "rb"):
            raise ParameterCheckError(f"the mode of read is 'r' or 'rb', got {mode!r}")
        return self._path(file_handle).open(mode, encoding="utf-8" if mode == "r" else None)

    def read_data(self, file_handle: FileHandle) -> bytes:
        return self._path(file_handle).read_bytes()

    def write(self, file_obj: IO[Any], mode: str = "wb", ext: str | None = None) -> DatedHandle:
        if mode not in ("w", "wb") or not hasattr(file_obj, "read"):
            raise ParameterCheckError(f"cannot copy {file_obj!r} in mode {mode!r}")
        today = datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y/%m/%d")
        suffix = f".{ext.removeprefix('.')}" if ext else ""
        handle = DatedHandle(str(self._base), f"{today}/{uuid.uuid4().hex}{suffix}")
        path = self._path(handle)
        path.parent.mkdir(parents=True, exist_ok=True)
        # It grows under another name, so that nobody meets half a file.
        with tempfile.TemporaryDirectory(prefix=".growing-", dir=self._base) as growing:
            with Path(growing, "file").open(mode, encoding="utf-8" if mode == "w" else None) as new:
                shutil.copyfileobj(file_obj, new)
            os.replace(new.name, path)
        return handle

    def write_data(self, data: bytes, ext: str | None = None) -> DatedHandle:
        if not isinstance(data, bytes):
            raise ParameterCheckError(f"data must be bytes, got {type(data).__name__}")
        return self.write(io.BytesIO(data), ext=ext)

    def copy_handle_to_local_temp(self, file_handle: FileHandle) -> str:
        with self.read(file_handle) as source, tempfile.NamedTemporaryFile(delete=False) as copy:
            self._copies.add(copy.name)
            shutil.copyfileobj(source, copy)
        return copy.name

    def delete_local_temp(self) -> None:
        while self._copies:
            Path(self._copies.pop()).unlink(missing_ok=True)

    def exists(self, file_handle: FileHandle) -> bool:
        return self._path(file_handle).exists()

    def delete(self, file_handle: FileHandle) -> None:
        self._path(file_handle).unlink(missing_ok=True)

    def _path(self, handle: FileHandle) -> Path:
        if isinstance(handle, DatedHandle) and _NAME.fullmatch(handle.name):
            return self._base / handle.name
        raise ParameterCheckError(f"{handle!r} is no handle of a dated file manager")


def open_file_manager(settings: DatedSettings, context: ComponentContext) -> DatedFileManager:
    base_dir = (context.home or context.storage_dir) / Path(settings.base_dir).expanduser()
    return DatedFileManager(base_dir, context.clock)
