"""The template renders; what it renders to is tried by ``nox -s templates``."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


def render(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    script = root / "contrib" / "plugin-template" / "render.py"
    return subprocess.run(
        [sys.executable, str(script), *words],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_no_word_of_the_template_is_left(root: Path, tmp_path: Path) -> None:
    assert render(root, "acme-store", str(tmp_path / "new")).returncode == 0
    made = files(tmp_path / "new")
    left = [path for path, text in made.items() if re.search("template.?name", path + text, re.I)]
    assert left == []
    assert made["src/plugwork_acme_store/__init__.py"]
    assert 'acme_store = "plugwork_acme_store.plugin"' in made["pyproject.toml"]
    assert "class AcmeStoreFileManager" in made["src/plugwork_acme_store/file_manager.py"]


@pytest.mark.parametrize("name", ["Acme", "acme_store", "7up", "-", "a--b", "../x", ""])
def test_a_name_that_makes_no_package_is_refused(root: Path, tmp_path: Path, name: str) -> None:
    done = render(root, name, str(tmp_path / "new"))
    assert done.returncode == 2
    assert "acme-store" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_folder_with_something_in_it_is_left_alone(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = render(root, "acme", str(tmp_path))
    assert done.returncode == 2
    assert "choose another folder" in done.stderr
    assert files(tmp_path) == {"mine": "mine"}
