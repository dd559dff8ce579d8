"""Slots of pools in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.abc import PoolStorage
from plugwork.errors import FencedError
from plugwork.model import (
    CLAIM_PATIENCE,
    ClaimedSlotInfo,
    ConcurrencyClaimStatus,
    ConcurrencyKeyInfo,
    ConcurrencySlotStatus,
    PendingStepInfo,
    PoolLimit,
    check_pool_limit,
    check_priority,
)
from plugwork_sql.records import to_micros
from plugwork_sql.text import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plugwork.clock import Clock
    from plugwork.model import StepAttempt
    from plugwork_sql.database import Cursor, SqlDatabase

_BLOCKED = ConcurrencySlotStatus.BLOCKED
_CLAIMED = ConcurrencySlotStatus.CLAIMED


class SqlPools(PoolStorage):
    """The pools of a :class:`~plugwork_sql.storage.SqlStorage`."""

    def __init__(self, database: SqlDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        #: Runs for which this process took slots: only they are looked for when attempts end.
        self.holding: set[str] = set()

    def set_concurrency_slots(self, concurrency_key: str, num: int) -> None:
        check_pool_limit(concurrency_key, num)
        with self._database.write() as cursor:
            cursor.execute(self._database.sql["pool_put"], (to_column(concurrency_key), num, 0))

    def delete_concurrency_limit(self, concurrency_key: str) -> None:
        sql, pool = self._database.sql, to_column(concurrency_key)
        with self._database.write() as cursor:
            cursor.execute(sql["pool_delete"], (pool,))
            cursor.execute(sql["waits_of_pool_delete"], (pool,))

    def initialize_concurrency_limit_to_default(
        self, concurrency_key: str, default_limit: int | None
    ) -> bool:
        if default_limit is not None:
            check_pool_limit(concurrency_key, default_limit)
        sql, pool = self._database.sql, to_column(concurrency_key)
        with self._database.write() as cursor:
            cursor.execute(sql["pool_find"], (pool,))
            row = cursor.fetchone()
            if row is not None and not row[1]:
                return True
            if default_limit is not None:
                cursor.execute(sql["pool_put"], (pool, default_limit, 1))
            elif row is not None:
                cursor.execute(sql["pool_delete"], (pool,))
                cursor.execute(sql["waits_of_pool_delete"], (pool,))
        return default_limit is not None

    def get_concurrency_keys(self) -> set[str]:
        return {pool.name for pool in self.get_pool_limits()}

    def get_pool_limits(self) -> Sequence[PoolLimit]:
        with self._database.read() as cursor:
            cursor.execute(self._database.sql["pools"])
            rows = cursor.fetchall()
        limits = [PoolLimit(from_column(name), limit, bool(given)) for name, limit, given in rows]
        return sorted(limits, key=lambda one: one.name)

    def get_concurrency_info(self, concurrency_key: str) -> ConcurrencyKeyInfo:
        sql, pool = self._database.sql, to_column(concurrency_key)
        with self._database.read() as cursor:
            cursor.execute(sql["pool_find"], (pool,))
            limit = cursor.fetchone()
            cursor.execute(sql["slots_of"], (pool,))
            held = cursor.fetchall()
            cursor.execute(sql["waits_of"], (pool,))
            waiting = cursor.fetchall()
        return ConcurrencyKeyInfo(
            concurrency_key,
            limit[0] if limit else 0,
            tuple(_claimed(row) for row in held),
            tuple(_pending(row) for row in waiting),
            limit[0] if limit else None,
            bool(limit and limit[1]),
        )

    def claim_concurrency_slot(
        self,
        concurrency_key: str,
        run_id: str,
        step_key: str,
        priority: int = 0,
        attempt: int = 1,
        fence: int | None = None,
    ) -> ConcurrencyClaimStatus:
        check_priority(concurrency_key, priority)
        claim = _Claim(self._database, concurrency_key, run_id, step_key, priority, self._now())
        with self._database.write() as cursor:
            status = claim.take(cursor, attempt, fence)
        if status.is_claimed:
            self.holding.add(claim.run_id)
        return status

    def check_concurrency_claim(
        self, concurrency_key: str, run_id: str, step_key: str
    ) -> ConcurrencyClaimStatus:
        claim = _Claim(self._database, concurrency_key, run_id, step_key, 0, self._now())
        with self._database.read() as cursor:
            return claim.look(cursor)

    def free_concurrency_slot_for_step(self, run_id: str, step_key: str) -> None:
        sql, step = self._database.sql, (to_column(run_id), to_column(step_key))
        with self._database.write() as cursor:
            cursor.execute(sql["slot_free"], step)
            cursor.execute(sql["waits_of_step_delete"], step)

    def free_concurrency_slots_for_run(self, run_id: str) -> None:
        with self._database.write() as cursor:
            end_slots(self._database, cursor, to_column(run_id))

    def get_concurrency_run_ids(self) -> set[str]:
        with self._database.read() as cursor:
            cursor.execute(self._database.sql["slot_runs"])
            return {from_column(run_id) for (run_id,) in cursor.fetchall()}

    def _now(self) -> int:
        return to_micros(self._clock.now())


class _Claim:
    """One step's claim of a slot; texts as columns have them, times in microseconds."""

    def __init__(
        self,
        database: SqlDatabase,
        pool: str,
        run_id: str,
        step_key: str,
        priority: int,
        now: int,
    ) -> None:
        self._sql = database.sql
        self._named = pool, run_id
        self._pool = to_column(pool)
        self.run_id = to_column(run_id)
        self._step_key = to_column(step_key)
        self._priority = priority
        self._now = now

    def take(self, cursor: Cursor, attempt: int, fence: int | None) -> ConcurrencyClaimStatus:
        """Take a slot, or wait; see the interface."""
        sql, pool = self._sql, self._pool
        if fence is not None:
            cursor.execute(sql["lease_lock"], (self.run_id, fence))
            if cursor.rowcount != 1:
                raise FencedError(self._named[1], fence)
        cursor.execute(sql["pool_lock"], (pool,))
        cursor.execute(sql["pool_find"], (pool,))
        limit = (cursor.fetchone() or (0,))[0]
        cursor.execute(sql["slots_of"], (pool,))
        held = cursor.fetchall()
        free = limit - len(held)
        for n, run_id, step_key, _, claimed in held:
            if (run_id, step_key) == (self.run_id, self._step_key):
                cursor.execute(sql["slot_keep"], (attempt, pool, n))
                return self._status(_CLAIMED, claimed, None, max(0, free))
        waiting = self._find_waiting(cursor)
        place = waiting[0] if waiting else (1 << 62)
        if free > 0 and self._count_before(cursor, place) < free:
            n = min(set(range(len(held) + 1)) - {row[0] for row in held})
            row = (pool, n, self.run_id, self._step_key, attempt, self._now)
            cursor.execute(sql["slot_add"], row)
            if waiting:
                cursor.execute(sql["wait_delete"], (waiting[0],))
            return self._status(_CLAIMED, self._now, waiting and waiting[2], free - 1)
        return self._wait(cursor, waiting)

    def look(self, cursor: Cursor) -> ConcurrencyClaimStatus:
        """Tell what the step has."""
        cursor.execute(self._sql["slots_of"], (self._pool,))
        for _, run_id, step_key, _, claimed in cursor.fetchall():
            if (run_id, step_key) == (self.run_id, self._step_key):
                return self._status(_CLAIMED, claimed, None)
        waiting = self._find_waiting(cursor)
        if waiting:
            self._priority = waiting[1]
        return self._status(_BLOCKED, None, waiting and waiting[2])

    def _find_waiting(self, cursor: Cursor) -> Any:
        cursor.execute(self._sql["wait_find"], (self.run_id, self._step_key, self._pool))
        return cursor.fetchone()

    def _count_before(self, cursor: Cursor, place: int) -> int:
        since = self._now - to_micros(CLAIM_PATIENCE)
        cursor.execute(
            self._sql["waits_before"], (self._pool, since, self._priority, self._priority, place)
        )
        count: int = cursor.fetchone()[0]
        return count

    def _wait(self, cursor: Cursor, waiting: Any) -> ConcurrencyClaimStatus:
        if waiting:
            cursor.execute(self._sql["wait_ask"], (self._priority, self._now, waiting[0]))
            return self._status(_BLOCKED, None, waiting[2])
        times = (self._now, self._now)
        row = (self.run_id, self._step_key, self._pool, self._priority, *times)
        cursor.execute(self._sql["wait_add"], row)
        return self._status(_BLOCKED, None, self._now)

    def _status(
        self,
        status: ConcurrencySlotStatus,
        claimed: int | None,
        enqueued: int | None,
        free: int = 0,
    ) -> ConcurrencyClaimStatus:
        return ConcurrencyClaimStatus(
            self._named[0],
            status,
            self._priority,
            None if claimed is None else claimed / 1_000_000,
            None if enqueued is None else enqueued / 1_000_000,
            free,
        )


def free_ended(
    database: SqlDatabase, cursor: Cursor, run_id: str, attempts: Iterable[StepAttempt]
) -> None:
    """Free the slots of attempts that have ended, inside the transaction that tells it."""
    for one in attempts:
        if one.ended is not None:
            cursor.execute(
                database.sql["slot_free_attempt"], (run_id, to_column(one.step_key), one.attempt)
            )


def end_slots(database: SqlDatabase, cursor: Cursor, run_id: str) -> None:
    """Free all that a run has of pools, inside the transaction that ends it."""
    cursor.execute(database.sql["slots_end"], (run_id,))
    cursor.execute(database.sql["waits_end"], (run_id,))


def _claimed(row: Any) -> ClaimedSlotInfo:
    _, run_id, step_key, attempt, claimed = row
    return ClaimedSlotInfo(from_column(run_id), from_column(step_key), attempt, claimed / 1_000_000)


def _pending(row: Any) -> PendingStepInfo:
    run_id, step_key, priority, enqueued = row
    return PendingStepInfo(
        from_column(run_id), from_column(step_key), priority, enqueued / 1_000_000
    )
