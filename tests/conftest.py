"""What the tests across distributions share: the workspace as data."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import attrs
import pytest

ROOT = Path(__file__).parents[1]


@attrs.frozen
class Distribution:
    """One distribution of the workspace."""

    folder: Path
    #: Its ``[project]`` table.
    project: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.project["name"])

    @property
    def package(self) -> str:
        return self.name.replace("-", "_")

    @property
    def sources(self) -> Path:
        return self.folder / "src" / self.package


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def find_distributions() -> list[Distribution]:
    workspace = read_toml(ROOT / "pyproject.toml")["tool"]["uv"]["workspace"]
    files = [
        file for member in workspace["members"] for file in ROOT.glob(f"{member}/pyproject.toml")
    ]
    return [
        Distribution(file.parent, read_toml(file)["project"])
        for file in sorted(files)
        if str(file.parent.relative_to(ROOT)) not in workspace["exclude"]
    ]


DISTRIBUTIONS = find_distributions()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "distribution" in metafunc.fixturenames:
        names = [distribution.name for distribution in DISTRIBUTIONS]
        metafunc.parametrize("distribution", DISTRIBUTIONS, ids=names)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the workspace."""
    return ROOT


@pytest.fixture(scope="session")
def distributions() -> list[Distribution]:
    """Every distribution of the workspace."""
    return DISTRIBUTIONS


@pytest.fixture(scope="session")
def workspace() -> dict[str, Any]:
    """The workspace's own ``pyproject.toml``."""
    return read_toml(ROOT / "pyproject.toml")
