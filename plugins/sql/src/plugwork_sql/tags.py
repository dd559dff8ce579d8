"""Tags: interned, so that a run's tags are pairs of integers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from plugwork.errors import CheckError
from plugwork.model import deserialize_value, serialize_value
from plugwork_sql.text import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugwork_sql.database import Cursor, SqlDatabase

PARTITION_TAG = "plugwork/partition"
BACKFILL_TAG = "plugwork/backfill"


def key_digest(key: str) -> bytes:
    return _digest(key)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _pair_digest(key: str, value: str) -> bytes:
    return _digest(f"{len(key)}:{key}{value}")


def check_tags(tags: Mapping[str, str]) -> None:
    """Refuse tags that are not text.

    :raises CheckError: naming the first such tag.
    """
    for key, value in tags.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise CheckError(f"tags are text, got {key!r}: {value!r}")


def columns_of(tags: Mapping[str, str]) -> tuple[str | None, str | None, str]:
    """Return the columns of a run that come from its tags: partition, backfill, and all of them."""
    return (
        to_column(tags.get(PARTITION_TAG)),
        to_column(tags.get(BACKFILL_TAG)),
        serialize_value(dict(tags)),
    )


def add_tags(database: SqlDatabase, cursor: Cursor, run: int, tags: Mapping[str, str]) -> None:
    """Store the rows of tags that a run does not have yet."""
    for key, value in tags.items():
        tag = _intern(database, cursor, key, value)
        cursor.execute(database.sql["run_tag_add"], (tag, run))


def merge_tags(
    database: SqlDatabase, cursor: Cursor, run_id: str, new: Mapping[str, str], now: int
) -> bool:
    """Merge tags into a run's; False when there is no such run.

    :param now: becomes the time of the run's last update.
    """
    cursor.execute(database.sql["run_tags_read"], (to_column(run_id),))
    row = cursor.fetchone()
    if row is None:
        return False
    run: int = row[0]
    old: dict[str, str] = deserialize_value(row[1])
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    for key in changed.keys() & old.keys():
        tag = find_tag(database, cursor, key, old[key])
        cursor.execute(database.sql["run_tag_remove"], (tag, run))
    add_tags(database, cursor, run, changed)
    cursor.execute(database.sql["run_retag"], (now, *columns_of({**old, **new}), run))
    return True


def find_tag(database: SqlDatabase, cursor: Cursor, key: str, value: str) -> int | None:
    """Return the id of a pair, or None when no run ever had it."""
    cursor.execute(database.sql["tag_find"], (_pair_digest(key, value),))
    row = cursor.fetchone()
    return row[0] if row else None


def _intern(database: SqlDatabase, cursor: Cursor, key: str, value: str) -> int:
    found = find_tag(database, cursor, key, value)
    if found is not None:
        return found
    row = (_pair_digest(key, value), _intern_key(database, cursor, key), to_column(value))
    cursor.execute(database.sql["tag_add"], row)
    added: int = cursor.fetchone()[0]
    return added


def _intern_key(database: SqlDatabase, cursor: Cursor, key: str) -> int:
    cursor.execute(database.sql["tag_key_find"], (key_digest(key),))
    row = cursor.fetchone()
    if row is None:
        cursor.execute(database.sql["tag_key_add"], (key_digest(key), to_column(key)))
        row = cursor.fetchone()
    found: int = row[0]
    return found


def count_uses(database: SqlDatabase, cursor: Cursor, tag: int, limit: int) -> int:
    """Return how many runs have a tag, or the limit when there are more."""
    cursor.execute(database.sql["tag_uses"], (tag, limit))
    found: int = cursor.fetchone()[0]
    return found


def read_pairs(
    database: SqlDatabase, cursor: Cursor, keys: Sequence[str], value_prefix: str | None
) -> list[tuple[str, str]]:
    """Return the pairs in use of these keys, sorted."""
    if not keys:
        return []
    digests = [key_digest(key) for key in dict.fromkeys(keys)]
    cursor.execute(database.fill(database.sql["tag_pairs"], len(digests)), digests)
    pairs = [(from_column(key), from_column(value)) for key, value in cursor.fetchall()]
    return sorted(pair for pair in pairs if pair[1].startswith(value_prefix or ""))


def read_keys(database: SqlDatabase, cursor: Cursor) -> list[str]:
    """Return the keys in use, sorted."""
    cursor.execute(database.sql["tag_keys"])
    return sorted(from_column(key) for (key,) in cursor.fetchall())
