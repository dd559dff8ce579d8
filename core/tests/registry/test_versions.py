from __future__ import annotations

import itertools

import pytest

from plugwork.registry.versions import satisfies, version_key

ORDERED = [
    "0.9",
    "1.0.dev1",
    "1.0a1.dev2",
    "1.0a1",
    "1.0b2",
    "1.0rc1",
    "1.0",
    "1.0.post1.dev3",
    "1.0.post1",
    "1.0.1",
    "1.10",
    "1!0.1",
]


@pytest.mark.parametrize(("older", "newer"), list(itertools.pairwise(ORDERED)))
def test_versions_are_ordered_as_their_releases_came(older: str, newer: str) -> None:
    assert version_key(older) < version_key(newer)


def test_trailing_zeros_and_spellings_do_not_matter() -> None:
    assert version_key("1.0.0") == version_key("1")
    assert version_key("1.0-alpha.1") == version_key("1.0a1")
    assert version_key("v1.0-1") == version_key("1.0.post1")


@pytest.mark.parametrize(
    ("version", "specifier"),
    [
        ("0.1.0", ""),
        ("0.1.0", ">=0.1.0,<0.2"),
        ("0.1.7", "~=0.1.2"),
        ("0.9", "~=0.1"),
        ("0.1.0", "==0.1"),
        ("0.1.3", "==0.1.*"),
        ("0.1.0+local", "==0.1.0"),
        ("0.1.0", "!=0.1.1, !=0.1.2"),
        ("0.1.0", "===0.1.0"),
        ("0.2rc1", ">=0.1"),
        ("1.0a1", "<1.0b1"),
    ],
)
def test_a_fitting_version_satisfies(version: str, specifier: str) -> None:
    assert satisfies(version, specifier)


@pytest.mark.parametrize(
    ("version", "specifier"),
    [
        ("0.2.0", ">=0.1.0,<0.2"),
        ("0.2.0", "~=0.1.2"),
        ("1.0", "~=0.1"),
        ("0.1.1", "==0.1"),
        ("0.2.3", "==0.1.*"),
        ("0.1.1", "!=0.1.*"),
        ("0.1.0", "==0.1.0+local"),
        ("0.2rc1", "<0.2"),
        ("0.2.dev1", "<0.2"),
        ("0.2.post1", ">0.2"),
        ("0.1", "===0.1.0"),
    ],
)
def test_an_unfitting_version_does_not_satisfy(version: str, specifier: str) -> None:
    assert not satisfies(version, specifier)


@pytest.mark.parametrize("specifier", ["about 1", "=1", ">=x", "~=1"])
def test_what_is_no_specifier_is_told(specifier: str) -> None:
    with pytest.raises(ValueError, match=r"version|needs two"):
        satisfies("1.0", specifier)
