from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from plugwork_environment_audit.inventory import find_distributions, mapping_key
from plugwork_environment_audit.metadata import read_metadata, split_folder_name


def test_every_distribution_is_found_with_name_and_version(site: Any) -> None:
    site.install("zope.interface", version="5.4")
    site.install("attrs")
    assert [(f.name, f.version, f.key) for f in site.found()] == [
        ("attrs", "1.0", "attrs"),
        ("zope.interface", "5.4", "zope_interface"),
    ]


def test_keys_are_names_that_never_collide() -> None:
    taken: set[str] = set()
    names = ["a-b", "a.b", "a_b", "config", "import", "été", "", "type"]
    keys = [mapping_key(name, taken) for name in names]
    assert len(set(keys)) == len(names)
    assert all(re.fullmatch("[A-Za-z0-9_]+", key) for key in keys)
    assert keys[3:5] == ["config_", "import_"]


def test_a_second_copy_later_on_the_path_is_shadowed(site: Any, tmp_path: Path) -> None:
    later = type(site)(tmp_path / "later")
    site.install("My-Package", version="2.0")
    later.install("my.package", version="1.0")
    found = list(find_distributions([str(site.path), str(later.path)]))
    assert [(f.version, f.shadowed) for f in found] == [("2.0", False), ("1.0", True)]


def test_metadata_that_is_gone_leaves_the_name_of_its_folder(site: Any) -> None:
    info = site.install("half-removed", version="0.3")
    (info / "METADATA").unlink()
    [found] = site.found()
    assert (found.name, found.version) == ("half_removed", "0.3")


def test_metadata_that_is_a_folder_of_egg_info_is_read(site: Any) -> None:
    info = site.path / "old-0.9-py3.11.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Name: old\nVersion: 0.9\nLicense: UNKNOWN\n")
    metadata = read_metadata(info)
    assert (metadata.name, metadata.version, metadata.license_field) == ("old", "0.9", "")


def test_metadata_that_is_one_egg_info_file_is_read(site: Any) -> None:
    info = site.path / "single-1.1.egg-info"
    info.write_text("Name: single\nVersion: 1.1\n")
    assert [found.name for found in site.found()] == ["single"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_metadata_in_any_encoding_is_read(site: Any, encoding: str) -> None:
    text = "Name: odd\nVersion: 1.0\nSummary: Größe"
    site.install("odd", metadata=text.encode(encoding))
    assert read_metadata(site.path / "odd-1.0.dist-info").summary == "Größe"


def test_a_folder_name_without_version_is_a_name() -> None:
    assert split_folder_name("lonely.egg-info") == ("lonely", "")
