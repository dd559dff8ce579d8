"""Where a value stands: its path in the document, and the file or option that gave it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

import attrs

#: Keys and list positions from the root of a document.
Path = tuple[str | int, ...]

_SHOWN = 60


@attrs.frozen
class Source:
    """What gave a value."""

    #: A file as the user named it, ``default``, or a phrase such as "--set on the command line".
    name: str
    #: Line and column, from 1; None when the value came from no file.
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = (self.name, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)


#: The source of a value that nobody gave.
DEFAULT = Source("default")


class Positions(Protocol):
    """Tells the source of each value of a document."""

    def at_key(self, path: Path) -> Source | None:
        """Return where the key of this path stands, or that of its nearest known parent."""

    def at_value(self, path: Path) -> Source | None:
        """Return where the value of this path stands, or that of its nearest known parent."""


@attrs.frozen
class Everywhere:
    """Positions of a document that has one source for all."""

    source: Source

    def at_key(self, path: Path) -> Source | None:
        return self.source

    def at_value(self, path: Path) -> Source | None:
        return self.source


@attrs.frozen
class Below:
    """The positions of a part of a document, with paths counted from that part."""

    whole: Positions
    prefix: Path

    def at_key(self, path: Path) -> Source | None:
        return self.whole.at_key(self.prefix + path)

    def at_value(self, path: Path) -> Source | None:
        return self.whole.at_value(self.prefix + path)


class PositionMap:
    """The places of a document's keys and values."""

    def __init__(self, name: str) -> None:
        #: The file as the user named it.
        self.name = name
        start = Source(name)
        self.places: dict[Path, tuple[Source, Source]] = {(): (start, start)}

    def add(self, path: Path, key: Source, value: Source) -> None:
        """Remember where a key and its value stand."""
        self.places[path] = (key, value)

    def at_key(self, path: Path) -> Source:
        """Return where the key of this path stands, or that of its nearest known parent."""
        return self._nearest(path)[0]

    def at_value(self, path: Path) -> Source:
        """Return where the value of this path stands, or that of its nearest known parent."""
        return self._nearest(path)[1]

    def _nearest(self, path: Path) -> tuple[Source, Source]:
        while path not in self.places:
            path = path[:-1]
        return self.places[path]


def dotted(path: Sequence[str | int]) -> str:
    """Write a path as users do: ``ops.check.limits[2]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def show(value: object) -> str:
    """Write a value as it would stand in YAML, shortened for a message."""
    if isinstance(value, (str, bool, int, float)) or value is None:
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, dict):
        text = "a mapping" if value else "an empty mapping"
    elif isinstance(value, (list, tuple)):
        text = "a list" if value else "an empty list"
    else:
        text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
