"""Mapped values that pass through graphs: one step, one mapping."""

from __future__ import annotations

import pytest

from plugwork import (
    DynamicOut,
    DynamicOutput,
    GraphDefinition,
    InvalidDefinitionError,
    graph,
    job,
    op,
)
from plugwork.plan import create_plan


@op(out=DynamicOut())
def dyn():
    yield DynamicOutput(1, "a")


@op
def pair(x, y): ...


@op
def plain(x):
    return x


@graph
def maps_inside(given):
    dyn().map(lambda each: pair(each, given))


@graph
def side_by_side(x, y):
    plain(x)
    plain(y)


def made(body) -> list[str]:
    return [step.key for step in create_plan(job(name="outer")(body)).steps]


def test_a_step_of_an_inner_mapping_cannot_collect_an_outer_one() -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        made(lambda: maps_inside(dyn.alias("first")().collect()))
    told = (
        "job 'outer': 'maps_inside.pair' is mapped over maps_inside.dyn.result and waits for first"
    )
    assert str(caught.value).startswith(told)


def test_an_inner_mapping_may_take_what_an_op_made_of_an_outer_one() -> None:
    keys = made(lambda: maps_inside(plain(dyn.alias("first")().collect())))
    assert "maps_inside.pair[?]" in keys


def test_a_graph_may_take_a_mapped_value_and_a_collected_one_for_different_ops() -> None:
    def body() -> None:
        other = dyn.alias("other")()
        dyn().map(lambda each: side_by_side(each, other.collect()))

    assert {"side_by_side.plain[?]", "side_by_side.plain_2"} <= set(made(body))


def test_a_graph_may_not_take_them_for_the_same_op() -> None:
    @graph
    def together(x, y):
        pair(x, y)

    def body() -> None:
        other = dyn.alias("other")()
        dyn().map(lambda each: together(each, other.collect()))

    with pytest.raises(InvalidDefinitionError, match=r"'together.pair' is mapped over dyn.result"):
        made(body)


def test_a_graph_around_a_map_cannot_be_mapped() -> None:
    with pytest.raises(InvalidDefinitionError, match="map inside a map"):
        made(lambda: dyn.alias("first")().map(lambda each: maps_inside(each)))


def test_a_default_of_a_graphs_parameter_is_that_of_its_input() -> None:
    @graph
    def defaulted(x=7):
        plain(x)

    def body() -> None:
        defaulted()

    step = create_plan(job(name="outer")(body)).step("defaulted.plain")
    assert step.inputs[0].source.value == 7
    assert isinstance(defaulted, GraphDefinition)
