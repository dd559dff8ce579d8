from __future__ import annotations

import pytest

from plugwork import DynamicOut, In, Nothing, job, mem_io_manager, op
from plugwork.errors import ExecutionStepNotFoundError, InvalidSubsetError
from plugwork.plan import KnownExecutionState, create_plan


@op
def one() -> int:
    return 1


@op
def add(x: int = 0) -> int:
    return x


@op
def a_op() -> None: ...


@op
def z_op() -> None: ...


@op(ins={"after": In(Nothing)})
def last() -> None: ...


@op(out=DynamicOut(int))
def gen(): ...


@op
def mul(x: int) -> int:
    return x


@op
def tot(xs: list[int]) -> int:
    return sum(xs)


@job
def dynamic():
    tot(gen().map(mul).collect())


def keys(plan) -> list[str]:
    return [step.key for step in plan.steps]


def test_steps_come_by_level_and_inside_a_level_by_key() -> None:
    @job
    def first():
        z_op()
        a_op()

    @job
    def second():
        add(add(one()))
        add(one())

    assert keys(create_plan(first)) == ["a_op", "z_op"]
    assert keys(create_plan(second)) == ["one", "one_2", "add", "add_3", "add_2"]


def test_unresolved_steps_have_a_question_mark() -> None:
    plan = create_plan(dynamic)
    assert keys(plan) == ["gen", "mul[?]", "tot"]
    assert plan.deps == {"gen": (), "mul[?]": ("gen",), "tot": ("mul[?]",)}


def test_resolving_puts_a_step_for_each_key_in_the_templates_place() -> None:
    plan = create_plan(dynamic)
    made = plan.resolve("gen", {"result": ["k1", "k0"]})
    assert {key: [s.key for s in steps] for key, steps in made.items()} == {
        "mul[?]": ["mul[k1]", "mul[k0]"],
        "tot": ["tot"],
    }
    assert keys(plan) == ["gen", "mul[k1]", "mul[k0]", "tot"]
    assert plan.step("mul[k1]").mapping_key == "k1"
    assert plan.deps["tot"] == ("mul[k1]", "mul[k0]")
    [given] = plan.step("mul[k0]").inputs
    handle = given.source.handles[0]
    assert (handle.step_key, handle.output_name, handle.mapping_key) == ("gen", "result", "k0")


def test_a_part_of_the_plan_is_levelled_by_itself() -> None:
    @job
    def j():
        add(add(one()))
        add.alias("b")()

    plan = create_plan(j, step_keys_to_execute=["add_2", "b"])
    assert keys(plan) == ["add_2", "b"]
    assert plan.deps == {"add_2": (), "b": ()}
    assert plan.step("one").key == "one"


def test_an_unknown_step_is_refused_with_the_nearest() -> None:
    with pytest.raises(ExecutionStepNotFoundError, match="no step 'genn'; did you mean 'gen'") as e:
        create_plan(dynamic, step_keys_to_execute=["genn"])
    assert e.value.step_keys == ["genn"]
    with pytest.raises(ExecutionStepNotFoundError):
        create_plan(dynamic).step("mul[k0]")


def test_known_mappings_resolve_a_plan_from_the_start() -> None:
    known = KnownExecutionState(dynamic_mappings={"gen": {"result": ["k0", "k1"]}})
    plan = create_plan(dynamic, step_keys_to_execute=["mul[k1]", "tot"], known_state=known)
    assert keys(plan) == ["mul[k1]", "tot"]
    assert plan.deps["tot"] == ("mul[k1]",)
    assert len(plan.step("tot").inputs[0].source.handles) == 2


def test_a_template_without_its_dynamic_step_is_refused() -> None:
    with pytest.raises(InvalidSubsetError, match="'tot' waits for the dynamic outputs of 'gen'"):
        create_plan(dynamic, step_keys_to_execute=["tot"])


def test_an_order_only_input_is_a_dependency_without_value() -> None:
    @job
    def j():
        last(after=[a_op(), one()])

    plan = create_plan(j)
    assert plan.deps["last"] == ("a_op", "one")
    assert plan.step("last").inputs[0].is_nothing
    assert plan.step("last").resource_keys == {"io_manager"}


def test_the_tags_of_a_use_lie_over_those_of_the_op() -> None:
    @op(tags={"a": "op", "b": "op"})
    def tagged(): ...

    @job
    def j():
        tagged.tag({"b": "use"})()

    assert create_plan(j).step("tagged").tags == {"a": "op", "b": "use"}


def test_a_default_is_the_last_choice() -> None:
    @op(ins={"x": In(int, input_manager_key="reader", default_value=3)})
    def read(x): ...

    @job(resource_defs={"reader": mem_io_manager})
    def j():
        read()
        add()

    plan = create_plan(j, {"ops": {"add": {"inputs": {"x": 5}}}})
    names = {step.key: type(step.inputs[0].source).__name__ for step in plan.steps}
    assert names == {"read": "FromInputManager", "add": "FromConfig"}
    assert type(create_plan(j).step("add").inputs[0].source).__name__ == "FromDefaultValue"


def test_the_resources_of_a_step_include_what_loads_its_inputs() -> None:
    from plugwork import Out

    @op(out=Out(io_manager_key="lake"))
    def make(): ...

    @op(required_resource_keys={"db"})
    def use(context, x): ...

    @job(resource_defs={"lake": mem_io_manager, "db": object()})
    def j():
        use(make())

    plan = create_plan(j)
    assert plan.step("use").resource_keys == {"db", "io_manager", "lake"}
    assert plan.required_resource_keys() == {"db", "io_manager", "lake"}


def test_known_state_reads_back_equal() -> None:
    from plugwork.model import StepOutputHandle
    from plugwork.plan import PastExecutionState

    known = KnownExecutionState(
        {"a": 2},
        {"gen": {"result": ["k"], "other": None}},
        frozenset({StepOutputHandle("a"), StepOutputHandle("gen", "result", "k")}),
        PastExecutionState(
            "r1", frozenset({StepOutputHandle("b")}), PastExecutionState("r0", frozenset())
        ),
    )
    assert KnownExecutionState.from_dict(known.to_dict()) == known
