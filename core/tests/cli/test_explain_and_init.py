from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugwork.cli.failing import exit_code
from plugwork.errors import CODES, FrameworkError

if TYPE_CHECKING:
    from conftest import Cli


def all_errors(base: type[FrameworkError] = FrameworkError) -> list[type[FrameworkError]]:
    found = [base]
    for each in base.__subclasses__():
        if each.__module__.startswith("plugwork"):
            found += all_errors(each)
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_code_can_be_explained(code: str, cli: Cli) -> None:
    told = cli("explain", code.lower())
    assert told.code == 0
    assert told.out == f"{code}  {CODES[code].summary}\n  {CODES[code].cure}\n"


def test_a_code_is_explained_as_json(cli: Cli) -> None:
    document = json.loads(cli("explain", "PW-CFG-001", "--json").out)
    assert document["schema"] == "plugwork.code/1"
    assert document["code"] == "PW-CFG-001"


def test_an_unknown_code_is_met_with_the_nearest(cli: Cli) -> None:
    told = cli("explain", "PW-CGF-001")
    assert told.code == 2
    assert "did you mean PW-CFG-001" in told.err


@pytest.mark.parametrize("error", all_errors(), ids=lambda each: each.__name__)
def test_the_code_of_an_error_is_in_the_table_and_it_exits_with_a_known_number(
    error: type[FrameworkError],
) -> None:
    assert error.code in {"", *CODES}
    assert error.exit_code in (1, 2, 3, 4, 5)


def test_what_is_no_error_of_ours_is_a_defect() -> None:
    assert exit_code(ValueError("x")) == 70


@pytest.mark.parametrize("template", ["min", "etl"])
def test_init_makes_a_small_project(template: str, cli: Cli) -> None:
    told = cli("init", "shop", "--template", template)
    assert told.code == 0
    assert "next  cd shop" in told.out
    names = {file.name for file in Path("shop").iterdir()}
    assert {"jobs.py", "plugwork.yaml", "README.md", ".gitignore"} <= names
    assert len(names) < 10


def test_init_overwrites_nothing_and_makes_all_or_none(cli: Cli) -> None:
    Path("plugwork.yaml").write_text("storage: memory\n")
    told = cli("init")
    assert told.code == 2
    assert told.err.startswith("error PW-CLI-004: plugwork.yaml is there already")
    assert [file.name for file in Path().iterdir()] == ["plugwork.yaml"]
    assert Path("plugwork.yaml").read_text() == "storage: memory\n"


def test_where_nothing_is_nothing_is_made(cli: Cli) -> None:
    told = cli()
    assert told.code == 0
    assert "plugwork init" in told.out
    assert list(Path().iterdir()) == []


def test_where_a_job_lies_the_next_step_is_to_run_it(cli: Cli) -> None:
    Path("nightly.py").write_text("from plugwork import job\nraise SystemExit('never imported')\n")
    assert "next  plugwork run nightly.py" in cli().out
