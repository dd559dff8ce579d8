"""A page that shows commands shows what they print.

On such a page, in order and in one folder: a block titled with a bare file name is written to that
file; in a ``console`` block each line after ``$`` is run by the shell, and the lines below are what
it prints. Ids, times and durations may differ; a line ``...`` stands for any number of lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

USERS = Path(__file__).parents[2] / "docs" / "users"
FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"/]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [page for page in sorted(USERS.glob("*.md")) if "\n```console\n" in page.read_text()]
#: What differs from run to run, and what stands for it.
CHANGING = {
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b": "UUID",
    r"\b[0-9a-f]{8}\b": "ID",
    r"\b\d+(\.\d+)?s\b": "TIME",
    r"\bjust now\b|\b\d+ (s|min) ago\b": "AGO",
    r"\(pid: \d+\)": "(pid)",
    r" {2,}": "  ",
}


def plain(text: str) -> str:
    for pattern, word in CHANGING.items():
        text = re.sub(pattern, word, text)
    return text


def commands_of(block: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block with what it is said to print."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def as_pattern(shown: str) -> str:
    lines = [line.rstrip() for line in plain(shown).splitlines()]
    return "".join("(.*\n)*?" if line == "..." else f"{re.escape(line)}\n" for line in lines)


def run(command: str, folder: Path, code: int) -> subprocess.CompletedProcess[str]:
    """Run a command after one that ended with ``code``."""
    unwanted = ("CI", "NO_COLOR", "PLUGWORK_HOME", "PLUGWORK_PROFILE")
    env = {key: value for key, value in os.environ.items() if key not in unwanted}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    return subprocess.run(
        ["sh", "-c", f"(exit {code})\n{command}"], cwd=folder, env=env, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    code = 0
    for language, title, text in FENCE.findall(page.read_text(encoding="utf-8")):
        if title:
            (tmp_path / title).write_text(text, encoding="utf-8")
        for command, shown in commands_of(text) if language == "console" else ():
            done = run(command, tmp_path, code)
            code = done.returncode
            printed = "".join(f"{line.rstrip()}\n" for line in plain(done.stdout).splitlines())
            assert re.fullmatch(as_pattern(shown), printed), f"$ {command}\n{done.stdout}"


def test_there_is_a_page_that_shows_commands() -> None:
    assert [page.stem for page in PAGES]
