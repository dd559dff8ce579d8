"""Choosing a part of what depends on each other, by clauses such as ``*name+``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from plugwork.definitions.names import did_you_mean
from plugwork.errors import InvalidSubsetError

#: Neighbours on either side: ``*`` all of them, or a level for each ``+``.
_CLAUSE = re.compile(
    r"(?P<up>\*|\+*)(?P<key>[A-Za-z0-9_]+(\[[A-Za-z0-9_?]+\])?"
    r"(\.[A-Za-z0-9_]+(\[[A-Za-z0-9_?]+\])?)*)(?P<down>\*|\+*)"
)


class Clause:
    """One clause: a key, and how far to go from it.

    :raises InvalidSubsetError: for text that is no clause.
    """

    __slots__ = ("down", "key", "text", "up")

    def __init__(self, text: str) -> None:
        found = _CLAUSE.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise InvalidSubsetError(
                f"{text!r} selects nothing: write name, *name or name* (with all before or after "
                "it), +name or name+ (one level; ++ two), or *"
            )
        self.text = text
        self.key = found["key"]
        self.up = _levels(found["up"])
        self.down = _levels(found["down"])


def _levels(marks: str) -> int | None:
    """Return the number of levels, None for all."""
    return None if marks == "*" else len(marks)


def select_keys(clauses: Sequence[str], upstream: Mapping[str, Collection[str]]) -> set[str]:
    """Return the keys that a selection names.

    A clause is a key; ``*`` before or after it adds all that is upstream or downstream of it, a
    ``+`` one level; ``*`` alone selects everything, as do no clauses at all.

    :param upstream: each key that can be selected, with the keys it directly depends on; of
        these, ones that cannot be selected are passed over.
    :raises InvalidSubsetError: for a clause that matches nothing, or is none.
    """
    checked_clauses(clauses)
    chosen: set[str] = set() if clauses else set(upstream)
    downstream: dict[str, list[str]] | None = None
    for text in clauses:
        if text == "*":
            chosen.update(upstream)
            continue
        clause = Clause(text)
        if clause.key not in upstream:
            raise InvalidSubsetError(unmatched(clause, upstream))
        chosen |= _around(clause.key, upstream, clause.up)
        if clause.down != 0:
            downstream = downstream or _turned(upstream)
            chosen |= _around(clause.key, downstream, clause.down)
    return chosen


def checked_clauses(clauses: Sequence[str]) -> Sequence[str]:
    """Refuse a text where a list of texts is meant.

    :raises InvalidSubsetError: for anything else than a sequence of texts.
    """
    if isinstance(clauses, str) or not all(isinstance(one, str) for one in clauses):
        raise InvalidSubsetError(f"a selection is a list of texts, got {clauses!r}")
    return clauses


def unmatched(clause: Clause, known: Iterable[str]) -> str:
    """Tell that a clause matches nothing, and what may have been meant."""
    better = did_you_mean(clause.key, known)
    return f"the selection {clause.text!r} matches nothing: there is no {clause.key!r}{better}"


def _around(start: str, neighbours: Mapping[str, Collection[str]], levels: int | None) -> set[str]:
    """Return a key and its neighbours in one direction, so many levels far."""
    found = {start}
    edge = {start}
    while edge and levels != 0:
        edge = {
            other
            for key in edge
            for other in neighbours.get(key, ())
            if other in neighbours and other not in found
        }
        found |= edge
        levels = None if levels is None else levels - 1
    return found


def _turned(upstream: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    downstream: dict[str, list[str]] = {key: [] for key in upstream}
    for key, others in upstream.items():
        for other in others:
            if other in downstream:
                downstream[other].append(key)
    return downstream
