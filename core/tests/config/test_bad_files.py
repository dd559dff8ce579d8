"""The mistakes that users make in ``plugwork.yaml``, and what they read then.

``PLUGWORK_UPDATE_GOLDEN=1`` writes the expected texts anew.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import attrs
import pytest

from plugwork.config.instance_config import InstanceConfig, parse_instance
from plugwork.config.layers import load_layers
from plugwork.config.place import locate
from plugwork.config.references import Resolver
from plugwork.config.rendering import render_problems
from plugwork.errors import CODES, ComponentNotFoundError, InvalidConfigError

BAD = Path(__file__).parent / "bad"
NAMES = sorted(file.stem for file in BAD.glob("*.yaml") if file.stem != "empty")


@attrs.frozen(kw_only=True)
class SqliteSettings:
    path: str | None = None


@attrs.frozen(kw_only=True)
class PostgresSettings:
    url: str = attrs.field(metadata={"help": "where the database is", "secret": True})
    pool_size: int = attrs.field(default=8, metadata={"help": "connections at most"})


@attrs.frozen(kw_only=True)
class NotifierSettings:
    url: str


INSTALLED: dict[tuple[str, str], type | None] = {
    ("storage", "sqlite"): SqliteSettings,
    ("storage", "memory"): None,
    ("storage", "postgres"): PostgresSettings,
    ("executor", "in_process"): None,
    ("plugin", "notifier"): NotifierSettings,
}


def settings_for(kind: str, name: str) -> type | None:
    if (kind, name) not in INSTALLED:
        raise ComponentNotFoundError(f"no {kind} named {name!r} is installed")
    return INSTALLED[kind, name]


def read(folder: Path) -> InstanceConfig:
    layered = load_layers(locate(None, {}, folder), None, {}, folder)
    resolver = Resolver({"PLUGWORK_DB": "postgres://db"}, folder)
    return parse_instance(layered, settings_for, resolver, thorough=True)


def refusal_of(folder: Path) -> str:
    with pytest.raises(InvalidConfigError) as caught:
        read(folder)
    assert all(problem.code in CODES for problem in caught.value.errors)
    return render_problems(caught.value.errors) + "\n"


def compare(name: str, text: str) -> None:
    golden = BAD / f"{name}.txt"
    if os.environ.get("PLUGWORK_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_bad_file_is_told_in_few_lines_with_the_place(name: str, tmp_path: Path) -> None:
    shutil.copy(BAD / f"{name}.yaml", tmp_path / "plugwork.yaml")
    text = refusal_of(tmp_path)
    compare(name, text)
    assert len(text.splitlines()) <= 5
    assert all(line.startswith(("plugwork.yaml:", "  ")) for line in text.splitlines())
    assert "secret" not in text
    assert [file.name for file in tmp_path.iterdir()] == ["plugwork.yaml"]


def test_unreadable_file_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "plugwork.yaml").mkdir()
    compare("unreadable", refusal_of(tmp_path))


def test_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    without = read(tmp_path)
    shutil.copy(BAD / "empty.yaml", tmp_path / "plugwork.yaml")
    config = read(tmp_path)
    assert config.components == {}
    assert (config.durability, config.leases.ttl) == ("normal", 15.0)
    assert config.sections == without.sections


def test_a_code_that_a_file_shows_can_be_looked_up() -> None:
    shown = {word for file in BAD.glob("*.txt") for word in file.read_text().split()}
    codes = {word.rstrip(":") for word in shown if word.startswith("PW-")}
    assert codes <= CODES.keys()
    assert len(codes) >= 10
