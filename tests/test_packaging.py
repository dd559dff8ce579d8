"""Every distribution has the same shape, and its wheel has what it needs."""

from __future__ import annotations

import re
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.version import Version

if TYPE_CHECKING:
    from conftest import Distribution

#: Byte code, and what tools keep in hidden folders.
UNPACKED = re.compile(r"(^|/)(\.|__pycache__/)")
NOTE_TYPES = {"added", "changed", "fixed", "removed"}


@pytest.fixture
def wheel(distribution: Distribution, tmp_path: Path) -> zipfile.ZipFile:
    builder = WheelBuilder(str(distribution.folder))
    return zipfile.ZipFile(next(builder.build(directory=str(tmp_path))))


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "changelog.d", "tests", "src"])
def test_a_distribution_has_its_files(distribution: Distribution, name: str) -> None:
    assert (distribution.folder / name).exists()


def test_a_distribution_has_tests(distribution: Distribution) -> None:
    assert list((distribution.folder / "tests").rglob("test_*.py"))


def test_all_distributions_have_one_version(distributions: list[Distribution]) -> None:
    assert len({one.project["version"] for one in distributions}) == 1


def test_siblings_are_pinned_to_the_minor_release(
    distribution: Distribution, distributions: list[Distribution]
) -> None:
    ours = {one.name for one in distributions}
    version = Version(distribution.project["version"])
    next_minor = Version(f"{version.major}.{version.minor + 1}.0")
    extras = distribution.project.get("optional-dependencies", {}).values()
    texts = [*distribution.project.get("dependencies", []), *(t for some in extras for t in some)]
    for requirement in map(Requirement, texts):
        if requirement.name in ours:
            assert version in requirement.specifier, requirement
            assert next_minor not in requirement.specifier, requirement


def test_change_notes_are_named_by_their_type(distribution: Distribution) -> None:
    for note in (distribution.folder / "changelog.d").glob("[!.]*"):
        slug, kind, suffix = note.name.rsplit(".", 2)
        assert slug, note
        assert kind in NOTE_TYPES, note
        assert suffix == "md", note
        assert note.read_text(encoding="utf-8").strip().endswith("."), note


def test_a_change_log_has_the_place_where_releases_go(
    distribution: Distribution, workspace: dict[str, Any]
) -> None:
    place = workspace["tool"]["towncrier"]["start_string"]
    assert place in (distribution.folder / "CHANGELOG.md").read_text(encoding="utf-8")


def test_a_wheel_says_that_its_package_is_typed(
    distribution: Distribution, wheel: zipfile.ZipFile
) -> None:
    assert f"{distribution.package}/py.typed" in wheel.namelist()


def test_a_wheel_carries_the_licence(wheel: zipfile.ZipFile, root: Path) -> None:
    texts = [wheel.read(name) for name in wheel.namelist() if name.endswith("/licenses/LICENSE")]
    assert texts == [(root / "LICENSE").read_bytes()]


def test_a_wheel_holds_every_source_file_and_nothing_else(
    distribution: Distribution, wheel: zipfile.ZipFile
) -> None:
    sources = {
        str(path.relative_to(distribution.folder / "src"))
        for path in distribution.sources.rglob("*")
        if path.is_file() and not UNPACKED.search(str(path.relative_to(distribution.sources)))
    }
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == sources


def test_every_entry_point_leads_to_something(distribution: Distribution) -> None:
    for entry_point in metadata.distribution(distribution.name).entry_points:
        assert entry_point.load() is not None
