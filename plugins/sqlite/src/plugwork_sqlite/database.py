"""The file, its connections and its transactions."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from plugwork.errors import (
    InstanceDisposedError,
    InvariantViolationError,
    StorageError,
    StorageSchemaError,
)
from plugwork_sql.database import SqlDatabase
from plugwork_sql.storage import ensure_storage_id
from plugwork_sqlite import compiled, failures, forks
from plugwork_sqlite.lock import LockFile
from plugwork_sqlite.place import cannot_open, check_file, prepare_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: ``durability`` -> the pragma. NORMAL syncs when the log is folded into the database: a commit
#: outlives its process, not always the machine. FULL syncs every commit.
SYNCHRONOUS = {"normal": "NORMAL", "full": "FULL"}
#: Pages that the write-ahead log holds before it is folded into the database.
_CHECKPOINT_PAGES = 4000
#: Bytes to which the log is cut after that.
_LOG_LIMIT = 64 << 20
#: Reading connections that are kept for the next reader.
_IDLE_READERS = 4
_OLDEST_SQLITE = (3, 35, 0)


class SqliteDatabase(SqlDatabase):
    """One file, opened by one process.

    Writers hold the lock file, then one connection that is kept. Each reader has a connection of
    its own, so that it never waits for a writer.

    :param durability: ``normal`` or ``full``.
    :param busy_timeout: seconds to wait for a program that locks the file without the lock file.
    :raises StoragePlaceError: when the place cannot hold the file.
    :raises StorageDamagedError: when the file was made before and is gone, or is not a database.
    :raises StorageSchemaError: when another release made it.
    """

    sql = compiled.SQL

    def __init__(self, path: Path, durability: str, busy_timeout: float = 30.0) -> None:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise InvariantViolationError(
                f"SQLite {sqlite3.sqlite_version} is too old: this Python must come with 3.35 or"
                " newer"
            )
        self.path = path
        self._durability = durability
        self._busy_timeout = busy_timeout
        self._readers: deque[sqlite3.Connection] = deque()
        self._writer: sqlite3.Connection | None = None
        self._closed = False
        #: An error after which the file must not be used by this process any more.
        self._broken: StorageError | None = None
        prepare_directory(path.parent)
        self._lock = LockFile(path.with_name(f"{path.name}.lock"))
        self._pid = os.getpid()
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        forks.watch(self)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Cursor]:
        self._check_process()
        with self._lock:
            connection = self._checked_writer()
            try:
                cursor = connection.cursor()
                cursor.execute("BEGIN IMMEDIATE")
                yield cursor
                cursor.execute("COMMIT")
            except sqlite3.Error as error:
                self._raise(error)
            finally:
                if connection.in_transaction:
                    self._roll_back(connection)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Cursor]:
        self._check_process()
        self._check_file()
        connection = self._take_reader()
        try:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("COMMIT")
        except sqlite3.Error as error:
            self._raise(error)
        finally:
            self._put_back(connection)

    def info(self) -> Mapping[str, Any]:
        return {
            "storage": "sqlite",
            "path": str(self.path),
            "bytes": sum(
                os.stat(name).st_size
                for name in (str(self.path), f"{self.path}-wal")
                if os.path.exists(name)
            ),
            "schema": compiled.REVISION,
            "durability": self._durability,
            "sqlite": sqlite3.sqlite_version,
        }

    def close(self) -> None:
        self._closed = True
        if self._pid != os.getpid():
            return
        # A thread that writes ends its transaction first.
        with self._lock.threads:
            writer, self._writer = self._writer, None
            if writer is not None:
                writer.close()
            self._lock.close()
        self._close_readers()

    def _close_readers(self) -> None:
        while self._readers:
            self._readers.pop().close()

    def abandon(self) -> None:
        """Forget in a forked child what belongs to the parent, without closing it."""
        forks.ABANDONED.append((self._writer, tuple(self._readers)))
        self._writer = None
        self._readers.clear()
        self._lock.close()

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise InvariantViolationError(
                f"{self.path} was opened by process {self._pid}; a forked process opens its own"
                " instance"
            )
        if self._closed:
            raise InstanceDisposedError(f"{self.path} was closed; open a new instance")

    def _check_file(self) -> None:
        """Miss a file that was deleted, replaced or emptied under the open connections."""
        try:
            found = os.stat(self.path)
        except OSError as error:
            raise failures.missing(self.path) from error
        if (found.st_ino, found.st_dev) != self._identity or not found.st_size:
            raise failures.missing(self.path)

    def _raise(self, error: sqlite3.Error) -> None:
        translated = failures.translate(error, self.path)
        if translated is None:
            raise error
        if failures.is_final(error):
            self._broken = translated
        raise translated from error

    def _checked_writer(self) -> sqlite3.Connection:
        if self._broken is not None:
            raise self._broken
        self._check_file()
        if self._writer is None:
            self._writer = self._connect()
        return self._writer

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        """Leave a transaction; a connection that cannot even do that is closed."""
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._writer = None
            connection.close()

    def _take_reader(self) -> sqlite3.Connection:
        try:
            return self._readers.pop()
        except IndexError:
            connection = self._connect()
            connection.execute("PRAGMA query_only = 1")
            return connection

    def _put_back(self, connection: sqlite3.Connection) -> None:
        unfit = connection.in_transaction or self._broken is not None
        if unfit or len(self._readers) >= _IDLE_READERS:
            connection.close()
        else:
            self._readers.append(connection)
        if self._closed:
            self._close_readers()

    def _connect(self) -> sqlite3.Connection:
        # The lock, or the pool, gives a connection to one thread at a time.
        connection = sqlite3.connect(
            self.path, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS[self._durability]}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_LIMIT}")
        except sqlite3.Error as error:
            connection.close()
            self._raise(error)
        return connection

    def _open(self) -> None:
        if self.path.exists():
            check_file(self.path)
        if not self._has_data() or not self._lock.marked:
            with self._lock:
                self._create()
        found = os.stat(self.path)
        self._identity = (found.st_ino, found.st_dev)
        with self.read() as cursor:
            cursor.execute(self.sql["schema_revision"])
            revisions = [revision for (revision,) in cursor.fetchall()]
        if revisions != [compiled.REVISION]:
            self._refuse_schema(", ".join(revisions) or "none")

    def _refuse_schema(self, revision: str) -> None:
        newer = revision > compiled.REVISION
        mend = "install a newer plugwork-sqlite" if newer else "run 'plugwork instance migrate'"
        raise StorageSchemaError(
            f"{self.path} has schema {revision}, this release works with {compiled.REVISION};"
            f" {mend}"
        )

    def _has_data(self) -> bool:
        try:
            return os.stat(self.path).st_size > 0
        except OSError:
            return False

    def _create(self) -> None:
        """Make the schema, unless another process did; the caller holds the lock."""
        if not self._has_data() and self._lock.marked:
            raise failures.missing(self.path)
        try:
            # SQLite gives the files beside it the same mode.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise cannot_open(self.path, error) from error
        connection = self._connect()
        try:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                self._create_tables(connection.cursor())
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            self._raise(error)
        finally:
            connection.close()
        self._lock.mark()

    def _create_tables(self, cursor: sqlite3.Cursor) -> None:
        for statement in compiled.SCHEMA:
            cursor.execute(statement)
        cursor.execute(self.sql["schema_stamp"], (compiled.REVISION,))
        ensure_storage_id(self, cursor)
