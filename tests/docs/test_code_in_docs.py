"""What the documentation shows is true: its Python runs, its excerpts are what the files say.

A block of Python runs, after the blocks before it on its page. A block of any language whose title
is the path of a file is an excerpt of that file. A block titled ``plugwork.yaml`` is a whole file
that has no mistakes. Pages that show commands are read by ``test_walks.py``, too; their blocks with
the name of a file are files of theirs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "contrib").glob("*/README.md")),
]
FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@attrs.frozen
class Block:
    """A block of code of a page."""

    page: Path
    line: int
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2] or "", found[3])
        for found in FENCE.finditer(text)
    ]


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
EXCERPTS = [block for block in BLOCKS if "/" in block.title]
FILES = [block for block in BLOCKS if block.title == "plugwork.yaml"]
RUNNABLE = [block for block in BLOCKS if block.language == "python" and not block.title]
PAGES_THAT_RUN = sorted({block.page for block in RUNNABLE})


@pytest.mark.parametrize("page", PAGES_THAT_RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_python_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLUGWORK_HOME", raising=False)
    namespace: dict[str, Any] = {"__name__": page.stem}
    for block in (block for block in RUNNABLE if block.page == page):
        source = "\n" * block.line + block.text  # so that a traceback names the page's own line
        exec(compile(source, str(page), "exec"), namespace)  # noqa: S102 - our own pages


@pytest.mark.parametrize("block", EXCERPTS, ids=str)
def test_an_excerpt_is_what_the_file_says(block: Block) -> None:
    assert block.text in (ROOT / block.title).read_text(encoding="utf-8")


@pytest.mark.parametrize("block", FILES, ids=str)
def test_a_file_that_is_shown_has_no_mistakes(block: Block, tmp_path: Path) -> None:
    (tmp_path / "plugwork.yaml").write_text(block.text)
    done = subprocess.run(
        [str(Path(sys.executable).with_name("plugwork")), "--instance", str(tmp_path), "check"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_to_a_file(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_a_block_that_no_check_reads_is_not_taken_for_code() -> None:
    walks = {block.page for block in BLOCKS if block.language == "console"}
    checked = [*EXCERPTS, *FILES, *(block for block in BLOCKS if block.page in walks)]
    strange = [str(block) for block in BLOCKS if block.title and block not in checked]
    assert strange == []
    assert RUNNABLE
    assert EXCERPTS
    assert FILES


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if not re.search(rf" {re.escape(page)}$", text, re.M)} == set()
