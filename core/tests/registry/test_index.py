from __future__ import annotations

import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugwork.registry import index as index_module
from plugwork.registry.cache import FolderCache, cache_dir
from plugwork.registry.entries import Distribution, Entry
from plugwork.registry.index import read_index
from plugwork.registry.metadata import kernel_requirement, scan

if TYPE_CHECKING:
    from .conftest import FakeSite

POINTS = {"storage": {"tape": "tape_plugin"}, "plugin": {"tape-watch": "tape_plugin:watch [x]"}}


def test_entries_are_read_from_metadata_alone(site: FakeSite) -> None:
    site.kernel()
    site.add("acme-tape", POINTS, {"tape_plugin": "raise RuntimeError"}, requires="plugwork>=0.1")
    index = site.index()
    about = ("acme-tape", "1.0", "About acme-tape.", ">=0.1")
    assert index.entries == (
        Entry("plugin", "tape-watch", "tape_plugin:watch", *about),
        Entry("storage", "tape", "tape_plugin", *about),
    )
    assert index.kernel_version == "0.1.0"
    assert index.names("storage") == ["tape"]
    assert index.find("storage", "disk") == []
    assert "tape_plugin" not in sys.modules


def test_entry_points_of_other_projects_are_left_alone(site: FakeSite) -> None:
    info = site.add("other", {})
    (info / "entry_points.txt").write_text("[console_scripts]\nplugworker = other:main\n")
    assert site.index().entries == ()


def test_an_editable_install_is_found(site: FakeSite, tmp_path: Path) -> None:
    source = tmp_path / "checkout"
    source.mkdir()
    (source / "tape_plugin.py").write_text("")
    (site.folder / "_editable_acme_tape.pth").write_text(f"{source}\n")
    site.add("acme-tape", POINTS)
    assert site.index().names("storage") == ["tape"]


def test_an_egg_info_in_a_source_folder_is_found(site: FakeSite) -> None:
    info = site.folder / "acme_tape.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: acme-tape\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text("[plugwork.storage]\ntape = tape_plugin\n")
    (info / "requires.txt").write_text("plugwork>=0.1\n")
    (entry,) = site.index().entries
    assert (entry.distribution, entry.version, entry.requires) == ("acme-tape", "2.0", ">=0.1")


def test_of_one_distribution_in_two_places_the_first_on_the_path_counts(
    site: FakeSite, tmp_path: Path
) -> None:
    site.add("acme-tape", POINTS, version="2.0")
    site.add("Acme.Tape", POINTS, version="1.0", folder=tmp_path / "later")
    index = read_index([str(site.folder), str(tmp_path / "later")])
    assert {entry.version for entry in index.entries} == {"2.0"}


def test_damaged_metadata_hides_no_other_distribution(site: FakeSite) -> None:
    site.add("acme-tape", POINTS)
    damaged = site.add("broken-dist", POINTS)
    (damaged / "METADATA").unlink()
    index = site.index()
    assert {entry.distribution for entry in index.entries} == {"acme-tape"}
    assert [each.name for each in index.damaged] == ["broken_dist"]
    assert "metadata cannot be read" in index.damaged[0].problem


def test_missing_folders_and_archives_on_the_path_are_passed_over(tmp_path: Path) -> None:
    archive = tmp_path / "python.zip"
    archive.write_bytes(b"PK")
    assert read_index([str(tmp_path / "gone"), str(archive)]).entries == ()


@pytest.mark.parametrize(
    ("requires", "versions"),
    [
        (["plugwork>=0.1,<0.2"], ">=0.1,<0.2"),
        (["plugwork[local] (>=0.1)", "attrs>=24"], ">=0.1"),
        (["plugwork"], ""),
        (["plugwork>=9 ; extra == 'new'", "plugwork-sql>=8"], ""),
        (["plugwork @ file:///src/plugwork"], ""),
    ],
)
def test_only_unconditional_requirements_of_the_kernel_count(
    requires: list[str], versions: str
) -> None:
    assert kernel_requirement(requires) == versions


def test_an_unchanged_folder_is_read_from_the_cache(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add("acme-tape", POINTS)
    site.settle()
    first = site.index()
    monkeypatch.setattr(index_module, "scan", _no_scan)
    assert site.index().entries == first.entries


def _no_scan(folder: str) -> tuple[list[Distribution], int]:
    raise AssertionError(f"{folder} was read again")


def test_a_folder_that_changed_a_moment_ago_is_not_trusted_to_the_cache(site: FakeSite) -> None:
    site.add("acme-tape", POINTS)
    site.index()
    changed = site.folder.stat().st_mtime_ns
    site.add("acme-disk", {"storage": {"disk": "disk_plugin"}})
    os.utime(site.folder, ns=(changed, changed))
    assert site.index().names("storage") == ["disk", "tape"]


def test_an_installation_is_noticed(site: FakeSite) -> None:
    site.add("acme-tape", POINTS)
    site.settle()
    site.index()
    site.add("acme-disk", {"storage": {"disk": "disk_plugin"}})
    assert site.index().names("storage") == ["disk", "tape"]


def test_entry_points_rewritten_in_place_are_noticed(site: FakeSite) -> None:
    info = site.add("acme-tape", POINTS)
    site.settle()
    site.index()
    (info / "entry_points.txt").write_text("[plugwork.storage]\nreel = tape_plugin\n")
    os.utime(info / "entry_points.txt", (5, 5))
    site.settle()
    assert site.index().names("storage") == ["reel"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: "{}",
        lambda text: text.replace('"tape_plugin"', "7"),
        lambda text: text.replace('"acme-tape"', "null"),
        lambda text: '{"format": 0}',
        lambda text: "[" * 100_000,
    ],
)
def test_a_damaged_cache_is_ignored_and_rebuilt(site: FakeSite, damage: object) -> None:
    assert callable(damage)
    site.add("acme-tape", POINTS)
    site.settle()
    whole = site.index()
    (file,) = _cache_files()
    good = file.read_text()
    file.write_text(damage(good))
    assert site.index().entries == whole.entries
    assert json.loads(file.read_text())["found"] == json.loads(good)["found"]


def _cache_files() -> list[Path]:
    place = cache_dir()
    assert place is not None
    return list(place.iterdir())


def test_the_cache_is_the_users_own(cache_home: Path) -> None:
    place = cache_dir()
    assert place is not None
    assert stat.S_IMODE((cache_home / "plugwork").stat().st_mode) == 0o700


def test_a_cache_that_others_can_write_is_not_used(cache_home: Path) -> None:
    cache_dir()
    (cache_home / "plugwork").chmod(0o777)
    assert cache_dir() is None


def test_without_a_place_for_the_cache_the_index_is_still_read(
    site: FakeSite, cache_home: Path
) -> None:
    cache_home.write_text("a file stands in the way")
    site.add("acme-tape", POINTS)
    assert site.index().names("storage") == ["tape"]


def test_concurrent_writers_leave_a_whole_file(site: FakeSite) -> None:
    site.add("acme-tape", POINTS)
    found, _ = scan(str(site.folder))
    place = cache_dir()
    assert place is not None
    cache = FolderCache(place, str(site.folder))

    def write() -> None:
        for _ in range(20):
            cache.write(1, 10_000_000_000, found)
            assert cache.read(1) == found

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.read(1) == found
    assert [file.suffix for file in place.iterdir()] == [".json"]


def test_the_cache_keeps_a_bounded_number_of_files(site: FakeSite) -> None:
    place = cache_dir()
    assert place is not None
    for number in range(205):
        FolderCache(place, f"/folder/{number}").write(1, 10_000_000_000, [])
    assert len(list(place.iterdir())) == 200
