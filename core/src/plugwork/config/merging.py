"""Laying one document over another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugwork.config.document import Document
from plugwork.config.places import Path, PositionMap


def merge_documents(
    below: Document, above: Document, whole: frozenset[str] = frozenset()
) -> Document:
    """Lay one document over another: mappings merge, all else is replaced.

    Each value keeps the place that gave it.

    :param whole: keys at the root whose value is replaced even where it is a mapping.
    """
    positions = PositionMap(below.positions.name)
    positions.places = dict(below.positions.places)
    value = _merge(below.value, above.value, (), whole, (positions, above.positions))
    return Document(value, positions)


def _merge(
    below: Mapping[str, Any],
    above: Mapping[str, Any],
    path: Path,
    whole: frozenset[str],
    places: tuple[PositionMap, PositionMap],
) -> dict[str, Any]:
    merged = dict(below)
    for key, part in above.items():
        inner = (*path, str(key))
        if key not in whole and isinstance(part, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], part, inner, frozenset(), places)
            continue
        merged[key] = part
        _replace(inner, *places)
    return merged


def _replace(path: Path, positions: PositionMap, added: PositionMap) -> None:
    depth = len(path)
    kept = {at: place for at, place in positions.places.items() if at[:depth] != path}
    new = {at: place for at, place in added.places.items() if at[:depth] == path}
    positions.places = kept | new
