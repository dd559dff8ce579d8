"""Tags."""

from __future__ import annotations

from sqlalchemy import delete, exists, func, insert, select

from plugwork_sql.statements.parts import P, Statement, limited, listed, new_row
from plugwork_sql.tables import run_tags, tag_keys, tags


def tag_statements() -> dict[str, Statement]:
    in_use = exists().where(run_tags.c.tag_id == tags.c.id)
    pairs = select(tag_keys.c.key, tags.c.value).join(tags, tags.c.key_id == tag_keys.c.id)
    of_keys = pairs.where(tag_keys.c.digest.in_(listed("digests")), in_use)
    return {
        "tag_key_find": Statement(
            select(tag_keys.c.id).where(tag_keys.c.digest == P("digest")), ("digest",)
        ),
        "tag_key_add": Statement(
            insert(tag_keys).values(digest=P("digest"), key=P("key")).returning(tag_keys.c.id),
            ("digest", "key"),
        ),
        "tag_find": Statement(select(tags.c.id).where(tags.c.digest == P("digest")), ("digest",)),
        "tag_add": Statement(
            insert(tags)
            .values(digest=P("digest"), key_id=P("key"), value=P("value"))
            .returning(tags.c.id),
            ("digest", "key", "value"),
        ),
        "tag_uses": Statement(
            select(func.count()).select_from(
                limited(select(run_tags.c.run_id).where(run_tags.c.tag_id == P("tag"))).subquery()
            ),
            ("tag", "limit"),
        ),
        "run_tag_add": new_row(run_tags),
        "run_tag_remove": Statement(
            delete(run_tags).where(run_tags.c.tag_id == P("tag"), run_tags.c.run_id == P("id")),
            ("tag", "id"),
        ),
        "run_tags_delete": Statement(delete(run_tags).where(run_tags.c.run_id == P("id")), ("id",)),
        "tag_pairs": Statement(of_keys, ("digests",)),
        "tag_keys": Statement(
            select(tag_keys.c.key).where(exists().where(tags.c.key_id == tag_keys.c.id, in_use))
        ),
    }
