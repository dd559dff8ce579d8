"""``plugwork run``: what is printed, where, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Compare, Shell

FIVE = """
from plugwork import Config, RetryPolicy, job, op


class Limits(Config):
    threshold: int = 3


@op
def one() -> int:
    print("one says hello")
    return 1


@op
def two(x: int) -> int:
    return x + 1


@op(retry_policy=RetryPolicy(max_retries=1))
def three(config: Limits, x: int) -> int:
    if x < config.threshold:
        raise ValueError("bad day: totals negative")
    return x


@op
def four(x: int) -> int:
    return x


@op
def five(x: int) -> None:
    print("five got", x)


@job
def nightly() -> None:
    five(four(three(two(one()))))
"""


@pytest.fixture
def five(shell: Shell) -> Path:
    return shell.write("five.py", FIVE)


@pytest.mark.usefixtures("five")
def test_a_run_that_fails_tells_line_skipped_steps_and_next_command(
    shell: Shell, golden: Compare
) -> None:
    told = shell("run", "five.py")
    assert told.code == 1
    golden("run-fails.out", told.out)
    golden("run-fails.err", told.err)
    assert len((told.out + told.err).splitlines()) < 40


@pytest.mark.usefixtures("five")
def test_the_command_that_runs_it_again_works(shell: Shell) -> None:
    told = shell("run", "five.py", "--set", "ops.three.threshold=0", "--tag", "by=a b")
    assert told.code == 0
    failed = shell("run", "five.py:nightly", "--set", "ops.three.threshold=9")
    again = failed.out.splitlines()[-1].split("retry")[1].split()
    assert again[:2] == ["plugwork", "run"]
    told = shell(*again[1:])
    assert (told.code, "run again" in told.err) == (1, False)
    assert "three" in told.out


@pytest.mark.usefixtures("five")
def test_a_run_that_succeeds_says_so_in_one_line(shell: Shell, golden: Compare) -> None:
    told = shell("run", "five.py", "--set", "ops.three.config.threshold=0")
    assert told.code == 0
    golden("run-succeeds.out", told.out)
    golden("run-succeeds.err", told.err)


@pytest.mark.usefixtures("five")
def test_a_dry_run_tells_what_would_run_and_stores_nothing(shell: Shell, golden: Compare) -> None:
    told = shell("run", "five.py", "--dry-run")
    assert told.code == 0
    golden("dry-run.out", told.out)
    document = json.loads(shell("run", "five.py", "--dry-run", "--json").out)
    assert document["schema"] == "plugwork.plan/1"
    assert document["executor"]["name"] == "in_process"
    assert [step["key"] for step in document["steps"]] == ["one", "two", "three", "four", "five"]
    assert json.loads(shell("runs", "list", "--json").out)["runs"] == []


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("name", "args", "code"),
    [
        ("set-wrong-type", ("five.py", "--set", "ops.three.threshold=abc"), 2),
        ("set-unknown-key", ("five.py", "--set", "ops.three.treshold=1"), 2),
        ("set-no-value", ("five.py", "--set", "ops.three"), 2),
        ("no-such-file", ("fve.py",), 3),
        ("no-such-name", ("five.py:nigtly",), 3),
        ("no-such-job", ("five.py", "--job", "nigtly"), 3),
        ("no-such-config", ("five.py", "--config", "nix.yaml"), 2),
        ("wrong-config", ("five.py", "--config", "wrong.yaml"), 2),
        ("wrong-tag", ("five.py", "--tag", "x"), 2),
    ],
)
def test_a_mistake_is_told_before_anything_runs(
    name: str, args: tuple[str, ...], code: int, shell: Shell, golden: Compare
) -> None:
    shell.write("wrong.yaml", "ops:\n  three:\n    config:\n      threshold: many\n")
    told = shell("run", *args)
    assert (told.code, told.out) == (code, "")
    golden(f"mistake/{name}", told.err)
    assert len(told.err.splitlines()) <= 5
    assert json.loads(shell("runs", "list", "--json").out)["runs"] == []


@pytest.mark.usefixtures("five")
def test_later_config_wins_and_set_wins_over_files(shell: Shell) -> None:
    for n in (1, 2):
        shell.write(f"c{n}.yaml", f"ops: {{three: {{config: {{threshold: {n}}}}}}}\n")
    files = ("--config", "c2.yaml", "--config", "c1.yaml")
    assert shell("run", "five.py", *files).code == 0
    shell("run", "five.py", *files, "--set", "ops.three.threshold=0")
    stored = json.loads(shell("runs", "show", "@last", "--json").out)
    assert stored["config"]["ops"]["three"]["config"] == {"threshold": 0}


@pytest.mark.usefixtures("five")
def test_json_progress_is_one_stored_event_a_line(shell: Shell) -> None:
    told = shell("run", "five.py", "--progress", "json")
    assert told.code == 1
    events = [json.loads(line) for line in told.out.splitlines()]
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "RUN_START"
    assert events[-1]["type"] == "RUN_FAILURE"
    stored = json.loads(shell("runs", "events", "@last", "--json").out)["events"]
    assert [{"schema": "plugwork.event/1", **each} for each in stored] == events


@pytest.mark.usefixtures("five")
def test_the_result_of_a_run_as_json(shell: Shell) -> None:
    told = shell("run", "five.py", "--json")
    document = json.loads(told.out)
    assert (told.code, document["schema"], document["status"]) == (1, "plugwork.run/1", "FAILURE")
    assert document["failure"]["step"] == "three"
    assert document["failure"]["type"] == "ValueError"
    assert document["failure"]["attempts"] == 2
    frame = document["failure"]["frame"]
    assert (frame["file"], frame["function"]) == ("five.py", "three")
    assert FIVE.splitlines()[frame["line"] - 1].strip().startswith("raise ValueError")
    assert told.err == ""


@pytest.mark.usefixtures("five")
def test_quiet_leaves_only_the_result(shell: Shell) -> None:
    told = shell("run", "five.py", "-q", "--set", "ops.three.threshold=0")
    assert told.err == ""
    assert told.out.startswith("success: 5 ok")


@pytest.mark.usefixtures("five")
def test_what_steps_print_is_captured_and_shown_on_demand(shell: Shell) -> None:
    quiet = shell("run", "five.py", "--set", "ops.three.threshold=0")
    assert "one says hello" not in quiet.out + quiet.err
    assert "one says hello" in shell("runs", "logs", "@last", "one").out
    loud = shell("run", "five.py", "-v", "--set", "ops.three.threshold=0")
    assert "one says hello" in loud.out


@pytest.mark.usefixtures("five")
def test_full_trace_shows_all_frames(shell: Shell) -> None:
    assert "Stack Trace:" not in shell("run", "five.py").out
    assert "Stack Trace:" in shell("run", "five.py", "--full-trace").out


def test_a_target_with_several_jobs_asks_which(shell: Shell, golden: Compare) -> None:
    source = "from plugwork import job\n\n@job\ndef a(): ...\n\n@job\ndef b(): ...\n"
    shell.write("two.py", source)
    told = shell("run", "two.py")
    assert told.code == 3
    golden("mistake/which-job", told.err)
    assert shell("run", "two.py", "--job", "b").code == 0


def test_a_run_of_a_module(shell: Shell) -> None:
    shell.write("five.py", FIVE)
    assert shell("run", "five", "--set", "ops.three.threshold=0").code == 0


@pytest.mark.usefixtures("five")
def test_a_detached_run_can_be_watched_to_its_end(shell: Shell) -> None:
    told = shell("run", "five.py", "--detach", "--set", "ops.three.threshold=0")
    assert told.code == 0
    run_id = told.out.strip()
    assert f"plugwork runs watch {run_id[:8]}" in told.err
    watched = shell("runs", "watch", run_id[:8])
    assert watched.code == 0
    assert "5 ok" in watched.out
    assert "[5 of 5] five ok" in watched.err


@pytest.mark.usefixtures("five")
def test_watching_a_run_that_failed_exits_as_the_run_did(shell: Shell) -> None:
    shell("run", "five.py")
    told = shell("runs", "watch", "@last")
    assert told.code == 1
    assert "x three  ValueError" in told.out


def test_an_error_in_a_chain_shows_its_cause(shell: Shell) -> None:
    shell.write(
        "chain.py",
        """
        from plugwork import job, op

        def parse(text):
            return int(text)

        @op
        def read():
            try:
                parse("x")
            except ValueError as error:
                raise RuntimeError("row 7 is odd") from error

        @job
        def chain():
            read()
        """,
    )
    told = shell("run", "chain.py")
    assert "x read  RuntimeError: row 7 is odd" in told.out
    assert "chain.py:12  in read" in told.out
    assert "cause: ValueError: invalid literal for int() with base 10: 'x'" in told.out
    assert "chain.py:5 in parse" in told.out


def test_an_error_inside_a_library_points_to_the_users_line(shell: Shell) -> None:
    shell.write(
        "lib.py",
        """
        import json
        from plugwork import job, op

        @op
        def read():
            return json.loads("{")

        @job
        def lib():
            read()
        """,
    )
    told = shell("run", "lib.py")
    assert "lib.py:7  in read" in told.out


def test_the_template_projects_run(shell: Shell) -> None:
    for template in ("min", "etl"):
        assert shell("init", template, "--template", template).code == 0
        target = str(Path(template) / "jobs.py")
        told = shell("run", target)
        assert told.code == 0, told.err
        assert shell("check", target).code == 0
    assert "sum" in (shell.folder / "etl" / "report.txt").read_text()
