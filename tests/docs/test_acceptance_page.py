"""The page that names a test for each rule names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "internals" / "acceptance.md"
TEST = re.compile(r"`([\w/.-]+\.py)::(\w+)`")


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_page_names_is_there() -> None:
    named = TEST.findall(PAGE.read_text(encoding="utf-8"))
    missing = [f"{file}::{name}" for file, name in named if not (ROOT / file).is_file()]
    known = {file: names_in(ROOT / file) for file, _ in named if (ROOT / file).is_file()}
    missing += [f"{file}::{name}" for file, name in named if name not in known.get(file, {name})]
    assert missing == []


def test_every_rule_has_its_own_row_and_a_test() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    rules = [row.split("|")[1].strip() for row in rows[2:]]
    assert len(rules) == len(set(rules)) > 40
    assert [row for row in rows[2:] if not TEST.search(row)] == []
