from __future__ import annotations

import pytest

from plugwork import DynamicOut, GraphIn, GraphOut, graph, job, op
from plugwork.definitions import types
from plugwork.errors import InvalidDefinitionError, InvalidInvocationError
from plugwork.plan import create_plan


@op
def one() -> int:
    return 1


@op
def add(x: int, y: int = 7) -> int:
    return x + y


@op(out=DynamicOut(int))
def numbers(): ...


@op
def total(xs) -> int:
    return sum(xs)


@graph
def twice(x):
    """Add two times."""
    return add(add(x))


def keys(definition) -> list[str]:
    return [step.key for step in create_plan(definition).steps]


def test_a_graph_is_used_like_an_op() -> None:
    @job
    def j():
        twice(one())
        twice.alias("again")(twice(one()))

    assert keys(j) == [
        "one",
        "one_2",
        "twice.add",
        "twice_2.add",
        "twice.add_2",
        "twice_2.add_2",
        "again.add",
        "again.add_2",
    ]


def test_a_graphs_inputs_and_outputs_have_the_types_inside() -> None:
    assert [(one.name, one.type) for one in twice.input_defs] == [("x", types.Int)]
    assert [(one.name, one.type) for one in twice.output_defs] == [("result", types.Int)]
    assert twice.description == "Add two times."


def test_graphs_nest_ten_deep() -> None:
    def around(definition, depth: int):
        @graph(name=f"level_{depth}")
        def outer(x):
            return definition(x)

        return outer

    inner = twice
    for depth in range(10):
        inner = around(inner, depth)

    @job
    def j():
        inner(one())

    assert keys(j)[-1].count(".") == 11


def test_several_outputs_of_a_graph_are_named() -> None:
    @graph(out={"first": GraphOut("the first"), "second": GraphOut()})
    def pair(x):
        return one(), add(x)

    @graph(ins={"x": GraphIn("what to add")}, out={"a": GraphOut(), "b": GraphOut()})
    def by_name(x):
        parts = pair(x)
        return {"a": parts.second, "b": parts.first}

    assert by_name.input_dict["x"].description == "what to add"

    @job
    def j():
        found = by_name(one())
        add(found.a, found.b)

    assert create_plan(j).deps["add"] == ("by_name.pair.add", "by_name.pair.one")


def test_a_dynamic_output_leaves_its_graph() -> None:
    @graph
    def source():
        return numbers()

    @job
    def j():
        total(source().map(add).collect())

    assert keys(j) == ["source.numbers", "add[?]", "total"]


def test_a_mapped_output_leaves_its_graph_to_be_collected_outside() -> None:
    @graph
    def source():
        return numbers().map(add)

    @job
    def j():
        total(source().map(add).collect())

    plan = create_plan(j)
    assert plan.deps["total"] == ("add[?]",)
    assert plan.deps["add[?]"] == ("source.add[?]",)


def test_a_graph_can_be_mapped() -> None:
    @job
    def j():
        total(numbers().map(twice).collect())

    assert keys(j) == ["numbers", "twice.add[?]", "twice.add_2[?]", "total"]


def test_a_graph_becomes_a_job() -> None:
    @graph
    def body():
        one()

    made = body.to_job(name="nightly", tags={"team": "x"}, config={"execution": {}})
    assert (made.name, made.tags, keys(made)) == ("nightly", {"team": "x"}, ["one"])
    assert body.to_job().name == "body"


def test_a_graph_outside_a_body_is_not_called() -> None:
    with pytest.raises(InvalidInvocationError, match=r"to_job\(\)"):
        twice(3)


@pytest.mark.parametrize(
    ("body", "out", "message"),
    [
        (lambda x: None, None, "its input 'x' feeds nothing"),
        (lambda: (one(), one()), None, "name them by out"),
        (lambda: 3, None, "returns 3, which is no output"),
        (lambda: None, GraphOut(), "declares outputs and returns nothing"),
        (lambda: {"a": one()}, {"b": GraphOut()}, "declares the outputs b and returns a"),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused(body, out, message: str) -> None:
    with pytest.raises(InvalidDefinitionError, match=message):
        graph(name="broken", out=out)(body)
