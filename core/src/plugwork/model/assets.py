"""Names of assets, and the events that tell of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from plugwork.errors import InvalidAssetKey
from plugwork.model.record import Record, tagged


def _parts(value: str | Iterable[str]) -> tuple[str, ...]:
    parts = (value,) if isinstance(value, str) else tuple(value)
    if not parts or not all(isinstance(part, str) for part in parts):
        raise InvalidAssetKey(f"an asset key is one or more text parts, got {value!r}")
    return parts


@tagged("asset_key")
@attrs.frozen(order=True)
class AssetKey(Record):
    """The name of an asset: text parts. ``AssetKey("a/b")`` is ONE part."""

    path: tuple[str, ...] = attrs.field(converter=_parts)

    @staticmethod
    def from_user_string(asset_key_string: str) -> AssetKey:
        """Read ``a/b`` as two parts."""
        return AssetKey(asset_key_string.split("/"))

    @staticmethod
    def from_db_string(asset_key_string: str) -> AssetKey:
        """Read what :meth:`to_string` wrote."""
        return AssetKey(json.loads(asset_key_string))

    def to_string(self) -> str:
        """Return the stored form: a JSON array."""
        return json.dumps(list(self.path))

    def to_user_string(self) -> str:
        return "/".join(self.path)

    def has_prefix(self, prefix: Sequence[str]) -> bool:
        return self.path[: len(prefix)] == tuple(prefix)

    def with_prefix(self, prefix: str | Sequence[str]) -> AssetKey:
        return AssetKey((*_parts(prefix), *self.path))


def _key(value: AssetKey | str | Sequence[str]) -> AssetKey:
    return value if isinstance(value, AssetKey) else AssetKey(value)


def _typed(value: Mapping[str, Any] | None) -> Mapping[str, Any]:
    from plugwork.model.metadata import normalize_metadata  # it imports this module

    return normalize_metadata(value)


@tagged("materialization")
@attrs.frozen
class AssetMaterialization(Record):
    """An asset was written or rewritten."""

    asset_key: AssetKey = attrs.field(converter=_key)
    description: str | None = None
    metadata: Mapping[str, Any] = attrs.field(converter=_typed, default=None)
    partition: str | None = None
    tags: Mapping[str, str] | None = None


@tagged("observation")
@attrs.frozen
class AssetObservation(Record):
    """An asset was looked at."""

    asset_key: AssetKey = attrs.field(converter=_key)
    description: str | None = None
    metadata: Mapping[str, Any] = attrs.field(converter=_typed, default=None)
    partition: str | None = None
    tags: Mapping[str, str] | None = None
