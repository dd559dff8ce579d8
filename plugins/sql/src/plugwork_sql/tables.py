"""The tables of a storage: the one place that says how they look.

Times are integers, microseconds since the epoch, UTC. A run is an integer in every row that
belongs to it. Texts that users choose are stored as :func:`plugwork_sql.text.to_column` gives
them, and are indexed by a digest where they may be long.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

#: The schema that :data:`metadata` describes; every change of it gets a new one, and a migration.
REVISION = "0001"

metadata = MetaData()

#: An id that the database gives. SQLite does so only for the type INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


#: One row a log: narrow, because every batch rewrites it.
run_logs = Table(
    "run_logs",
    metadata,
    Column("id", Id, primary_key=True),
    #: Empty for the log of events of no run.
    Column("run_id", Text, nullable=False, unique=True),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Column("last_batch", BigInteger, nullable=False, server_default="0"),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    _count("steps_succeeded"),
    _count("steps_failed"),
    _count("steps_skipped"),
    _count("steps_retried"),
    _count("materializations"),
    Column("steps_planned", Integer),
    sqlite_autoincrement=True,
)

#: What rarely changes comes last: a reader of the narrow columns never loads it.
runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Text, nullable=False, unique=True),
    Column("log_id", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("started", BigInteger),
    Column("ended", BigInteger),
    Column("job_name", Text, nullable=False),
    Column("job_snapshot_id", Text),
    Column("plan_snapshot_id", Text),
    Column("root_run_id", Text),
    Column("parent_run_id", Text),
    #: From the run's tags.
    Column("partition", Text),
    Column("backfill_id", Text),
    #: Why it failed.
    Column("reason", Text),
    Column("failure_seq", BigInteger),
    Column("failure_step", Text),
    Column("failure_class", Text),
    Column("failure_message", Text),
    Column("failure_fingerprint", Text),
    #: The tags as JSON, and the rest of the run; both are read as a whole.
    Column("tags", Text, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_runs_status", runs.c.status, runs.c.id)
Index("ix_runs_job", runs.c.job_name, runs.c.id)
Index("ix_runs_updated", runs.c.updated)
Index("ix_runs_created", runs.c.created)
Index("ix_runs_snapshot", runs.c.job_snapshot_id, runs.c.id)
Index("ix_runs_root", runs.c.root_run_id)
Index("ix_runs_backfill", runs.c.backfill_id, runs.c.id)

events = Table(
    "events",
    metadata,
    #: Given by the writer, in commit order.
    Column("storage_id", Id, primary_key=True, autoincrement=False),
    Column("log_id", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("type", Text),
    #: Set for the types that are looked up by type: run, asset, failure, engine events. The
    #: events of ordinary steps cost no index entry more.
    Column("mark", Integer),
    Column("level", Integer, nullable=False),
    Column("step_key", Text),
    Column("attempt", Integer),
    Column("asset_key", Text),
    Column("partition", Text),
    Column("body", Text, nullable=False),
    UniqueConstraint("log_id", "seq", name="uq_events_seq"),
)
_marked = events.c.mark.is_not(None)
Index(
    "ix_events_run_type",
    events.c.log_id,
    events.c.type,
    events.c.seq,
    sqlite_where=_marked,
    postgresql_where=_marked,
)
Index(
    "ix_events_type",
    events.c.type,
    events.c.storage_id,
    sqlite_where=_marked,
    postgresql_where=_marked,
)
_of_asset = events.c.asset_key.is_not(None)
Index(
    "ix_events_asset",
    events.c.asset_key,
    events.c.type,
    events.c.storage_id,
    sqlite_where=_of_asset,
    postgresql_where=_of_asset,
)

step_attempts = Table(
    "step_attempts",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("step_key", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    #: Grows in the order in which the attempts of a run began.
    Column("position", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("started", BigInteger),
    Column("ended", BigInteger),
    Column("error", Text),
    #: A log range as JSON.
    Column("logs", Text),
    sqlite_with_rowid=False,
)

tag_keys = Table(
    "tag_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", LargeBinary(16), nullable=False, unique=True),
    Column("key", Text, nullable=False),
)

#: A pair of key and value, stored once and named by its id.
tags = Table(
    "tags",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", LargeBinary(16), nullable=False, unique=True),
    Column("key_id", BigInteger, nullable=False),
    Column("value", Text, nullable=False),
)
Index("ix_tags_key", tags.c.key_id)

run_tags = Table(
    "run_tags",
    metadata,
    Column("tag_id", BigInteger, primary_key=True, autoincrement=False),
    #: :data:`runs` ``.id``: the runs of a tag lie in the order of pages.
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
Index("ix_run_tags_run", run_tags.c.run_id)

leases = Table(
    "leases",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    #: JSON; NULL when nobody holds it.
    Column("holder", Text),
    Column("fence", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False),
    Column("ttl", Float, nullable=False),
    Column("renewed_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: Pools that have a limit.
pools = Table(
    "pools",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slots", Integer, nullable=False),
    #: 1: the limit follows the instance's default.
    Column("from_default", Integer, nullable=False),
    sqlite_with_rowid=False,
)

#: Slots that are taken: one row a slot, so that no slot is taken twice whatever goes wrong.
slots = Table(
    "slots",
    metadata,
    Column("pool", Text, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("run_id", Text, nullable=False),
    Column("step_key", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("claimed", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_slots_step", slots.c.run_id, slots.c.step_key)

#: Steps that wait for a slot; the id is the order in which they came.
slot_waits = Table(
    "slot_waits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("step_key", Text, nullable=False),
    Column("pool", Text, nullable=False),
    Column("priority", BigInteger, nullable=False),
    Column("enqueued", BigInteger, nullable=False),
    #: When it asked last.
    Column("asked", BigInteger, nullable=False),
    UniqueConstraint("run_id", "step_key", "pool", name="uq_slot_waits"),
    sqlite_autoincrement=True,
)
Index("ix_slot_waits_pool", slot_waits.c.pool, slot_waits.c.priority, slot_waits.c.id)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    #: Compressed with zlib.
    Column("body", LargeBinary, nullable=False),
)

#: Single values: ``storage_id``.
meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

#: Numbers that only grow: ``deleted_event``, below which no storage id is given again.
counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: As Alembic has it, so that a migration finds its place; read with plain SQL.
alembic_version = Table("alembic_version", metadata, Column("version_num", Text, primary_key=True))
