"""Limits on how many of the things with a tag go on at a time: steps of a run, runs of a queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from plugwork.errors import InvalidDefinitionError

#: The key of a limit that is for each value of its tag on its own.
PER_VALUE = "applyLimitPerUniqueValue"
#: What a limit counts: (tag, value); the value None stands for all values together.
Counted = tuple[str, "str | None"]


class TagLimit:
    """How many with a tag go on at a time.

    :param value: of the tag; None: any value, all of them counted together.
    :param per_value: each value is counted on its own; then there is no ``value``.
    """

    __slots__ = ("key", "limit", "per_value", "value")

    def __init__(
        self, key: str, limit: int, value: str | None = None, per_value: bool = False
    ) -> None:
        if limit < 0:
            raise InvalidDefinitionError(f"the limit of tag {key!r} is {limit}: give 0 or more")
        self.key = key
        self.limit = limit
        self.value = value
        self.per_value = per_value

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> TagLimit:
        """Make it of ``{key, value?, limit}``, as configuration has it."""
        value = config.get("value")
        per_value = isinstance(value, Mapping) and bool(value.get(PER_VALUE))
        return cls(
            config["key"], config["limit"], value if isinstance(value, str) else None, per_value
        )

    def __repr__(self) -> str:
        which = "per value" if self.per_value else self.value or "any value"
        return f"<TagLimit {self.key} ({which}): {self.limit}>"


class TagCounts:
    """Counts what goes on against limits.

    :param limits: of two for the same tag and value, the last one holds.
    """

    def __init__(self, limits: Iterable[TagLimit]) -> None:
        #: tag -> value, None for all values, True for each of them -> limit.
        self._limits: dict[str, dict[str | bool | None, int]] = {}
        for one in limits:
            what = True if one.per_value else one.value
            self._limits.setdefault(one.key, {})[what] = one.limit
        self._counts: dict[tuple[Counted, bool], int] = {}

    def __bool__(self) -> bool:
        return bool(self._limits)

    def blocking(self, tags: Mapping[str, str]) -> tuple[Counted, int] | None:
        """Return what keeps something with these tags from starting, and its limit; or None."""
        for counted, limit in self._matching(tags):
            if self._counts.get(counted, 0) >= limit:
                return counted[0], limit
        return None

    def add(self, tags: Mapping[str, str]) -> None:
        """Count one that starts."""
        for counted, _ in self._matching(tags):
            self._counts[counted] = self._counts.get(counted, 0) + 1

    def remove(self, tags: Mapping[str, str]) -> list[Counted]:
        """Count one that ended no longer; return what it was counted for."""
        found = []
        for counted, _ in self._matching(tags):
            self._counts[counted] -= 1
            found.append(counted[0])
        return found

    def _matching(self, tags: Mapping[str, str]) -> list[tuple[tuple[Counted, bool], int]]:
        found: list[tuple[tuple[Counted, bool], int]] = []
        for key, limits in self._limits.items():
            value = tags.get(key)
            if value is None:
                continue
            if None in limits:
                found.append((((key, None), False), limits[None]))
            if value in limits:
                found.append((((key, value), False), limits[value]))
            if True in limits:
                found.append((((key, value), True), limits[True]))
        return found
