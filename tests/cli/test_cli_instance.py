"""The instance: what it is, its configuration, and files that are wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Compare, Shell, Site

BAD = Path(__file__).parents[2] / "core" / "tests" / "config" / "bad"
NAMES = sorted(file.stem for file in BAD.glob("*.yaml") if file.stem != "empty")

SETTINGS = """
import attrs

@attrs.frozen(kw_only=True)
class Postgres:
    url: str = attrs.field(metadata={"help": "where the database is", "secret": True})
    pool_size: int = attrs.field(default=8, metadata={"help": "connections at most"})

@attrs.frozen(kw_only=True)
class Notifier:
    url: str
"""
PLUGIN = """
from __future__ import annotations
from plugwork.plugin import StorageSpec, hookimpl

plugwork_settings = "acme_settings:Notifier"

@hookimpl
def plugwork_storages():
    settings = "acme_settings:Postgres"
    return [StorageSpec(name="postgres", factory="x:y", settings=settings, api=1)]
"""


@pytest.fixture
def acme(site: Site) -> None:
    """A distribution with a storage named postgres, and a plugin named notifier."""
    points = {"storage": {"postgres": "acme_plugin"}, "plugin": {"notifier": "acme_plugin"}}
    site.add("acme", points, {"acme_settings": SETTINGS, "acme_plugin": PLUGIN})


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("name", NAMES)
def test_a_bad_file_is_told_in_five_lines(name: str, shell: Shell, golden: Compare) -> None:
    shutil.copy(BAD / f"{name}.yaml", shell.folder / "plugwork.yaml")
    told = shell("check")
    assert (told.code, told.out) == (2, "")
    golden(f"bad/{name}", told.err)
    assert len(told.err.splitlines()) <= 5
    assert told.err.startswith("plugwork.yaml:")
    assert "Traceback" not in told.err
    assert [file.name for file in shell.folder.iterdir()] == ["plugwork.yaml"]


def test_an_unreadable_file_is_told(shell: Shell) -> None:
    (shell.folder / "plugwork.yaml").mkdir()
    told = shell("runs", "list")
    assert told.code == 2
    assert told.err.startswith("error PW-CFG-008: plugwork.yaml cannot be read")
    assert len(told.err.splitlines()) <= 5


def test_an_empty_file_gives_defaults(shell: Shell) -> None:
    without = json.loads(shell("instance", "config", "--json").out)["config"]
    shell.write("plugwork.yaml", "")
    told = shell("check")
    assert (told.code, told.out) == (0, "configuration ok: plugwork.yaml\n")
    assert json.loads(shell("instance", "config", "--json").out)["config"] == without


@pytest.mark.usefixtures("acme")
def test_secrets_are_masked_wherever_the_configuration_is_shown(shell: Shell) -> None:
    shell.write(
        "plugwork.yaml", "storage:\n  postgres: {url: 'pg://me:hunter2@db', pool_size: 9}\n"
    )
    for args in ((), ("--provenance",), ("--json",)):
        told = shell("instance", "config", *args)
        assert told.code == 0
        assert "pool_size" in told.out
        assert "hunter2" not in told.out + told.err


def test_provenance_tells_file_and_line(shell: Shell) -> None:
    shell.write("plugwork.yaml", "leases:\n  ttl: 4s\n")
    listed = json.loads(shell("instance", "config", "--json").out)["settings"]
    sources = {each["path"]: each["source"] for each in listed}
    assert sources["leases.ttl"] == "plugwork.yaml:2:8"
    assert sources["durability"] == "default"
    assert "plugwork.yaml:2:8" in shell("instance", "config", "--provenance").out


def test_a_profile_lies_over_the_file(shell: Shell) -> None:
    shell.write("plugwork.yaml", "durability: normal\n")
    shell.write("plugwork.prod.yaml", "durability: full\n")
    told = json.loads(shell("instance", "info", "--profile", "prod", "--json").out)
    assert (told["profile"], told["durability"]) == ("prod", "full")
    assert json.loads(shell("instance", "info", "--json").out)["durability"] == "normal"
    unknown = shell("instance", "info", "--profile", "prd")
    assert unknown.code == 2
    assert 'did you mean "prod"?' in unknown.err


@pytest.mark.usefixtures("acme")
def test_the_schema_of_the_file_knows_what_is_installed(shell: Shell) -> None:
    schema = shell("instance", "config", "--schema").out
    assert "json-schema.org" in json.loads(schema)["$schema"]
    assert "pool_size" in schema
    assert "base_dir" in schema


def test_the_instance_is_named_by_option_variable_or_directory(
    shell: Shell, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    named = json.loads(shell("instance", "info", "--instance", str(other), "--json").out)
    assert (named["home"], named["chosen_by"]) == (str(other), "--instance")
    by_variable = json.loads(shell("instance", "info", "--json", PLUGWORK_HOME=str(other)).out)
    assert by_variable["chosen_by"] == "PLUGWORK_HOME"
    here = json.loads(shell("instance", "info", "--json").out)
    assert here["home"] == str(shell.folder / ".plugwork")


def test_info_names_each_component_and_who_brings_it(shell: Shell) -> None:
    told = json.loads(shell("instance", "info", "--json").out)
    brought = {each["kind"]: each for each in told["components"]}
    assert brought["storage"]["name"] == "sqlite"
    assert brought["storage"]["from"].startswith("plugwork-sqlite ")
    assert brought["coordinator"]["from"].startswith("plugwork-local ")


def test_memory_keeps_nothing_and_runs_all_the_same(shell: Shell) -> None:
    shell.write("plugwork.yaml", "storage: memory\n")
    shell.write("quick.py", "from plugwork import job\n\n@job\ndef quick(): ...\n")
    assert shell("run", "quick.py").code == 0
    assert shell("runs", "list").out.startswith("no runs yet")
    detached = shell("run", "quick.py", "--detach")
    assert detached.code == 2
    assert detached.err.startswith("error PW-INS-003: --detach hands the run to another process")
