from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[1] / "reference_names.py"


@pytest.fixture(scope="module")
def names() -> Iterator[ModuleType]:
    spec = spec_from_file_location("reference_names", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["reference_names"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["reference_names"]


@pytest.fixture(scope="module")
def found(names: ModuleType) -> list[str]:
    differences: list[str] = names.differences()
    return differences


def test_every_difference_from_the_list_is_known(names: ModuleType, found: list[str]) -> None:
    known = [each for lines in names.known_differences().values() for each in lines]
    new = [one for one in found if not any(names.fits(each, one) for each in known)]
    assert new == [], f"mend them, or add them with the reason to {names.KNOWN.name}"


def test_no_known_difference_has_vanished(names: ModuleType, found: list[str]) -> None:
    gone = [
        each
        for lines in names.known_differences().values()
        for each in lines
        if not any(names.fits(each, one) for one in found)
    ]
    assert gone == [], f"remove them from {names.KNOWN.name}"


def test_every_difference_has_one_reason(names: ModuleType) -> None:
    known = [each for lines in names.known_differences().values() for each in lines]
    assert len(known) == len(set(known))


@pytest.mark.parametrize(
    ("line", "difference"),
    [
        ("nosuch(a)", "nosuch is missing"),
        ("Noneable(inner_type, other=None)", "Noneable has no parameter other"),
        ("Noneable()", "Noneable asks for inner_type besides"),
        ("Noneable(inner_type=None)", "Noneable parameter inner_type has no default"),
        (
            "RetryPolicy(max_retries=2, delay=...)",
            "RetryPolicy parameter max_retries has the default 1, not 2",
        ),
        ("RetryPolicy(delay=None)", "RetryPolicy does not take delay by its place"),
        ("Backoff = LINEAR, CUBIC", "Backoff has no member CUBIC"),
        ("StringSource()", "StringSource cannot be called"),
        ("Config\n    as_toml(indent)", "Config has no member as_toml"),
        ("EnvVar\n    get_value(name)", "EnvVar.get_value has no parameter name"),
    ],
)
def test_what_differs_is_told(
    names: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    line: str,
    difference: str,
) -> None:
    listed = tmp_path / "names.txt"
    listed.write_text(f"== words\n{line}\n", encoding="utf-8")
    monkeypatch.setattr(names, "LIST", listed)
    assert difference in names.differences()
