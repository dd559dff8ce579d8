"""One database that keeps everything."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from plugwork.abc import Storage
from plugwork.model import FINISHED_STATUSES
from plugwork_sql import leases
from plugwork_sql.append import append, next_event_id, open_log, write
from plugwork_sql.events import SqlEventLogStorage
from plugwork_sql.pools import end_slots
from plugwork_sql.records import to_micros
from plugwork_sql.runs import SqlRunStorage, insert_run
from plugwork_sql.text import to_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugwork.clock import Clock
    from plugwork.model import Appended, Batch, EncodedEntry, Holder, Lease, LeaseKind, Run
    from plugwork_sql.database import Cursor, SqlDatabase


class SqlStorage(Storage):
    """A storage over one SQL database. A back end brings the database.

    :param database: closed by :meth:`dispose`.
    """

    database: SqlDatabase

    def __init__(self, database: SqlDatabase, clock: Clock) -> None:
        self.database = database
        self._clock = clock
        self._runs = SqlRunStorage(database, clock)
        self._events = SqlEventLogStorage(database, clock)

    @property
    def run_storage(self) -> SqlRunStorage:
        return self._runs

    @property
    def event_log_storage(self) -> SqlEventLogStorage:
        return self._events

    def create_run(
        self,
        run: Run,
        entries: Sequence[EncodedEntry] = (),
        holder: Holder | None = None,
        ttl: float = 15.0,
        steps_planned: int | None = None,
    ) -> Lease | None:
        database, now = self.database, self._now()
        with database.write() as cursor:
            log_id = insert_run(database, cursor, run, now)
            if steps_planned is not None:
                cursor.execute(database.sql["log_plan"], (steps_planned, log_id))
            if entries:
                log = open_log(database, cursor, run.run_id, len(entries))
                write(database, cursor, run.run_id, log, tuple(entries))
            if holder is None:
                return None
            return leases.acquire(database, cursor, ("run", run.run_id), holder, ttl, None, now)

    def append(self, batch: Batch) -> Appended:
        appended = append(self.database, batch, self._events.holding)
        if appended.status in FINISHED_STATUSES:
            self._events.holding.discard(to_column(batch.run_id))
        return appended

    def acquire_lease(
        self,
        kind: LeaseKind,
        key: str,
        holder: Holder,
        ttl: float,
        seen: Lease | None = None,
    ) -> Lease | None:
        with self.database.write() as cursor:
            return leases.acquire(
                self.database, cursor, (kind, key), holder, ttl, seen, self._now()
            )

    def renew_lease(self, lease: Lease) -> bool:
        with self.database.write() as cursor:
            place = (lease.kind, to_column(lease.key), lease.fence)
            cursor.execute(self.database.sql["lease_renew"], (self._now(), *place))
            return cursor.rowcount == 1

    def release_lease(self, lease: Lease) -> None:
        with self.database.write() as cursor:
            place = (lease.kind, to_column(lease.key), lease.fence)
            cursor.execute(self.database.sql["lease_release"], place)
            if lease.kind == "run" and cursor.rowcount == 1:
                end_slots(self.database, cursor, place[1])

    def get_leases(self, kind: LeaseKind | None = None) -> Sequence[Lease]:
        with self.database.read() as cursor:
            if kind is None:
                cursor.execute(self.database.sql["leases"])
            else:
                cursor.execute(self.database.sql["leases_of"], (kind,))
            return [leases.read_lease(row) for row in cursor.fetchall()]

    def delete_run(self, run_id: str) -> None:
        sql, run_id = self.database.sql, to_column(run_id)
        with self.database.write() as cursor:
            cursor.execute(sql["run_find"], (run_id,))
            run = cursor.fetchone()
            if run is not None:
                cursor.execute(sql["run_tags_delete"], (run[0],))
                cursor.execute(sql["run_delete"], (run[0],))
            cursor.execute(sql["log_find"], (run_id,))
            log = cursor.fetchone()
            if log is not None:
                self._keep_last_event_id(cursor)
                for name in ("events_delete", "attempts_delete", "log_delete"):
                    cursor.execute(sql[name], (log[0],))
            cursor.execute(sql["lease_end"], (run_id,))
            end_slots(self.database, cursor, run_id)

    def _keep_last_event_id(self, cursor: Cursor) -> None:
        last = next_event_id(self.database, cursor) - 1
        cursor.execute(self.database.sql["counter_put"], ("deleted_event", last))

    def get_storage_id(self) -> str:
        sql = self.database.sql
        with self.database.read() as cursor:
            cursor.execute(sql["meta_get"], ("storage_id",))
            row = cursor.fetchone()
        if row is None:
            with self.database.write() as cursor:
                row = (ensure_storage_id(self.database, cursor),)
        found: str = row[0]
        return found

    def info(self) -> Mapping[str, Any]:
        with self.database.read() as cursor:
            cursor.execute(self.database.sql["runs_count"])
            runs = cursor.fetchone()[0]
        return {**self.database.info(), "runs": runs}

    def wipe(self) -> None:
        sql = self.database.sql
        with self.database.write() as cursor:
            self._keep_last_event_id(cursor)
            for name in sorted(name for name in sql if name.startswith("wipe_")):
                cursor.execute(sql[name])
            cursor.execute(sql["leases_of_runs_delete"])
            # A loop's fence goes on growing, or a leader from before would pass for the next.
            cursor.execute(sql["leases_free"])

    def dispose(self) -> None:
        self.database.close()

    def _now(self) -> int:
        return to_micros(self._clock.now())


def ensure_storage_id(database: SqlDatabase, cursor: Cursor) -> str:
    """Return the id of a storage, inside a transaction; makes it when there is none."""
    cursor.execute(database.sql["meta_get"], ("storage_id",))
    row = cursor.fetchone()
    if row is not None:
        return str(row[0])
    made = str(uuid.uuid4())
    cursor.execute(database.sql["meta_add"], ("storage_id", made))
    return made
