from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Cli, Outcome

BAD = Path(__file__).parents[1] / "config" / "bad"


def check(cli: Cli, text: str) -> Outcome:
    Path("plugwork.yaml").write_text(text)
    return cli("check")


def test_a_mistake_in_the_file_shows_line_caret_and_command(cli: Cli) -> None:
    told = check(cli, "storrage: sqlite\n")
    assert told.code == 2
    assert told.err.splitlines() == [
        'plugwork.yaml:1:1  PW-CFG-001  unknown key "storrage"; did you mean "storage"?',
        "    storrage: ...",
        "    ^",
        "  more: plugwork explain PW-CFG-001",
    ]


def test_several_mistakes_are_told_at_once(cli: Cli) -> None:
    told = check(cli, "durability: never\nleases: {ttl: 1s, hertbeat: 3}\n")
    assert told.code == 2
    assert "plugwork.yaml:1:13  PW-CFG-004" in told.err
    assert "plugwork.yaml:2:19  PW-CFG-001" in told.err
    assert len(told.err.splitlines()) <= 5


@pytest.mark.parametrize(
    "text",
    [
        "password: hunter2\npassword: hunter2\n",
        "storage:\n  sqlite: {base_dir: [hunter2]}\n",
        "api_token: hunter2\n",
        "- hunter2\n",
        "leases:\n\tttl: hunter2\n",
        "hunter2\n",
    ],
)
def test_a_value_that_may_be_secret_is_not_repeated(text: str, cli: Cli) -> None:
    told = check(cli, text)
    assert told.code == 2
    assert "hunter2" not in told.err


def test_a_value_that_the_message_tells_is_shown_with_the_caret_below(cli: Cli) -> None:
    told = check(cli, "leases:\n  ttl: soon\n")
    assert told.err.splitlines()[1:3] == ["    ttl: soon", "         ^"]


@pytest.mark.parametrize("args", [("check",), ("instance", "config")])
def test_any_command_refuses_a_bad_file(args: tuple[str, ...], cli: Cli) -> None:
    Path("plugwork.yaml").write_text((BAD / "duplicate-key.yaml").read_text())
    told = cli(*args)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("plugwork.yaml:3:1  PW-CFG-005")
    assert not Path(".plugwork").exists()


def test_code_that_raises_on_import_shows_the_users_line(cli: Cli) -> None:
    Path("shop.py").write_text("import json\n\nlimit = json.loads('{')\n")
    told = cli("check", "shop.py")
    assert told.code == 2
    assert told.err.splitlines() == [
        "error PW-NAME-003: importing shop.py: json.decoder.JSONDecodeError: Expecting property "
        "name enclosed in double quotes: line 1 column 2 (char 1)",
        "    shop.py:3",
        "  > 3  limit = json.loads('{')",
        "  more: plugwork explain PW-NAME-003",
    ]


def test_a_syntax_error_shows_its_line(cli: Cli) -> None:
    Path("typo.py").write_text("x = 1\nif x\n    pass\n")
    told = cli("check", "typo.py")
    assert told.code == 2
    assert "    typo.py:2" in told.err
    assert "  > 2  if x" in told.err


def test_a_wrong_definition_shows_the_users_line(cli: Cli) -> None:
    Path("wrong.py").write_text(
        "from plugwork import job, op\n\n@op\ndef one(): ...\n\n@job\ndef bad():\n    one(1, 2)\n"
    )
    told = cli("check", "wrong.py")
    assert told.code == 2
    assert told.err.startswith("error PW-DEF-001: ")
    assert "    wrong.py:8  in bad" in told.err
    assert "Traceback" not in told.err


def test_check_names_every_job_that_is_wrong(cli: Cli) -> None:
    Path("two.py").write_text(
        "from plugwork import job, op\n\n"
        "@op(required_resource_keys={'a'})\ndef one(): ...\n\n"
        "@op(required_resource_keys={'b'})\ndef two(): ...\n\n"
        "@job\ndef first():\n    one()\n\n@job\ndef second():\n    two()\n\n"
        "@job\ndef fine(): ...\n"
    )
    told = cli("check", "two.py")
    assert told.code == 2
    assert "job ok: fine" in told.out
    assert told.err.count("error PW-DEF-001") == 2
    assert "'a'" in told.err
    assert "'b'" in told.err


def test_a_target_that_is_not_there_exits_with_3(cli: Cli) -> None:
    Path("shop.py").write_text("")
    told = cli("check", "shp.py")
    assert told.code == 2  # all mistakes together are a refusal
    assert "did you mean 'shop.py'?" in told.err
    assert cli("jobs", "list", "shp.py").code == 3


def test_full_trace_shows_the_frames_of_plugwork_too(cli: Cli) -> None:
    assert "Traceback" not in cli("jobs", "list", "nix.py").err
    told = cli("jobs", "list", "nix.py", "--full-trace")
    assert told.code == 3
    assert "Traceback" in told.err


def test_colours_are_off_where_they_are_not_wanted(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in cli("verson").err
    assert "\x1b" not in cli("--no-color", "version").out
