from __future__ import annotations

import pytest

from plugwork import DynamicOut, In, Nothing, Out, RetryPolicy, graph, job, op
from plugwork.definitions.job import JobDefinition
from plugwork.errors import InvalidDefinitionError


@op
def one() -> int:
    return 1


@op
def add(x: int = 0, y: int = 0) -> int:
    return x + y


@op
def total(xs) -> int:
    return sum(xs)


@op(out={"low": Out(int), "high": Out(int)})
def split(x):
    return x, x


@op(out=DynamicOut(int))
def numbers(): ...


@op(out=DynamicOut(int))
def more_numbers(x): ...


@op
def only_runs() -> None: ...


def names(definition: JobDefinition) -> list[str]:
    return list(definition.graph_def.nodes)


def feeds(definition: JobDefinition, node: str) -> dict[str, str]:
    return {key: repr(one) for key, one in definition.graph_def.nodes[node].inputs.items()}


def test_uses_of_one_op_are_numbered() -> None:
    @job
    def j():
        add(add(one()))
        add(one())

    assert sorted(names(j)) == ["add", "add_2", "add_3", "one", "one_2"]
    assert feeds(j, "add_2") == {"x": "add.result"}
    assert feeds(j, "add_3") == {"x": "one_2.result"}


def test_numbering_goes_around_an_alias() -> None:
    @job
    def j():
        one.alias("one_2")()
        one()
        one()

    assert names(j) == ["one_2", "one", "one_3"]


def test_alias_tags_and_retry_policy_belong_to_one_use() -> None:
    policy = RetryPolicy(max_retries=4)

    @job
    def j():
        add.alias("a").tag({"k": 1}).with_retry_policy(policy)(one())
        add()

    node = j.graph_def.nodes["a"]
    assert (node.tags, node.retry_policy) == ({"k": "1"}, policy)
    assert j.graph_def.nodes["add"].tags == {}


def test_several_outputs_come_as_a_named_tuple() -> None:
    @job
    def j():
        parts = split(one())
        add(parts.low, parts.high)
        low, high = split(one())
        add(low, high)

    assert feeds(j, "add") == {"x": "split.low", "y": "split.high"}
    assert feeds(j, "add_2") == {"x": "split_2.low", "y": "split_2.high"}


def test_an_op_without_outputs_gives_none() -> None:
    @op(out={})
    def sink(x): ...

    found = []

    @job
    def j():
        found.append(sink(one()))

    assert found == [None]


def test_a_list_feeds_one_input_in_order() -> None:
    @job
    def j():
        total([one(), add(), one()])

    source = j.graph_def.nodes["total"].inputs["xs"]
    assert [repr(member) for member in source.sources] == [  # type: ignore[union-attr]  # a fan-in
        "one.result",
        "add.result",
        "one_2.result",
    ]


def test_an_order_only_input_takes_any_output() -> None:
    @op(ins={"after": In(Nothing)})
    def last(): ...

    @job
    def j():
        last(after=only_runs())
        last(after=one())
        last(after=[one(), only_runs()])

    assert feeds(j, "last") == {"after": "only_runs.result"}


def refused(body, message: str) -> None:
    with pytest.raises(InvalidDefinitionError, match=message):
        job(name="broken")(body)


def test_a_constant_as_argument_is_refused() -> None:
    refused(lambda: add(3), r"job 'broken': input 'x' of 'add' gets 3, which is no output")


def test_a_constant_in_a_list_is_refused() -> None:
    refused(lambda: total([one(), 3]), "member 1 of the list for input 'xs' of 'total' is 3")


def test_too_many_arguments_are_refused() -> None:
    refused(lambda: add(one(), one(), one()), "'add' takes 2 inputs, got 3")


def test_an_argument_given_twice_is_refused() -> None:
    refused(lambda: add(one(), x=one()), "input 'x' of 'add' is given twice")


def test_an_unknown_input_is_refused_with_those_that_exist() -> None:
    refused(lambda: add(z=one()), "has no input 'z' \\(it has: x, y\\)")


def test_one_alias_twice_is_refused() -> None:
    def body():
        one.alias("a")()
        one.alias("a")()

    refused(body, "job 'broken' has two nodes named 'a'")


def test_a_value_from_an_op_that_gives_none_is_refused() -> None:
    refused(lambda: add(only_runs()), r"input 'x' of 'add' expects a value.*In\(Nothing\)")


def test_an_output_of_another_jobs_body_is_refused() -> None:
    kept = []

    @job
    def first():
        kept.append(one())

    refused(lambda: add(kept[0]), "belongs to job 'first'")


def test_taking_a_placeholder_apart_is_refused() -> None:
    def unpack():
        _a, _b = one()

    refused(unpack, "cannot be taken apart")
    refused(lambda: add(one()[0]), "has no members")


def test_a_returned_output_is_refused_in_a_job() -> None:
    refused(lambda: one(), "returns outputs; a job has none")


def test_an_alias_outside_a_body_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="only in the body"):
        add.alias("x")()


def test_two_ops_of_one_name_in_a_job_are_refused() -> None:
    @op(name="one")
    def another(): ...

    def body():
        one()
        another()

    refused(body, "two different ops named 'one'")


def test_a_dynamic_output_is_mapped_and_collected() -> None:
    @job
    def j():
        doubled = numbers().map(lambda n: add(n, n))
        total(doubled.map(add).collect())
        total(numbers().collect())

    assert names(j) == ["numbers", "add", "add_2", "total", "numbers_2", "total_2"]


def test_a_dynamic_output_as_it_is_feeds_nothing() -> None:
    refused(lambda: add(numbers()), r"map\(\) or collect\(\)")
    refused(lambda: total(numbers().map(add)), r"map\(\) or collect\(\)")


def test_a_map_inside_a_map_is_refused() -> None:
    refused(lambda: numbers().map(more_numbers), "a map inside a map is not possible")
    refused(
        lambda: numbers().map(lambda n: more_numbers(n).map(add)),
        "a map inside a map is not possible",
    )


def test_a_step_below_two_dynamic_outputs_is_refused() -> None:
    def body():
        numbers().map(lambda n: numbers().map(lambda m: add(n, m)))

    refused(body, "depends on two dynamic outputs")


def test_a_graph_with_a_dynamic_output_inside_is_not_mapped() -> None:
    @graph
    def inner(x):
        return total(more_numbers(x).collect())

    refused(lambda: numbers().map(inner), "a map inside a map is not possible")


def test_a_plain_output_is_neither_mapped_nor_collected() -> None:
    refused(lambda: one().map(add), "is not dynamic")
    refused(lambda: total(one().collect()), "is not dynamic")


def test_what_map_is_given_returns_outputs() -> None:
    refused(lambda: numbers().map(lambda n: 3), r"must return outputs of ops, got 3")


def test_a_job_may_be_empty() -> None:
    @job
    def nothing(): ...

    assert names(nothing) == []
