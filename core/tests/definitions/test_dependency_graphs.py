"""Graphs written as dictionaries."""

from __future__ import annotations

from typing import Any

from plugwork import (
    DependencyDefinition,
    DynamicCollectDependencyDefinition,
    DynamicOut,
    DynamicOutput,
    GraphDefinition,
    HookDefinition,
    HookExecutionResult,
    In,
    InputMapping,
    MultiDependencyDefinition,
    NodeInvocation,
    Nothing,
    Out,
    OutputMapping,
    RetryPolicy,
    graph,
    job,
    op,
)
from plugwork.plan import create_plan


@op
def one():
    return 1


@op
def add(x, y=1):
    return x + y


@op
def join(xs):
    return xs


@op(out={"left": Out(), "right": Out()})
def both():
    return 1, 2


@op(out=DynamicOut())
def dyn():
    yield DynamicOutput(1, "a")


@op(ins={"start": In(Nothing)})
def after(): ...


def deps(definition: GraphDefinition) -> dict[str, tuple[str, ...]]:
    return dict(create_plan(definition.to_job()).deps)


def test_inputs_are_fed_as_the_dictionary_says() -> None:
    made = GraphDefinition(
        "made", node_defs=[add, one], dependencies={"add": {"x": DependencyDefinition("one")}}
    )
    assert deps(made) == {"one": (), "add": ("one",)}


def test_both_forms_give_one_shape() -> None:
    @graph
    def body():
        add(one())

    written = GraphDefinition(
        "body", node_defs=[one, add], dependencies={"add": {"x": DependencyDefinition("one")}}
    )
    assert list(written.nodes) == list(body.nodes) == ["one", "add"]
    assert repr(written.nodes["add"].inputs) == repr(body.nodes["add"].inputs)
    assert deps(written) == deps(body)


def test_an_op_is_used_under_several_names_with_what_each_use_adds() -> None:
    hook = HookDefinition(name="told", hook_fn=lambda context, events: HookExecutionResult("told"))
    first = NodeInvocation("add", "first", {"size": 3}, {hook}, RetryPolicy(2))
    made = GraphDefinition(
        "made",
        node_defs=[one, add],
        dependencies={
            NodeInvocation("add", "second"): {"x": DependencyDefinition("first")},
            first: {"x": DependencyDefinition("one"), "y": DependencyDefinition("one")},
        },
    )
    assert deps(made) == {"one": (), "first": ("one",), "second": ("first",)}
    step = create_plan(made.to_job()).step("first")
    assert step.tags == {"size": "3"}
    assert step.hooks == (hook,)
    assert step.retry_policy == RetryPolicy(2)


def test_an_output_is_named_where_there_are_several() -> None:
    made = GraphDefinition(
        "made",
        node_defs=[both, add],
        dependencies={
            "add": {
                "x": DependencyDefinition("both", "left"),
                "y": DependencyDefinition("both", "right"),
            }
        },
    )
    assert repr(made.nodes["add"].inputs["y"]) == "both.right"


def test_a_list_of_dependencies_is_a_fan_in() -> None:
    made = GraphDefinition(
        "made",
        node_defs=[one, both, join],
        dependencies={
            "join": {
                "xs": MultiDependencyDefinition(
                    [DependencyDefinition("both", "right"), DependencyDefinition("one")]
                )
            }
        },
    )
    assert deps(made)["join"] == ("both", "one")


def test_an_order_only_input_is_fed_too() -> None:
    made = GraphDefinition(
        "made",
        node_defs=[one, after],
        dependencies={"after": {"start": DependencyDefinition("one")}},
    )
    assert deps(made)["after"] == ("one",)


def test_dynamic_outputs_are_mapped_and_collected() -> None:
    made = GraphDefinition(
        "made",
        node_defs=[dyn, add, join],
        dependencies={
            "add": {"x": DependencyDefinition("dyn")},
            NodeInvocation("add", "again"): {"x": DependencyDefinition("add")},
            "join": {"xs": DynamicCollectDependencyDefinition("again")},
        },
    )
    assert deps(made) == {
        "dyn": (),
        "add[?]": ("dyn",),
        "again[?]": ("add[?]",),
        "join": ("again[?]",),
    }


def test_inputs_and_outputs_of_the_graph_are_mapped() -> None:
    made = GraphDefinition(
        "made",
        node_defs=[one, add],
        dependencies={"add": {"y": DependencyDefinition("one")}},
        input_mappings=[
            InputMapping("given", "add", "x", graph_input_description="what to add to")
        ],
        output_mappings=[OutputMapping("total", "add")],
    )
    assert made.input_dict["given"].description == "what to add to"
    assert [each.graph_output_name for each in made.output_mappings] == ["total"]

    @job
    def outer():
        add(made(one()))

    assert dict(create_plan(outer).deps) == {
        "one": (),
        "made.one": (),
        "made.add": ("one", "made.one"),
        "add": ("made.add",),
    }


def test_an_input_of_the_graph_takes_its_place_in_a_list() -> None:
    made = GraphDefinition(
        "made",
        node_defs=[one, join],
        dependencies={"join": {"xs": MultiDependencyDefinition([DependencyDefinition("one")])}},
        input_mappings=[InputMapping("given", "join", "xs", fan_in_index=0)],
    )
    assert made.input_mappings[0].fan_in_index == 0

    @job
    def outer():
        made(one())

    assert create_plan(outer).deps["made.join"] == ("one", "made.one")


def test_a_body_tells_its_mappings_too() -> None:
    @graph
    def body(x):
        return add(x)

    [given] = body.input_mappings
    assert (given.graph_input_name, given.mapped_node_name) == ("x", "add")
    assert (given.mapped_node_input_name, given.fan_in_index) == ("x", None)
    assert body.output_mappings[0].mapped_node_output_name == "result"


def test_a_graph_without_anything_is_a_graph() -> None:
    assert deps(GraphDefinition("nothing")) == {}


def test_uses_are_keys_that_are_equal_when_they_say_the_same() -> None:
    table: dict[Any, int] = {NodeInvocation("add", "x"): 1}
    assert table[NodeInvocation("add", "x")] == 1
    assert NodeInvocation("add") != NodeInvocation("add", tags={"a": "b"})
