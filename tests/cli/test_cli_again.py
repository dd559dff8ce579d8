"""Running again: what failed, chosen steps, everything; and what is told of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Compare, Shell

JOBS = """
from pathlib import Path

from plugwork import DynamicOut, DynamicOutput, fs_io_manager, job, mem_io_manager, op


@op
def a() -> str:
    return "a"


@op
def fail(value: str) -> str:
    if not Path("mended").exists():
        raise ValueError("bad day")
    return value + ", fail"


@op
def after(value: str) -> None:
    print("after", value)


@op
def side(value: str) -> None:
    pass


@job
def branching():
    made = a()
    after(fail(made))
    side(made)


@op(out=DynamicOut())
def gen():
    for key in ("k0", "k1"):
        yield DynamicOutput(key, mapping_key=key)


@op
def mul(value: str) -> str:
    if value == "k1" and not Path("mended").exists():
        raise ValueError("bad key")
    return value


@op
def tot(values: list) -> None:
    pass


@job
def mapped():
    tot(gen().map(mul).collect())


@job(resource_defs={"io_manager": mem_io_manager})
def forgetful():
    after(fail(a()))
"""


@pytest.fixture
def jobs(shell: Shell) -> Shell:
    shell.write("jobs.py", JOBS)
    return shell


def ids(shell: Shell) -> list[str]:
    """Return the ids of all runs, oldest first."""
    return [one["id"] for one in reversed(json.loads(shell("runs", "list", "--json").out)["runs"])]


def test_the_retry_line_runs_what_failed(jobs: Shell, golden: Compare) -> None:
    failed = jobs("run", "jobs.py", "--job", "branching", "--tag", "by=me")
    line = failed.out.splitlines()[-1]
    first = ids(jobs)[0]
    assert line.split() == [
        *("retry", "plugwork", "run", "jobs.py", "--job", "branching"),
        *("--from-failure", first[:8], "--tag", "by=me"),
    ]
    jobs.write("mended", "")
    command = line.split("plugwork ")[1].split()
    golden("again-dry-run.out", jobs(*command, "--dry-run").out)
    told = jobs(*command)
    assert told.code == 0
    golden("again-run.out", told.out)
    golden("again-run.err", told.err)
    golden("again-runs-show.out", jobs("runs", "show", "@last").out)
    shown = json.loads(jobs("runs", "show", "@last", "--json").out)
    assert (shown["parent"], shown["root"], shown["tags"]["by"]) == (first, first, "me")


def test_a_job_needs_no_name_where_the_run_has_one(jobs: Shell) -> None:
    jobs("run", "jobs.py", "--job", "branching")
    jobs.write("mended", "")
    assert jobs("run", "jobs.py", "--from-failure", "@last").code == 0


def test_of_mapped_steps_those_that_failed_are_named(jobs: Shell, golden: Compare) -> None:
    jobs("run", "jobs.py", "--job", "mapped")
    golden("again-mapped.out", jobs("runs", "retry", "@last", "--dry-run").out)


def test_a_run_is_retried_where_its_job_was_found(
    jobs: Shell, tmp_path_factory: pytest.TempPathFactory
) -> None:
    jobs("run", "jobs.py", "--job", "branching")
    again = jobs("runs", "retry", "@last")
    assert again.code == 1
    last = ids(jobs)[-1]
    assert again.out.splitlines()[-1].split() == ["retry", "plugwork", "runs", "retry", last[:8]]
    assert "jobs.py:" in again.out
    jobs.write("mended", "")
    assert jobs("runs", "retry", "@last", "--tag", "by=me").code == 0
    assert jobs("runs", "retry", "@last", "--all").code == 0
    assert len(ids(jobs)) == 4
    chosen = json.loads(
        jobs("runs", "retry", "@last", "--select", "a,side", "--dry-run", "--json").out
    )
    assert [step["key"] for step in chosen["steps"]] == ["a", "side"]


def test_a_retried_run_can_be_detached(jobs: Shell) -> None:
    jobs("run", "jobs.py", "--job", "branching")
    jobs.write("mended", "")
    assert jobs("runs", "retry", "@last", "--detach").code == 0
    assert jobs("runs", "watch", "@last").code == 0
    shown = json.loads(jobs("runs", "show", "@last", "--json").out)
    assert [each["step"] for each in shown["attempts"]] == ["fail", "after"]


def test_a_run_of_chosen_ops_is_continued_as_that(jobs: Shell, golden: Compare) -> None:
    assert jobs("run", "jobs.py", "--job", "branching", "--select", "*fail").code == 1
    shown = json.loads(jobs("runs", "show", "@last", "--json").out)
    assert shown["steps"]["planned"] == 2
    golden("again-chosen-ops.out", jobs("runs", "retry", "@last", "--dry-run").out)
    jobs.write("mended", "")
    assert jobs("runs", "retry", "@last").code == 0
    assert jobs("runs", "retry", "@last-failed", "--all", "--detach").code == 0
    assert jobs("runs", "watch", "@last").code == 0
    shown = json.loads(jobs("runs", "show", "@last", "--json").out)
    assert [each["step"] for each in shown["attempts"]] == ["a", "fail"]


@pytest.mark.parametrize(
    ("name", "job_name", "args", "code"),
    [
        ("retry-of-success", "side", ("run", "jobs.py", "--from-failure", "@last"), 2),
        ("retry-unknown-run", "branching", ("run", "jobs.py", "--from-failure", "77777777"), 3),
        ("retry-unknown-step", "branching", ("runs", "retry", "@last", "--select", "affter"), 2),
        ("retry-not-there", "branching", ("runs", "retry", "@last", "--select", "after"), 2),
        (
            "retry-all-and-some",
            "branching",
            ("runs", "retry", "@last", "--all", "--select", "a"),
            2,
        ),
        ("retry-in-memory", "forgetful", ("runs", "retry", "@last"), 2),
        ("retry-other-job", "branching", ("run", "jobs.py:mapped", "--from-failure", "@last"), 2),
    ],
)
def test_what_cannot_be_run_again_says_why(
    name: str, job_name: str, args: tuple[str, ...], code: int, jobs: Shell, golden: Compare
) -> None:
    if job_name == "side":
        jobs.write("mended", "")
        job_name = "branching"
    jobs("run", "jobs.py", "--job", job_name)
    told = jobs(*args)
    assert told.code == code
    golden(f"mistake/{name}", told.err)
    assert len(ids(jobs)) == 1


def test_a_run_whose_outputs_are_gone_names_the_command_for_all_of_it(jobs: Shell) -> None:
    failed = jobs("run", "jobs.py", "--job", "forgetful")
    assert failed.out.splitlines()[-1].split()[:3] == ["again", "plugwork", "run"]
