from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from plugwork.cli.table import COMMANDS, Entry

if TYPE_CHECKING:
    from conftest import Cli

HEAVY = ("attr", "yaml", "rich", "pluggy", "plugwork.errors", "plugwork.model", "plugwork.instance")


def leaves(table: dict[str, Entry], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, entry in table.items():
        if entry.commands:
            yield from leaves(dict(entry.commands), (*path, name))
        else:
            yield (*path, name)


LEAVES = list(leaves(dict(COMMANDS)))


def entry_of(path: tuple[str, ...]) -> Entry:
    entry = COMMANDS[path[0]]
    for name in path[1:]:
        entry = entry.commands[name]
    return entry


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_the_table_names_a_command_that_is_there(path: tuple[str, ...]) -> None:
    module, _, attribute = entry_of(path).target.partition(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == path[-1]


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_tells_what_it_does(path: tuple[str, ...], cli: Cli) -> None:
    told = cli(*path, "--help")
    assert told.code == 0
    assert told.out.startswith(f"Usage: plugwork {' '.join(path)} ")
    assert "--instance PATH" in told.out


def test_help_lists_every_command_with_its_parts(cli: Cli) -> None:
    told = cli("--help")
    assert told.code == 0
    for name, entry in COMMANDS.items():
        assert f"  {name} " in told.out
        assert all(part in told.out for part in entry.commands)


def test_help_imports_nothing_but_what_it_prints() -> None:
    code = f"""
import sys
from plugwork.cli.main import run
run(["--help"])
sys.stderr.write(" ".join(name for name in {HEAVY!r} if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    assert "Usage: plugwork" in done.stdout


def test_an_unknown_command_is_met_with_the_nearest(cli: Cli) -> None:
    told = cli("verson")
    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines() == [
        'error PW-CLI-002: there is no command "plugwork verson"',
        "  did you mean:  plugwork version",
        "  see:           plugwork --help",
    ]


def test_an_unknown_part_of_a_group_is_met_with_the_nearest(cli: Cli) -> None:
    told = cli("runs", "lst")
    assert told.code == 2
    assert "did you mean:  plugwork runs list" in told.err


def test_an_unknown_option_is_a_usage_error(cli: Cli) -> None:
    told = cli("version", "--jsn")
    assert told.code == 2
    assert told.err.startswith("error PW-CLI-001: no such option")
    assert "see:           plugwork version --help" in told.err


def test_a_group_without_a_command_shows_its_help(cli: Cli) -> None:
    told = cli("runs")
    assert told.code == 2
    assert "Usage: plugwork runs" in told.err


@pytest.mark.parametrize("args", [("--json", "version"), ("version", "--json")])
def test_global_options_stand_before_or_after_the_command(args: tuple[str, ...], cli: Cli) -> None:
    document = json.loads(cli(*args).out)
    assert document["schema"] == "plugwork.version/1"
    assert document["version"]


def test_a_defect_is_told_shortly_and_with_its_own_code(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugwork.cli.version import version

    def broken() -> None:
        raise KeyError("lost")

    monkeypatch.setattr(version, "callback", broken)
    told = cli("version")
    assert told.code == 70
    assert told.err.splitlines()[0] == "error: plugwork itself failed: KeyError: 'lost'"
    assert len(told.err.splitlines()) == 4
    assert "Traceback" not in told.err
    assert "Traceback" in cli("version", "-v").err


def test_ctrl_c_ends_with_130(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from plugwork.cli.version import version

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(version, "callback", interrupted)
    assert cli("version").code == 130


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = (
        "import sys; from plugwork.cli.main import main; sys.argv = ['plugwork', '--help']; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 141
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed distribution that brings the command ``greet``."""
    site = tmp_path / "site"
    info = site / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\nSummary: Greets.\n"
    )
    (info / "entry_points.txt").write_text("[plugwork.command]\ngreet = acme_greet:greet\n")
    (site / "acme_greet.py").write_text(
        "import click\n@click.command()\ndef greet():\n    click.echo('hello')\n"
    )
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "acme_greet", raising=False)
    return site


def test_a_plugin_brings_a_command(cli: Cli, brought: Path) -> None:
    assert "greet  Greets." in cli("--help").out
    assert "acme_greet" not in sys.modules
    told = cli("greet")
    assert (told.code, told.out) == (0, "hello\n")


def test_a_broken_command_of_a_plugin_names_the_plugin(cli: Cli, brought: Path) -> None:
    (brought / "acme_greet.py").write_text("raise ValueError('not today')\n")
    told = cli("greet")
    assert told.code == 2
    assert "acme_greet:greet (acme 1.0)" in told.err
    assert "ValueError: not today" in told.err
