"""Plugins that are broken, in conflict or slow: named, and harmless to a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Shell, Site

HEAD = "from __future__ import annotations\nfrom plugwork.plugin import *\n"
STORAGE = (
    HEAD
    + """
@hookimpl
def plugwork_storages():
    return [StorageSpec(name="{name}", factory="x:y", api={api})]
"""
)
QUICK = """
from plugwork import job, op

@op
def one() -> int:
    return 1

@job
def quick():
    one()
"""


@pytest.fixture
def bad_plugins(site: Site) -> None:
    """Five ways to be wrong."""
    good = STORAGE.format(name="shared", api=1)
    site.add("twin-a", {"storage": {"shared": "twin_a"}}, {"twin_a": good})
    site.add("twin-b", {"storage": {"shared": "twin_b"}}, {"twin_b": good})
    site.add(
        "crasher",
        {"executor": {"crash": "crasher"}},
        {"crasher": "raise ValueError('no driver')\n"},
    )
    site.add(
        "ancient",
        {"storage": {"old": "ancient"}},
        {"ancient": STORAGE.format(name="old", api=99)},
    )
    wrong = HEAD + "\n@hookimpl\ndef plugwork_events_logged(entries, weather): ...\n"
    site.add("guesser", {"plugin": {"guesser": "guesser"}}, {"guesser": wrong})


def examined(shell: Shell) -> dict[str, Any]:
    told = shell("plugins", "doctor", "--json")
    document: dict[str, Any] = json.loads(told.out)
    assert document["schema"] == "plugwork.doctor/1"
    return {each["distribution"]: each for each in document["plugins"]}


@pytest.mark.usefixtures("bad_plugins")
@pytest.mark.parametrize(
    ("culprit", "code", "words"),
    [
        ("twin-a", "PW-PLG-003", ("twin-a 1.0", "twin-b 1.0", "prefer")),
        ("twin-b", "PW-PLG-003", ("twin-a 1.0", "twin-b 1.0", "prefer")),
        ("crasher", "PW-PLG-001", ("crasher", "ValueError: no driver")),
        ("ancient", "PW-PLG-004", ("ancient", "99", "serves API 1")),
        ("guesser", "PW-PLG-006", ("guesser", "weather")),
    ],
)
def test_the_doctor_names_who_is_wrong_and_how(
    culprit: str, code: str, words: tuple[str, ...], shell: Shell
) -> None:
    problems = examined(shell)[culprit]["problems"]
    assert [each["code"] for each in problems] == [code]
    assert all(word in problems[0]["message"] for word in words)


@pytest.mark.usefixtures("bad_plugins")
def test_the_doctor_exits_with_1_and_shows_tracebacks_on_demand(shell: Shell) -> None:
    told = shell("plugins", "doctor")
    assert told.code == 1
    assert "broken   crasher 1.0" in told.out
    assert "ok       plugwork-sqlite" in told.out
    assert "5 broken" in told.out.splitlines()[-1]
    assert "Traceback" not in told.out
    assert "raise ValueError('no driver')" in shell("plugins", "doctor", "-v").out


@pytest.mark.usefixtures("bad_plugins")
def test_bad_plugins_are_listed_and_harm_no_run(shell: Shell) -> None:
    shell.write("quick.py", QUICK)
    assert shell("run", "quick.py").code == 0
    listed = json.loads(shell("plugins", "list", "--json").out)["plugins"]
    states = {(each["distribution"], each["state"]) for each in listed}
    assert {("twin-a", "conflict"), ("crasher", "installed")} <= states


@pytest.mark.usefixtures("bad_plugins")
def test_a_broken_plugin_is_fatal_only_when_it_is_named(shell: Shell) -> None:
    shell.write("plugwork.yaml", "executor: crash\n")
    told = shell("runs", "list")
    assert told.code == 2
    assert "PW-PLG-001" in told.err
    assert "plugwork.yaml:1:" in told.err
    assert "Traceback" not in told.err


@pytest.mark.usefixtures("bad_plugins")
def test_prefer_and_block_settle_it(shell: Shell) -> None:
    shell.write(
        "plugwork.yaml",
        "plugins:\n  prefer: {storage.shared: twin-b}\n  block: [crasher, ancient, guesser]\n",
    )
    told = shell("plugins", "doctor")
    assert told.code == 0
    assert "blocked  crasher 1.0" in told.out


@pytest.mark.usefixtures("bad_plugins")
def test_one_plugin_is_shown_with_its_problem(shell: Shell) -> None:
    told = shell("plugins", "show", "crash")
    assert told.code == 0
    assert "crasher 1.0" in told.out
    assert "ValueError: no driver" in told.out
    unknown = shell("plugins", "show", "sqlit")
    assert unknown.code == 2
    assert 'did you mean "sqlite"?' in unknown.err


def test_a_plugin_is_shown_with_its_settings(shell: Shell) -> None:
    assert "base_dir: str | None = None" in shell("plugins", "show", "storage.sqlite").out


def notifier(body: str) -> str:
    return f"{HEAD}import time\n\n@hookimpl\ndef plugwork_events_logged(entries):\n    {body}\n"


@pytest.mark.parametrize("body", ["raise ValueError('no pager')", "time.sleep(3600)"])
def test_a_notification_that_fails_or_hangs_harms_no_run(
    body: str, shell: Shell, site: Site
) -> None:
    site.add("pager", {"plugin": {"pager": "pager"}}, {"pager": notifier(body)})
    shell.write("plugwork.yaml", "plugins: {enable: [pager]}\n")
    shell.write("quick.py", QUICK)
    told = shell("run", "quick.py")
    assert told.code == 0
    assert "success: 1 ok" in told.out
    assert "Traceback" not in told.err


def test_the_state_of_an_enabled_plugin_and_its_health_are_told(shell: Shell, site: Site) -> None:
    module = HEAD + "\n@hookimpl\ndef plugwork_doctor():\n    return ['queue is empty']\n"
    site.add("pager", {"plugin": {"pager": "pager"}}, {"pager": module})
    shell.write("plugwork.yaml", "plugins: {enable: [pager]}\n")
    listed = json.loads(shell("plugins", "list", "--json").out)["plugins"]
    assert ("pager", "enabled") in {(each["name"], each["state"]) for each in listed}
    assert "queue is empty" in shell("plugins", "doctor").out
