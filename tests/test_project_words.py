"""What tracked files must not say: where somebody works, and what only one machine knows."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HOME_FOLDER = re.compile(r"/(?:home|Users)/[a-z][\w.-]*/|/root/[\w.]")
PACKAGE_INDEX = re.compile(
    r"python[h]osted|registry[.]npmjs|(?:extra-)?index[-_]url\s*=|/simple/?[\"']"
)


@pytest.fixture(scope="module")
def tracked(root: Path) -> dict[Path, str]:
    """The text of every tracked file, by its path."""
    if shutil.which("git") is None or not (root / ".git").exists():
        pytest.skip("only on a checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
    )
    paths = [root / name for name in listed.stdout.split("\0") if name]
    return {
        path.relative_to(root): path.read_text(encoding="utf-8", errors="replace")
        for path in paths
        if path.is_file()
    }


def lines_with(tracked: dict[Path, str], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in tracked.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_folder_of_one_machine(tracked: dict[Path, str], root: Path) -> None:
    here = re.compile(re.escape(f"{root}/"))
    assert not lines_with(tracked, HOME_FOLDER)
    assert not lines_with(tracked, here)


def test_no_file_names_a_package_index(tracked: dict[Path, str]) -> None:
    assert not lines_with(tracked, PACKAGE_INDEX)


def test_no_lock_file_is_tracked(tracked: dict[Path, str]) -> None:
    assert not [path for path in tracked if path.suffix == ".lock"]


def test_pins_name_versions_and_no_places(root: Path) -> None:
    pin = re.compile(r"[a-z0-9._-]+==[0-9][\w.]*( ; .+)?")
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not pin.fullmatch(line)] == []


def test_no_test_sleeps_instead_of_waiting_for_a_fact(tracked: dict[Path, str]) -> None:
    sleeping = [
        f"{path}:{node.lineno}"
        for path, text in tracked.items()
        if path.suffix == ".py" and "tests" in path.parts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.sleep", "sleep")
    ]
    assert sleeping == []
