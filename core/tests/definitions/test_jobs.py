from __future__ import annotations

import pytest

from plugwork import (
    Definitions,
    ExecutorDefinition,
    In,
    RetryPolicy,
    io_manager,
    job,
    mem_io_manager,
    multi_or_in_process_executor,
    op,
    resource,
)
from plugwork.errors import InvalidDefinitionError, InvariantViolationError
from plugwork.plan import create_plan


@op(required_resource_keys={"db"})
def use_db(context): ...


@op
def take(x: int) -> int:
    return x


def test_a_bare_job_waits_for_its_resources() -> None:
    @job
    def j():
        use_db()

    with pytest.raises(InvalidDefinitionError, match="op 'use_db' needs the resource 'db'"):
        create_plan(j)
    with pytest.raises(InvalidDefinitionError, match="needs the resource 'db'"):
        Definitions.validate_loadable(Definitions(jobs=[j]))
    Definitions.validate_loadable(Definitions(jobs=[j], resources={"db": 1}))


def test_a_job_with_other_resources_fails_at_once_and_names_what_is_given() -> None:
    with pytest.raises(InvalidDefinitionError, match=r"job 'j'.*'db'.*given: .*lake"):

        @job(resource_defs={"lake": 1})
        def j():
            use_db()


def test_what_a_resource_requires_must_be_there_too() -> None:
    @resource(required_resource_keys={"pool"})
    def db(context): ...

    with pytest.raises(InvalidDefinitionError, match="resource 'db' needs the resource 'pool'"):

        @job(resource_defs={"db": db})
        def j():
            use_db()


def test_resources_that_require_each_other_are_refused() -> None:
    @resource(required_resource_keys={"b"})
    def a(context): ...

    @resource(required_resource_keys={"a"})
    def b(context): ...

    with pytest.raises(InvariantViolationError, match="circle: a -> b -> a"):

        @job(resource_defs={"a": a, "b": b})
        def j(): ...


def test_io_managers_of_outputs_and_inputs_are_required() -> None:
    @op(ins={"x": In(input_manager_key="reader")})
    def f(x): ...

    @job
    def j():
        f(take())

    assert j.required_resource_keys == {"io_manager", "reader"}


def test_the_io_manager_and_the_file_manager_need_no_binding() -> None:
    @op(required_resource_keys={"file_manager"})
    def f(context): ...

    @job
    def j():
        f()

    j.check_resources()


def test_a_job_takes_the_executor_of_the_instance_unless_it_has_its_own() -> None:
    own = ExecutorDefinition("own")

    @job(executor_def=own)
    def j(): ...

    @job
    def k(): ...

    assert (j.executor_def, j.has_specified_executor) == (own, True)
    assert (k.executor_def, k.has_specified_executor) == (multi_or_in_process_executor, False)


def test_run_tags_are_the_tags_unless_given() -> None:
    @job(tags={"a": 1})
    def j(): ...

    @job(tags={"a": 1}, run_tags={"b": 2})
    def k(): ...

    assert (j.run_tags, k.run_tags) == ({"a": "1"}, {"b": "2"})


def test_what_a_job_binds_wins_over_defaults_and_gives_way_to_overrides() -> None:
    @job(resource_defs={"db": "own"})
    def j():
        use_db()

    def value_of(definition):
        with definition.resource_defs["db"].open(None) as value:
            return value

    assert value_of(j.with_top_level_resources({"db": "other"})) == "own"
    assert value_of(j.with_overrides({"db": "other"})) == "other"
    assert value_of(j) == "own"


def test_policies_come_from_the_use_then_the_op_then_the_job() -> None:
    @op(retry_policy=RetryPolicy(2))
    def own(): ...

    @op
    def bare(): ...

    @job(op_retry_policy=RetryPolicy(1))
    def j():
        own()
        bare()
        own.alias("third").with_retry_policy(RetryPolicy(3))()

    policies = {step.key: step.retry_policy for step in create_plan(j).steps}
    assert policies == {"own": RetryPolicy(2), "bare": RetryPolicy(1), "third": RetryPolicy(3)}


def test_inputs_of_a_job_come_from_input_values() -> None:
    @job(input_values={"x": 5})
    def j(x):
        take(x)

    [step] = create_plan(j).steps
    assert step.inputs[0].source.value == 5


@pytest.mark.parametrize(
    "settings",
    [
        {"input_values": {"z": 1}},
        {"executor_def": "in_process"},
        {"config": [1]},
        {"resource_defs": {"a b": 1}},
        {"name": "a-b"},
    ],
)
def test_a_wrong_setting_of_a_job_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidDefinitionError):

        @job(**settings)  # type: ignore[call-overload, untyped-decorator]  # wrong on purpose
        def j(): ...


def test_an_input_that_config_cannot_give_is_refused() -> None:
    class Frame: ...

    @op
    def needs_frame(frame: Frame): ...

    with pytest.raises(InvalidDefinitionError, match=r"nothing feeds the input 'frame'.*Frame"):

        @job
        def j():
            needs_frame()


def test_a_resource_class_is_not_bound_as_a_class() -> None:
    from plugwork import ConfigurableResource

    class Db(ConfigurableResource):
        pass

    with pytest.raises(InvalidDefinitionError, match=r"bind an object of it: Db\(...\)"):

        @job(resource_defs={"db": Db})
        def j(): ...


def test_an_io_manager_says_whether_other_processes_can_read_it() -> None:
    @io_manager
    def files(context): ...

    assert files.shares_between_processes
    assert not mem_io_manager.shares_between_processes


def test_a_default_config_need_not_be_whole() -> None:
    @op(config_schema={"n": int, "m": int})
    def count(context): ...

    @job(config={"ops": {"count": {"config": {"n": 1}}}, "resources": {"db": {"config": 1}}})
    def j():
        count()

    over = {"ops": {"count": {"config": {"m": 2}}}}
    bound = j.with_top_level_resources({"db": resource(config_schema=int)(lambda context: 1)})
    assert create_plan(bound, over).step("count").config == {"n": 1, "m": 2}
