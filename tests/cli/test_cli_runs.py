"""``plugwork runs``, ``explain`` and the summary, over a few stored runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Compare, Shell

JOBS = """
import sys
from plugwork import OpExecutionContext, job, op


@op
def fine(context: OpExecutionContext) -> None:
    print("printed")
    print("complained", file=sys.stderr)
    context.log.warning("careful")


@op
def bad() -> int:
    print("about to fail")
    raise ValueError("bad day")


@op
def after(x: int) -> None: ...


@job
def good() -> None:
    fine()


@job
def wrong() -> None:
    after(bad())
"""


@pytest.fixture
def two_runs(shell: Shell) -> tuple[str, str]:
    """Ids of a run that succeeded, and of a later one that failed."""
    shell.write("jobs.py", JOBS)
    good = json.loads(shell("run", "jobs.py:good", "--json", "--tag", "team=blue").out)["id"]
    wrong = json.loads(shell("run", "jobs.py:wrong", "--json").out)["id"]
    return good, wrong


def listed(shell: Shell, *args: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = json.loads(shell("runs", "list", "--json", *args).out)["runs"]
    return runs


@pytest.mark.usefixtures("two_runs")
def test_runs_are_listed_newest_first(shell: Shell, golden: Compare) -> None:
    told = shell("runs", "list")
    golden("runs-list", told.out)
    assert [each["job"] for each in listed(shell)] == ["wrong", "good"]


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize(
    ("args", "jobs"),
    [
        (("--status", "failed"), ["wrong"]),
        (("--job", "good"), ["good"]),
        (("--tag", "team=blue"), ["good"]),
        (("--tag", "team=red"), []),
        (("--limit", "1"), ["wrong"]),
        (("--after", "@last"), ["good"]),
    ],
)
def test_runs_are_filtered(args: tuple[str, ...], jobs: list[str], shell: Shell) -> None:
    assert [each["job"] for each in listed(shell, *args)] == jobs


def test_a_run_is_named_by_its_beginning_or_by_name(
    shell: Shell, two_runs: tuple[str, str]
) -> None:
    good, wrong = two_runs
    names = {good: (good, good[:8], good[:8].upper()), wrong: (wrong[:8], "@last", "@last-failed")}
    for run_id, texts in names.items():
        for text in texts:
            assert json.loads(shell("runs", "show", text, "--json").out)["id"] == run_id


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize("name", ["ffffffffffff", "nonsense", "@first", "%", "' or 1"])
def test_an_unknown_run_exits_with_3(name: str, shell: Shell) -> None:
    told = shell("runs", "show", name)
    assert told.code == 3
    assert told.err.startswith("error PW-NAME-002: ")


def test_last_in_an_empty_instance_says_that_there_is_none(shell: Shell) -> None:
    told = shell("runs", "show", "@last")
    assert told.code == 3
    assert "there is no run here yet" in told.err


def test_an_ambiguous_beginning_lists_what_it_fits(shell: Shell) -> None:
    shell.write("jobs.py", JOBS)
    seen: set[str] = set()
    while True:
        run_id: str = json.loads(shell("run", "jobs.py:good", "--json").out)["id"]
        if run_id[0] in seen:
            break
        seen.add(run_id[0])
    told = shell("runs", "show", run_id[0])
    assert told.code == 2
    assert told.err.startswith(f'error PW-CLI-003: "{run_id[0]}" is the beginning of several')
    assert run_id in told.err


@pytest.mark.usefixtures("two_runs")
def test_showing_a_failed_run_answers_why_first(shell: Shell, golden: Compare) -> None:
    told = shell("runs", "show", "@last-failed")
    assert told.code == 0
    golden("runs-show-failed", told.out)


def test_a_shown_run_has_its_failure_as_json(shell: Shell, two_runs: tuple[str, str]) -> None:
    document = json.loads(shell("runs", "show", two_runs[1], "--json").out)
    assert document["schema"] == "plugwork.run/1"
    failure = document["failure"]
    assert (failure["step"], failure["type"], failure["attempts"]) == ("bad", "ValueError", 1)
    assert failure["label"] == "step-error"
    assert failure["frame"]["file"] == "jobs.py"


@pytest.mark.usefixtures("two_runs")
def test_logs_show_both_streams_and_log_lines(shell: Shell, golden: Compare) -> None:
    golden("runs-logs", shell("runs", "logs", listed(shell)[1]["id"][:8]).out)
    document = json.loads(shell("runs", "logs", "@last", "bad", "--json").out)
    assert document["attempts"][0]["stdout"] == "about to fail\n"


@pytest.mark.usefixtures("two_runs")
def test_logs_of_a_step_that_did_not_run_name_those_that_did(shell: Shell) -> None:
    told = shell("runs", "logs", "@last", "after")
    assert told.code != 0
    assert "it has: bad" in told.err


@pytest.mark.usefixtures("two_runs")
def test_events_are_filtered_and_paged(shell: Shell) -> None:
    one = json.loads(shell("runs", "events", "@last", "--type", "step_failure", "--json").out)
    assert [each["type"] for each in one["events"]] == ["STEP_FAILURE"]
    first = json.loads(shell("runs", "events", "@last", "--limit", "2", "--json").out)
    assert first["has_more"]
    rest = json.loads(shell("runs", "events", "@last", "--after", first["cursor"], "--json").out)
    assert rest["events"][0]["seq"] == 3
    assert (
        "did you mean STEP_FAILURE?" in shell("runs", "events", "@last", "--type", "STEP_FAIL").err
    )


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("@last", "failed: step failure"),
        ("@last/bad", "x bad  ValueError: bad day"),
        ("@last/after", "step after did not run: it needs bad, which failed"),
    ],
)
def test_explain_tells_why(what: str, said: str, shell: Shell) -> None:
    told = shell("explain", what)
    assert told.code == 0
    assert said in told.out


@pytest.mark.usefixtures("two_runs")
def test_without_a_command_the_latest_runs_and_next_steps_are_shown(
    shell: Shell, golden: Compare
) -> None:
    golden("home", shell().out)


def test_a_deleted_run_is_gone_with_its_logs(shell: Shell, two_runs: tuple[str, str]) -> None:
    good, wrong = two_runs
    assert list(shell.folder.rglob(f"*{wrong}*"))
    assert shell("runs", "delete", wrong[:8], "--yes").code == 0
    assert [each["id"] for each in listed(shell)] == [good]
    assert shell("runs", "show", wrong).code == 3
    assert not list(shell.folder.rglob(f"*{wrong}*/compute_logs/*"))


@pytest.mark.usefixtures("two_runs")
def test_deleting_asks_first(shell: Shell) -> None:
    told = shell("runs", "delete", "@last")
    assert told.code == 130
    assert len(listed(shell)) == 2


def test_a_storage_that_is_damaged_exits_with_4(shell: Shell, two_runs: tuple[str, str]) -> None:
    [database] = shell.folder.rglob("plugwork.db")
    for file in shell.folder.rglob("plugwork.db-*"):
        file.unlink()
    database.write_bytes(b"this is no database" * 1000)
    told = shell("runs", "list")
    assert told.code == 4
    assert told.err.startswith("error PW-STO-003: ")
    assert "Traceback" not in told.err


def test_a_home_that_cannot_be_made_is_refused(shell: Shell) -> None:
    Path(shell.folder / ".plugwork").write_text("a file")
    told = shell("runs", "list")
    assert told.code == 2
    assert told.err.startswith("error PW-INS-001: ")
