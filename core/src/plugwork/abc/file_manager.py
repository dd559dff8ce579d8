"""File manager: files behind opaque handles, wherever they lie."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import IO, Any


class FileHandle(ABC):
    """Names one stored file; an ordinary value that can be pickled and passed between steps."""

    @property
    @abstractmethod
    def path_desc(self) -> str:
        """The place as text, for people only."""


class FileManager(ABC):
    """Writes and reads files for user code. Safe for threads and for several processes.

    A file never appears under its final name before it is whole. Equal contents make two files.
    """

    @abstractmethod
    def read(self, file_handle: FileHandle, mode: str = "rb") -> IO[Any]:
        """Open a file; the caller closes the stream, which is a context manager too.

        :param mode: ``"rb"``, or ``"r"`` for UTF-8 text.
        :raises ParameterCheckError: for another mode, or a handle of another manager.
        :raises FileNotFoundError: when the file is gone.
        """

    @abstractmethod
    def read_data(self, file_handle: FileHandle) -> bytes:
        """Return a file's whole content; raises as :meth:`read` does."""

    @abstractmethod
    def write(self, file_obj: IO[Any], mode: str = "wb", ext: str | None = None) -> FileHandle:
        """Copy all that is left to read of an object into a new file.

        :param mode: ``"wb"``, or ``"w"`` for an object that gives text, stored as UTF-8.
        :param ext: extension of the name, with or without its dot.
        :raises ParameterCheckError: for another mode, or an object that cannot be read.
        """

    @abstractmethod
    def write_data(self, data: bytes, ext: str | None = None) -> FileHandle:
        """Store bytes as a new file.

        :raises ParameterCheckError: when the data is not bytes; nothing is made then.
        """

    @abstractmethod
    def copy_handle_to_local_temp(self, file_handle: FileHandle) -> str:
        """Copy a file to a new one in the system's temporary directory, and return its path."""

    @abstractmethod
    def delete_local_temp(self) -> None:
        """Delete the temporary copies of this manager; may be called again, and is usable after."""

    @abstractmethod
    def exists(self, file_handle: FileHandle) -> bool:
        """Whether the file is still there."""

    @abstractmethod
    def delete(self, file_handle: FileHandle) -> None:
        """Delete a file; silent when it is gone already."""
