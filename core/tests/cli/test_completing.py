from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugwork.cli.completing import FILES, answer, complete
from plugwork.cli.names import remember_jobs, remember_runs, remembered

if TYPE_CHECKING:
    from conftest import Cli

pytestmark = pytest.mark.usefixtures("cli")


def words(*typed: str) -> list[str]:
    return [word for word, _ in complete(typed)]


def test_commands_are_completed_from_the_table() -> None:
    assert words("ru") == ["run", "runs"]
    assert words("runs", "sh") == ["show"]
    assert "doctor" in words("plugins", "")


def test_options_are_those_of_the_command_and_the_global_ones() -> None:
    assert words("run", "--dr") == ["--dry-run"]
    assert {"--limit", "--json"} <= set(words("runs", "list", "--"))


def test_runs_are_completed_from_what_was_remembered() -> None:
    remember_runs([("8c1f2a9e-aaaa", "shop"), ("77b01c3d-bbbb", "marts")])
    assert words("runs", "show", "8c") == ["8c1f2a9e"]
    assert words("runs", "logs", "@") == ["@last", "@last-failed"]


def test_jobs_of_a_file_are_completed_without_importing_it() -> None:
    Path("shop.py").write_text("raise SystemExit('imported')")
    remember_jobs(os.path.abspath("shop.py"), ["nightly", "weekly"])
    assert words("run", "shop.py:w") == ["shop.py:weekly"]
    assert complete(["run", "sh"]) == [FILES]


def test_what_is_remembered_is_bounded_and_newest_first() -> None:
    for n in range(80):
        remember_runs([(f"{n:08}-x", "job")])
    ids = list(remembered()["runs"])
    assert len(ids) == 50
    assert ids[0] == "00000079-x"


def test_a_damaged_memory_is_as_good_as_none(tmp_path: Path) -> None:
    remember_runs([("8c1f2a9e-aaaa", "shop")])
    (tmp_path / "cache" / "plugwork" / "names.json").write_text("[1, {")
    assert remembered() == {"runs": {}, "jobs": {}}


def test_shells_get_the_form_that_they_read() -> None:
    assert list(answer("bash", ["comp"])) == ["completion"]
    assert list(answer("zsh", ["comp"])) == ["completion:Print the completion script of a shell."]
    assert list(answer("fish", ["comp"])) == ["completion\tPrint the completion script of a shell."]


def test_completing_imports_no_yaml_no_storage_and_no_user_code(tmp_path: Path) -> None:
    code = """
import sys
from plugwork.cli.completing import complete
complete(["runs", "show", ""]); complete(["run", "x.py:"]); complete(["plugins", "show", ""])
heavy = ("yaml", "attr", "plugwork.instance", "plugwork.errors", "sqlalchemy", "rich")
print(*(name for name in heavy if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed_for_each_shell(shell: str, cli: Cli) -> None:
    told = cli("completion", shell)
    assert told.code == 0
    assert f"PLUGWORK_COMPLETE={shell}" in told.out


def test_bash_completes(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(cli("completion", "bash").out)
    ask = (
        f"PATH={Path(sys.executable).parent}:$PATH; source {tmp_path / 'script'}; "
        "COMP_WORDS=(plugwork runs sh); COMP_CWORD=2; _plugwork; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", ask], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "show\n"
