"""The users' pages name every command, option, error and status that there is."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

import plugwork.abc
import plugwork.model
import plugwork.plugin
from plugwork import errors
from plugwork.cli.failing import DEFECT, USAGE
from plugwork.cli.main import INTERRUPTED, TERMINATED, Root
from plugwork.cli.running import CANCELED, FAILED, SUCCESS
from plugwork.cli.settings import Settings
from plugwork.cli.table import COMMANDS, Entry
from plugwork.errors import CODES, JobNotFoundError, StorageError
from plugwork.model import RunStatus
from plugwork.plugin import KINDS

DOCS = Path(__file__).parents[2] / "docs"
USERS, REFERENCE = DOCS / "users", DOCS / "reference"


def page(name: str) -> str:
    return (USERS / name).read_text(encoding="utf-8")


def rows(text: str, first: str) -> dict[str, list[str]]:
    """Return the rows whose first cell fits a pattern: that cell, plain -> the others."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    found = {cells[0].strip("`"): [cell.strip() for cell in cells[1:]] for cells in lines}
    return {key: cells for key, cells in found.items() if re.fullmatch(first, key)}


def leaves(entries: Mapping[str, Entry], before: str = "plugwork") -> Iterator[tuple[str, str]]:
    for name, entry in entries.items():
        if entry.commands:
            yield from leaves(entry.commands, f"{before} {name}")
        else:
            yield f"{before} {name}", entry.help


def test_every_command_is_told_in_its_own_words() -> None:
    told = rows(page("command-line.md"), r"plugwork .+")
    assert told == {command: [text] for command, text in leaves(COMMANDS)}


def test_every_error_code_is_told_in_its_own_words() -> None:
    told = rows(page("errors.md"), r"PW-[A-Z]+-\d+")
    assert told == {name: [code.summary, code.cure] for name, code in CODES.items()}


def test_every_exit_code_is_told() -> None:
    told = rows(page("command-line.md"), r"\d+")
    codes = [SUCCESS, FAILED, USAGE, CANCELED, DEFECT, INTERRUPTED, TERMINATED]
    codes += [JobNotFoundError.exit_code, StorageError.exit_code]
    assert set(told) == {str(code) for code in codes}


def test_every_status_is_told() -> None:
    text = page("runs.md")
    assert [status for status in RunStatus if f"`{status.value}`" not in text] == []


def test_every_key_of_a_component_is_told() -> None:
    text = page("configure.md")
    told = {key for info in KINDS.values() for key in info.keys if f"`{key}`" in text}
    assert {info.key for info in KINDS.values() if not info.key.startswith("plugins")} <= told


def test_the_options_of_every_command_are_told() -> None:
    root = Root()
    _, _, shared = root.get_help(click.Context(root, obj=Settings())).partition("Global options:")
    options = set(re.findall(r"--[\w-]+", shared))
    told = " ".join(rows(page("command-line.md"), r"--.+"))
    assert options == set(re.findall(r"--[\w-]+", told))
    assert options


def test_every_public_name_is_in_the_reference() -> None:
    pages = [page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md")]
    told = [name for text in pages for name in re.findall(r"^::: ([\w.]+)$", text, re.MULTILINE)]
    homes = (plugwork, plugwork.abc, plugwork.model, plugwork.plugin)
    public = {name for home in homes for name in home.__all__}
    assert {name.rpartition(".")[2] for name in told} | set(vars(errors)) >= public
    assert [name for name in told if resolve(name) is None] == []
    assert len(told) == len(set(told))


def resolve(path: str) -> object:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)
