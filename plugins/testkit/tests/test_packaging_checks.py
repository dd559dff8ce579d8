"""The packaging checks find each mistake, in distributions that make it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from plugwork_testkit.packaging import PackagingConformance

PLUGIN = """
from plugwork.plugin import StorageSpec, hookimpl

@hookimpl
def plugwork_storages():
    return [
        StorageSpec(
            name="shelf", factory="{package}.parts:make", settings="{package}.parts:Settings",
            summary="a shelf", api=1,
        )
    ]
"""
PARTS = """
import attrs

@attrs.frozen
class Settings:
    width: int = attrs.field(default=1, metadata={"help": "How wide."})

def make(settings, context):
    return None
"""
CHECKS = PackagingConformance()
Make = Callable[..., str]
_numbers = itertools.count()


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Install a small distribution, with a mistake if one is asked for."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(
        plugin: Callable[[str], str] = str,
        parts: Callable[[str], str] = str,
        requires: str = "Requires-Dist: plugwork>=0.1\n",
        group: str = "plugwork.storage",
        points: str = "shelf = {package}.plugin",
        typed: bool = True,
    ) -> str:
        package = f"shelf_{next(_numbers)}"
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "plugin.py").write_text(plugin(PLUGIN.format(package=package)))
        (folder / "parts.py").write_text(parts(PARTS))
        if typed:
            (folder / "py.typed").touch()
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\n{requires}")
        (info / "entry_points.txt").write_text(f"[{group}]\n{points.format(package=package)}\n")
        return package

    return make


def all_checks(distribution: str) -> None:
    for name in dir(CHECKS):
        if name.startswith("test_"):
            getattr(CHECKS, name)(distribution)


def test_a_good_distribution_passes(make: Make) -> None:
    all_checks(make())


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        ({"requires": ""}, "add plugwork to the dependencies"),
        ({"group": "other.group"}, "no entry point"),
        ({"points": "shelf = {package}.plugin:plugwork_storages"}, "is no module"),
        ({"plugin": lambda text: f"import sqlite3\n{text}"}, "imports \\['sqlite3'\\]"),
        ({"points": "rack = {package}.plugin"}, "announces the storage 'rack'"),
        ({"plugin": replaced('name="shelf"', 'name="other"')}, "announces the storage 'shelf'"),
        ({"plugin": replaced("@hookimpl", "")}, "is not marked @hookimpl"),
        ({"plugin": replaced("plugwork_storages", "plugwork_loops")}, "has no function"),
        ({"plugin": replaced("api=1", "api=7")}, "has api=7"),
        ({"plugin": replaced("StorageSpec", "FileManagerSpec")}, "is no StorageSpec"),
        ({"plugin": replaced('summary="a shelf"', 'summary=""')}, "has no summary"),
        ({"plugin": replaced("parts:make", "parts:Nothing")}, "Nothing"),
        ({"parts": replaced('"help": "How wide."', "")}, "Settings.width has no help"),
        ({"parts": replaced("default=1, ", "")}, "Settings.width has no default"),
        ({"typed": False}, "has no py.typed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_is_found_and_named(make: Make, mistake: dict[str, object], message: str) -> None:
    distribution = make(**mistake)
    with pytest.raises((AssertionError, AttributeError), match=message):
        all_checks(distribution)


def test_a_setting_may_be_required_by_intent(make: Make) -> None:
    class Required(PackagingConformance):
        required_settings = frozenset({"Settings.width"})

    distribution = make(parts=replaced("default=1, ", ""))
    Required().test_every_setting_has_help_and_a_default(distribution)
