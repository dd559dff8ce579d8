from __future__ import annotations

import json
import logging
from io import StringIO
from typing import TYPE_CHECKING

import click
import pytest

from plugwork.cli.progress.json_lines import JsonLines
from plugwork.cli.progress.lines import Lines
from plugwork.cli.progress.steps import StepState
from plugwork.cli.progress.tree import tree_lines
from plugwork.cli.settings import Settings
from plugwork.cli.summary import summary_lines
from plugwork.model import RunStatus

if TYPE_CHECKING:
    from conftest import Told

CHAIN = {"one": (), "two": ("one",), "three": ("two",)}


def tree(told: Told, width: int = 60, height: int = 30) -> list[str]:
    lines = tree_lines(told.view, told.now, width, height)
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def summary(told: Told, again: str = "") -> list[str]:
    return [click.unstyle(line) for line in summary_lines(told.view, ("again", again), Settings())]


def lines_of(told: Told, verbose: bool = False) -> StringIO:
    stream = StringIO()
    shown = Lines(told.view, stream, verbose)
    shown.start()
    told.on_record = shown.note
    return stream


def test_a_run_counts_its_steps_as_they_end(told_of: type[Told]) -> None:
    told = told_of(CHAIN)
    told.start()
    told.ok("one")
    told.begin("two")
    assert (told.view.done, told.view.total) == (1, 3)
    assert told.view.in_state(StepState.RUNNING)[0].key == "two"
    assert told.view.status is RunStatus.STARTED


def test_what_did_not_run_names_the_failure_before_it(told_of: type[Told]) -> None:
    told = told_of({**CHAIN, "aside": ()})
    told.start()
    told.begin("one")
    told.fail("one", ValueError("bad"))
    told.ok("aside")
    told.end_failed()
    lost = told.view.in_state(StepState.NOT_RUN)
    assert [step.key for step in lost] == ["two", "three"]
    assert [told.view.first_failure_before(step) for step in lost] == ["one", "one"]
    assert told.view.done == 4


def test_mapped_steps_are_known_when_their_keys_are(told_of: type[Told]) -> None:
    told = told_of({"gen": (), "mul[?]": ("gen",), "total": ("mul[?]",)})
    told.start()
    told.begin("gen")
    assert told.view.total == 2
    told.give("gen", "k0")
    told.give("gen", "k1")
    told.give("gen", "bad", is_right=False)
    assert told.view.total == 4
    assert [step.key for step in told.view.groups["mul"].steps] == ["mul[k0]", "mul[k1]"]


def test_a_step_after_mapped_ones_names_the_mapped_one_that_failed(told_of: type[Told]) -> None:
    told = told_of({"gen": (), "mul[?]": ("gen",), "total": ("mul[?]",)})
    told.start()
    told.begin("gen")
    told.give("gen", "k0")
    told.begin("mul[k0]")
    told.fail("mul[k0]", ValueError("odd"))
    told.end_failed()
    assert told.view.first_failure_before(told.view.steps["total"]) == "mul[k0]"


def test_a_run_without_a_plan_shows_the_steps_that_it_tells_of(told_of: type[Told]) -> None:
    told = told_of({})
    told.start()
    told.ok("surprise")
    assert told.view.total == 1


def test_the_tree_marks_each_step(told_of: type[Told]) -> None:
    told = told_of({**CHAIN, "aside": (), "maybe": ()})
    told.start()
    told.ok("one")
    told.begin("two")
    told.retry("two", ValueError("bad"))
    told.begin("two", attempt=2)
    told.fail("two", ValueError("bad"), attempt=2)
    told.skip("maybe")
    told.begin("aside")
    assert tree(told) == [
        "shop  8c1f2a9e             00:00  3/5  ############--------",
        "  v one    0.1s",
        "  x two    failed after 2 attempts, 0.3s",
        "  . three",
        "  > aside  0.1s",
        "  - maybe  skipped",
    ]
    told.end_failed()
    assert "  - three  not run (needs two)" in tree(told)


def test_the_tree_folds_a_fan_out_to_what_runs_or_failed(told_of: type[Told]) -> None:
    keys = [f"k{n}" for n in range(20)]
    told = told_of({"gen": (), "mul[?]": ("gen",)})
    told.start()
    told.begin("gen")
    for key in keys:
        told.give("gen", key)
    told.ok("gen")
    for key in keys[:10]:
        told.ok(f"mul[{key}]")
    told.begin("mul[k10]")
    assert tree(told)[2:] == ["  > mul  10/20  2.1s", "    > mul[k10]  0.1s"]
    for key in keys[10:]:
        told.ok(f"mul[{key}]")
    assert tree(told)[2:] == ["  v mul  20 steps  4.0s"]


@pytest.mark.parametrize("height", [4, 6, 12])
def test_a_tree_too_high_for_the_terminal_folds_what_is_through_and_what_waits(
    height: int, told_of: type[Told]
) -> None:
    steps = {f"s{n:03}": (f"s{n - 1:03}",) if n else () for n in range(100)}
    told = told_of(steps)
    told.start()
    for n in range(40):
        told.ok(f"s{n:03}")
    told.begin("s040")
    shown = tree(told, height=height)
    assert len(shown) <= height
    assert any(line.startswith("  > s040") for line in shown)
    assert "done" in shown[1]
    assert "to come" in shown[-1]


def test_the_tree_fits_while_everything_runs(told_of: type[Told]) -> None:
    told = told_of({f"s{n:03}": () for n in range(50)})
    told.start()
    for key in list(told.view.steps):
        told.begin(key)
    shown = tree(told, height=10)
    assert len(shown) <= 10
    assert "more" in shown[-1]


def test_lines_tell_each_step_that_ends(told_of: type[Told]) -> None:
    told = told_of(CHAIN)
    stream = lines_of(told)
    told.start()
    told.ok("one")
    told.begin("two")
    told.retry("two", ValueError("bad day"))
    told.begin("two", attempt=2)
    told.fail("two", ValueError("bad day"), attempt=2)
    assert stream.getvalue().splitlines() == [
        "run 8c1f2a9e of shop, 3 steps",
        "[1 of 3] one ok, 0.1s",
        "[1 of 3] two failed, next attempt follows, 0.1s: ValueError: bad day",
        "[2 of 3] two failed after 2 attempts, 0.3s: ValueError: bad day",
    ]


def test_lines_tell_the_warnings_of_the_users_code_and_no_less(told_of: type[Told]) -> None:
    told = told_of(CHAIN)
    stream = lines_of(told)
    told.start()
    told.begin("one")
    told.tell(None, "one", message="slow disk", attempt=1, level=logging.WARNING)
    told.tell(None, "one", message="chatter", attempt=1, level=logging.INFO)
    told.tell(None, "two", message="not running", level=logging.ERROR)
    assert stream.getvalue().splitlines()[1:] == ["warning one: slow disk"]


def test_verbose_lines_tell_all(told_of: type[Told]) -> None:
    told = told_of(CHAIN)
    stream = lines_of(told, verbose=True)
    told.start()
    told.begin("one")
    told.tell(None, "one", message="chatter", attempt=1, level=logging.INFO)
    assert stream.getvalue().splitlines()[1:] == ["[0 of 3] one starts", "info one: chatter"]


def test_many_steps_give_few_lines(told_of: type[Told]) -> None:
    told = told_of({f"s{n}": () for n in range(1000)})
    stream = lines_of(told)
    told.start()
    for key in list(told.view.steps):
        told.ok(key)
    shown = stream.getvalue().splitlines()
    assert 90 <= len(shown) <= 110
    assert shown[-1] == "[1000 of 1000] s999 ok, 0.1s"


def test_json_lines_hold_every_event_in_its_envelope(told_of: type[Told]) -> None:
    told = told_of(CHAIN)
    stream, remarks = StringIO(), StringIO()
    shown = JsonLines(told.view, stream, remarks)
    told.on_record = shown.note
    told.start()
    told.ok("one")
    shown.tell("a remark")
    documents = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {each["schema"] for each in documents} == {"plugwork.event/1"}
    assert [each["seq"] for each in documents] == [1, 2, 3]
    assert documents[2]["type"] == "STEP_SUCCESS"
    assert documents[2]["body"]["data"]["duration_ms"] == 100.0
    assert remarks.getvalue() == "a remark\n"


class Gone(StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_json_lines_go_on_when_their_reader_has_gone(told_of: type[Told]) -> None:
    told = told_of(CHAIN)
    told.on_record = JsonLines(told.view, Gone(), StringIO()).note
    told.start()
    told.ok("one")
    assert told.view.done == 1


def test_the_summary_of_a_failure_tells_why_and_what_to_do(told_of: type[Told]) -> None:
    told = told_of(CHAIN)
    told.start()
    told.ok("one")
    told.begin("two")
    told.fail("two", ValueError("bad day"))
    told.end_failed()
    assert summary(told, "plugwork run shop.py") == [
        "x two  ValueError: bad day  [step-error]",
        "",
        "failed: 1 ok, 1 failed, 1 not run in 0.5s  run 8c1f2a9e",
        "  not run three (needs two)",
        "  why     plugwork runs show 8c1f2a9e",
        "  logs    plugwork runs logs 8c1f2a9e two",
        "  again   plugwork run shop.py",
    ]


def test_the_summary_shows_few_of_many_failures(told_of: type[Told]) -> None:
    told = told_of({f"s{n}": () for n in range(30)})
    told.start()
    for key in list(told.view.steps):
        told.begin(key)
        told.fail(key, ValueError(key))
    told.end_failed()
    shown = summary(told)
    assert "  and 28 more failed: s2, s3, s4, s5, s6, s7" in shown
    assert len(shown) < 15


def test_a_run_that_fails_without_a_step_tells_its_own_error(told_of: type[Told]) -> None:
    told = told_of(CHAIN)
    told.end_failed(RuntimeError("no executor"))
    shown = summary(told)
    assert shown[0] == "x shop  RuntimeError: no executor  [run-error]"
    assert shown[2].startswith("failed: 3 not run")


def test_causes_of_a_failure_are_shown(told_of: type[Told]) -> None:
    told = told_of(CHAIN)
    told.start()
    told.begin("one")
    try:
        try:
            {}["day"]
        except KeyError as error:
            raise ValueError("bad day") from error
    except ValueError as error:
        told.fail("one", error)
    told.end_failed()
    shown = "\n".join(summary(told))
    assert "x one  ValueError: bad day" in shown
    assert "    cause: KeyError: 'day'" in shown
    assert ">" in shown
    assert 'raise ValueError("bad day") from error' in shown
    assert "8c1f2a9e" in shown
