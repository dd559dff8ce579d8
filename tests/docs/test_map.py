"""The map of the house names every folder that there is, and no file that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "core" / "src" / "plugwork"
MAP = (ROOT / "docs" / "internals" / "map.md").read_text(encoding="utf-8")


def folders(place: Path, marker: str = "*") -> set[str]:
    """Return the folders of a place that hold something else than what Python leaves behind."""
    names = {each.name for each in place.iterdir() if each.is_dir() and list(each.glob(marker))}
    return {name for name in names if not name.startswith((".", "_"))}


@pytest.mark.parametrize("place", ["plugins", "contrib"])
def test_every_distribution_is_on_the_map(place: str) -> None:
    told = set(re.findall(r"^\| `([\w-]+)` \|", MAP, re.MULTILINE))
    assert folders(ROOT / place, "README.md") - told == set()


def test_every_floor_is_on_the_map() -> None:
    floors = {f"{name}/" for name in folders(KERNEL, "__init__.py")}
    modules = {each.name for each in KERNEL.glob("[a-z]*.py")}
    told = set(re.findall(r"`([a-z_]+(?:/|\.py))`", MAP))
    assert (floors | modules) - told == set()


def test_every_file_that_the_map_names_exists() -> None:
    named = re.findall(r"`([a-z_]+/[a-z_]+\.py)`", MAP)
    assert [name for name in named if not (KERNEL / name).is_file()] == []
    assert named
