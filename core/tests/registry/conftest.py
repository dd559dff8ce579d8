from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from plugwork.registry.index import Index, read_index

HEAD = "from __future__ import annotations\nfrom plugwork.plugin import *\n"


class FakeSite:
    """A folder on ``sys.path`` with distributions made on the fly."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(
        self,
        distribution: str,
        points: Mapping[str, Mapping[str, str]],
        modules: Mapping[str, str] | None = None,
        *,
        version: str = "1.0",
        requires: str = "",
        folder: Path | None = None,
    ) -> Path:
        """Install a distribution; return the folder with its metadata."""
        name = distribution.replace("-", "_")
        info = (folder or self.folder) / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        text += f"Summary: About {distribution}.\n"
        text += f"Requires-Dist: {requires}\n" if requires else ""
        (info / "METADATA").write_text(text)
        groups = [
            f"[plugwork.{kind}]\n" + "".join(f"{n} = {target}\n" for n, target in names.items())
            for kind, names in points.items()
        ]
        (info / "entry_points.txt").write_text("\n".join(groups))
        for module, source in (modules or {}).items():
            (self.folder / f"{module}.py").write_text(HEAD + textwrap.dedent(source))
        return info

    def kernel(self, version: str = "0.1.0") -> None:
        """Install the kernel's own metadata."""
        self.add("plugwork", {}, version=version)
        info = self.folder / f"plugwork-{version}.dist-info"
        (info / "entry_points.txt").write_text("[console_scripts]\nplugwork = plugwork:main\n")

    def index(self) -> Index:
        return read_index([str(self.folder)])

    def settle(self) -> None:
        """Make the folder look as if it had not changed for a while."""
        os.utime(self.folder, (1_000_000, 1_000_000))


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSite]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield FakeSite(folder)
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]
