"""What the tests of instances share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugwork import Instance

WriteHome = Callable[[str], Path]


@pytest.fixture(autouse=True)
def modules_beside_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``plugwork.yaml`` name classes of ``by_class``."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@pytest.fixture
def write_home(tmp_path: Path) -> WriteHome:
    """Make a home directory with a file of this text."""

    def write(text: str) -> Path:
        home = tmp_path / "home"
        home.mkdir()
        (home / "plugwork.yaml").write_text(text, encoding="utf-8")
        return home

    return write


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Instance]:
    """A whole persistent instance."""
    with Instance.local_temp(str(tmp_path)) as opened:
        yield opened
