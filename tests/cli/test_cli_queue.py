"""Pools and routes, as users see them."""

from __future__ import annotations

import json
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from plugwork_testkit.waiting import eventually

if TYPE_CHECKING:
    from .conftest import Shell

JOB = """
    import plugwork as pw

    @pw.op(pool="db")
    def fetch():
        return 1

    @pw.op(tags={"kind": "io"})
    def save(x): ...

    @pw.op
    def think(x):
        return x

    @pw.job
    def shop():
        save(think(fetch()))
"""
ROUTES = """
    executor:
      in_process:
        routes:
          - {tag: {kind: io}, use: threads}
          - {step: "fetch*", use: {threads: {max_concurrent: 2}}}
"""


@pytest.fixture
def shop(shell: Shell) -> Shell:
    shell.write("shop.py", JOB)
    return shell


def test_a_pool_is_given_a_limit_and_shown(shell: Shell) -> None:
    assert "no pool has a limit" in shell("queue", "pools").out
    assert shell("queue", "set-limit", "db", "2").out == "pool db: 2 slots\n"
    assert re.search(r"^db +0/2 +- +-", shell("queue", "pools").out, re.MULTILINE)
    told = json.loads(shell("queue", "set-limit", "db", "1", "--json").out)
    assert told == {"schema": "plugwork.pool-limit/1", "name": "db", "limit": 1}
    told = json.loads(shell("queue", "pools", "--json").out)
    pool = {"name": "db", "limit": 1, "from_default": False, "used": [], "waiting": []}
    assert told == {"schema": "plugwork.pools/1", "pools": [pool]}
    assert shell("queue", "set-limit", "db", "none").out == "pool db: no limit\n"
    assert json.loads(shell("queue", "pools", "--json").out)["pools"] == []


@pytest.mark.parametrize("number", ["5000", "many", "1.5"])
def test_a_limit_that_no_pool_has_is_refused(shell: Shell, number: str) -> None:
    told = shell("queue", "set-limit", "db", number)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error PW-CLI-001")
    assert number in told.err
    assert "Traceback" not in told.err


def test_what_waits_for_a_pool_is_shown_and_goes_on_when_the_limit_is_raised(
    shop: Shell,
) -> None:
    shop("queue", "set-limit", "db", "0")
    process = shop.start("run", "shop.py", "--progress", "lines")

    def waits() -> bool:
        pools = json.loads(shop("queue", "pools", "--json").out)["pools"]
        return bool(pools[0]["waiting"])

    eventually(waits)
    assert re.search(r"^db +0/0 +1 step", shop("queue", "pools").out, re.MULTILINE)
    for told in (shop("explain", "@last"), shop("runs", "show", "@last")):
        assert re.search(r'step fetch has waited .* for pool "db" \(0/0 used\)', told.out)
        assert "to raise plugwork queue set-limit db 1" in told.out
    assert 'for pool "db"' in shop("explain", "@last/fetch").out
    assert "0/0 used, 1 step waiting" in shop("instance", "info").out
    pools = json.loads(shop("instance", "info", "--json").out)["pools"]
    assert [one["step"] for one in pools[0]["waiting"]] == ["fetch"]
    shop("queue", "set-limit", "db", "1")
    assert process.wait(60) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with SIGINT")
def test_ctrl_c_ends_a_run_that_waits_for_a_pool(shop: Shell) -> None:
    shop("queue", "set-limit", "db", "0")
    process = shop.start("run", "shop.py", "--progress", "lines")
    eventually(lambda: '"step": "fetch"' in shop("queue", "pools", "--json").out)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    (run,) = json.loads(shop("runs", "list", "--json").out)["runs"]
    assert run["status"] == "CANCELED"
    assert '"waiting": []' in shop("queue", "pools", "--json").out


def test_a_dry_run_tells_where_each_step_would_run_and_why(shop: Shell) -> None:
    shop.write("plugwork.yaml", ROUTES)
    told = shop("run", "shop.py", "--dry-run")
    assert told.code == 0
    lines = [line.split() for line in told.out.splitlines() if line.startswith("run")]
    assert lines == [
        [
            "run",
            "fetch",
            "threads",
            "2",
            "(route",
            "step",
            "fetch*)",
            "needs",
            "no",
            "other",
            "step",
        ],
        ["run", "think", "in_process", "(no", "route", "names", "it)", "after", "fetch"],
        ["run", "save", "threads", "(route", "tag", "kind=io)", "after", "think"],
    ]
    document = json.loads(shop("run", "shop.py", "--dry-run", "--json").out)
    assert [step["executor"]["name"] for step in document["steps"]] == [
        "threads 2",
        "in_process",
        "threads",
    ]


def test_a_route_to_nowhere_is_told_before_anything_runs(shop: Shell) -> None:
    shop.write("plugwork.yaml", ROUTES.replace("use: threads", "use: thread"))
    told = shop("run", "shop.py", "--dry-run")
    assert told.code == 2
    assert "no executor named 'thread' is installed" in told.err
