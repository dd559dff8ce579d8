"""What a storage needs of a database: transactions, and its statements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

#: Stands in a compiled statement for a list of values.
LIST = "(...)"


class Cursor(Protocol):
    """A cursor as every driver has it."""

    @property
    def rowcount(self) -> int: ...

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Any: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Any: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class SqlDatabase(ABC):
    """One database. Safe for threads."""

    #: The statements of :mod:`plugwork_sql.statements`, compiled for this database.
    sql: Mapping[str, str]
    #: What stands for a value in a statement.
    placeholder: str = "?"

    @abstractmethod
    def write(self) -> AbstractContextManager[Cursor]:
        """Open a transaction that writes.

        It commits when the block ends and rolls back when the block raises. Writers of one run
        wait for each other at the first statement of an append, or earlier.

        :raises StorageUnavailableError: when the database cannot be reached; nothing is known of
            the outcome when the commit had begun.
        :raises StorageFullError: when the disk is full; nothing was written.
        :raises StorageDamagedError: when the data is damaged or gone.
        """

    @abstractmethod
    def read(self) -> AbstractContextManager[Cursor]:
        """Open a transaction that sees one state of the data throughout; it cannot write."""

    def fill(self, sql: str, count: int) -> str:
        """Give the first open list of a statement so many placeholders."""
        return sql.replace(LIST, f"({', '.join([self.placeholder] * count)})", 1)

    @abstractmethod
    def info(self) -> Mapping[str, Any]:
        """Return facts for people; no secrets."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection; may be called again."""
