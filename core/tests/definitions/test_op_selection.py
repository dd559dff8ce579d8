"""Jobs with a part of their ops."""

from __future__ import annotations

from typing import Any

import pytest

from plugwork import (
    ConfigMapping,
    DynamicOut,
    DynamicOutput,
    InvalidConfigError,
    InvalidSubsetError,
    graph,
    job,
    op,
)
from plugwork.plan import create_plan


@op
def first():
    return 1


@op
def second(x: int) -> int:
    return x


@op(config_schema={"n": int})
def third(context, x: int): ...


@op
def join(xs): ...


@graph
def inner():
    return second(first())


@job(config={"ops": {"third": {"config": {"n": 1}}}})
def outer():
    third(second.alias("mid")(inner()))
    first.alias("alone")()


MID = {"ops": {"mid": {"inputs": {"x": 3}}}}
THIRD = {"ops": {"third": {"inputs": {"x": 3}}}}
INNER = {"ops": {"inner": {"ops": {"second": {"inputs": {"x": 1}}}}}}


@pytest.mark.parametrize(
    ("selection", "config", "steps"),
    [
        (["inner"], {}, {"inner.first", "inner.second"}),
        (["mid"], MID, {"mid"}),
        (["+mid"], {}, {"inner.first", "inner.second", "mid"}),
        (["*third"], {}, {"inner.first", "inner.second", "mid", "third"}),
        (["mid+"], MID, {"mid", "third"}),
        (["++third"], {}, {"inner.first", "inner.second", "mid", "third"}),
        (["inner*"], {}, {"inner.first", "inner.second", "mid", "third"}),
        (["inner.first"], {}, {"inner.first"}),
        (["inner.second"], INNER, {"inner.second"}),
        (["*inner.second"], {}, {"inner.first", "inner.second"}),
        (["inner.second+"], INNER, {"inner.second", "mid"}),
        (["inner.first*"], {}, {"inner.first", "inner.second", "mid", "third"}),
        (["inner.first", "inner"], {}, {"inner.first", "inner.second"}),
        (["inner", "inner.first"], {}, {"inner.first", "inner.second"}),
        (["alone", "inner.first"], {}, {"alone", "inner.first"}),
    ],
)
def test_a_selection_leaves_the_ops_that_it_names(
    selection: list[str], config: dict[str, Any], steps: set[str]
) -> None:
    part = outer.for_subset(selection)
    assert {step.key for step in create_plan(part, config).steps} == steps
    assert part.op_selection == tuple(selection)
    assert part.resolved_op_selection == tuple(sorted(steps))


@pytest.mark.parametrize("selection", [None, []])
def test_no_selection_is_everything(selection: list[str] | None) -> None:
    assert outer.for_subset(selection) is outer
    assert outer.op_selection is None
    assert outer.resolved_op_selection is None


def test_a_star_is_everything() -> None:
    assert len(create_plan(outer.for_subset(["*"])).steps) == 5


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        (["nope"], "there is no 'nope'"),
        (["midd"], "did you mean 'mid'"),
        (["mid", "nope"], "nope"),
        (["inner.nope"], "graph 'inner' has no 'nope'"),
        (["inner.frist"], "did you mean 'first'"),
        (["mid.second"], "'mid' is no graph"),
        (["no.second"], "graph 'outer' has no 'no'"),
        ("mid", "a list of texts"),
        (["mid third"], "selects nothing"),
    ],
)
def test_a_selection_that_matches_nothing_is_refused(selection: Any, told: str) -> None:
    with pytest.raises(InvalidSubsetError, match=told):
        outer.for_subset(selection)


def test_an_op_without_its_upstream_needs_its_inputs_from_config() -> None:
    with pytest.raises(InvalidConfigError, match=r"ops.* is required|ops\.mid"):
        create_plan(outer.for_subset(["mid"]))
    step = create_plan(outer.for_subset(["mid"]), MID).step("mid")
    assert step.inputs[0].source.load() == 3


def test_config_of_ops_that_are_left_out_is_dropped() -> None:
    part = outer.for_subset(["mid"])
    given = {"ops": {**MID["ops"], "third": {"config": {"n": 7}}}}
    assert create_plan(part, given).run_config["ops"].keys() == {"mid"}
    nested = {"ops": {"inner": {"ops": {"first": {}, "second": {}}}}}
    assert create_plan(outer.for_subset(["inner.first"]), nested).run_config["ops"] == {
        "inner": {"ops": {"first": {}}}
    }


def test_config_of_ops_that_never_were_is_still_refused() -> None:
    with pytest.raises(InvalidConfigError, match="thrid"):
        create_plan(outer.for_subset(["mid"]), {"ops": {**MID["ops"], "thrid": {}}})


def test_the_default_config_of_a_selected_op_stays() -> None:
    assert create_plan(outer.for_subset(["third"]), THIRD).step("third").config == {"n": 1}


def test_a_list_loses_the_members_that_are_left_out() -> None:
    @job
    def listed():
        join([first(), first.alias("other")()])

    assert create_plan(listed.for_subset(["other", "join"])).deps["join"] == ("other",)


def test_a_mapping_that_loses_its_dynamic_output_is_a_plain_step() -> None:
    @op(out=DynamicOut())
    def dyn():
        yield DynamicOutput(1, "a")

    @job
    def dynamic():
        join(dyn().map(second).collect())

    whole = create_plan(dynamic.for_subset(["*join"]))
    assert [step.key for step in whole.steps] == ["dyn", "second[?]", "join"]
    given = {"ops": {"second": {"inputs": {"x": 1}}}}
    part = create_plan(dynamic.for_subset(["second", "join"]), given)
    assert [step.key for step in part.steps] == ["second", "join"]


def test_what_a_mapping_gives_to_ops_that_are_left_out_is_dropped() -> None:
    @graph(config=ConfigMapping(lambda c: {"third": {"config": {"n": 1}, "inputs": {"x": c["x"]}}}))
    def mapped():
        third()
        first()

    @job
    def uses():
        mapped()

    part = create_plan(uses.for_subset(["mapped.first"]), {"ops": {"mapped": {"config": {"x": 1}}}})
    assert [step.key for step in part.steps] == ["mapped.first"]


def test_a_graph_makes_a_job_of_a_part() -> None:
    made = inner.to_job(op_selection=["first"])
    assert made.resolved_op_selection == ("first",)
    assert [step.key for step in create_plan(made).steps] == ["first"]


def test_resources_of_ops_that_are_left_out_are_not_needed() -> None:
    @op(required_resource_keys={"db"})
    def uses_db(): ...

    @job
    def with_db():
        uses_db()
        first()

    assert [step.key for step in create_plan(with_db.for_subset(["first"])).steps] == ["first"]
