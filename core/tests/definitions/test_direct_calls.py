from __future__ import annotations

import asyncio
from unittest import mock

import pytest

from plugwork import (
    AssetMaterialization,
    Config,
    ConfigurableResource,
    DynamicOut,
    DynamicOutput,
    Field,
    In,
    Nothing,
    Out,
    Output,
    ResourceParam,
    Type,
    TypeCheckContext,
    build_op_context,
    graph,
    job,
    op,
    resource,
)
from plugwork.errors import (
    CheckError,
    InvalidConfigError,
    InvalidInvocationError,
    InvariantViolationError,
    StepOutputNotFoundError,
    TypeCheckDidNotPass,
)


class Step(Config):
    by: int


class Store(ConfigurableResource):
    base: int


@op
def add(context, x: int, y: int = 3) -> int:
    return x + y


def test_calling_an_op_runs_its_function() -> None:
    assert add(None, 1) == 4
    assert add(None, 1, y=1) == 2
    assert add(context=None, x=1, y=2) == 3


@pytest.mark.needs_plugins
def test_config_and_resources_come_by_name() -> None:
    @op
    def f(config: Step, store: Store, x: int) -> int:
        return x * config.by + store.base

    assert f(2, config=Step(by=10), store=Store(base=1)) == 21


def test_a_generator_and_a_coroutine_are_the_callers_to_run() -> None:
    @op
    def many():
        yield Output(1)

    @op
    async def later(x: int) -> int:
        return x

    assert [one.value for one in many()] == [1]
    assert asyncio.run(later(5)) == 5


def test_an_order_only_input_may_be_named_and_is_not_passed() -> None:
    @op(ins={"after": In(Nothing)})
    def f(x):
        return x

    assert f(1, after=None) == 1


def test_a_call_without_context_tells_what_to_give() -> None:
    with pytest.raises(InvalidInvocationError, match="takes a context"):
        add()


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((None,), {}, "needs the input 'x'"),
        ((None, 1, 2, 3), {}, "takes 2 arguments beside the context, got 3"),
        ((None, 1), {"x": 2}, "'x' is given twice"),
        ((None, 1), {"z": 2}, "no input 'z'"),
    ],
)
def test_a_wrong_direct_call_names_the_argument(
    args: tuple[object, ...], kwargs: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInvocationError, match=message):
        add(*args, **kwargs)


def test_a_missing_resource_is_named() -> None:
    @op
    def f(store: Store): ...

    with pytest.raises(InvalidInvocationError, match="needs 'store': give it by name"):
        f()


@pytest.mark.needs_plugins
def test_arguments_come_in_the_order_of_the_functions_parameters() -> None:
    @op
    def f(config: Step, store: Store, x: int) -> int:
        return x * config.by + store.base

    assert f(Step(by=2), Store(base=1), 3) == 7
    assert f(3, config=Step(by=2), store=Store(base=1)) == 7


def test_config_has_its_defaults_when_none_is_given() -> None:
    class Defaults(Config):
        by: int = 4

    @op
    def f(config: Defaults, x: int) -> int:
        return x * config.by

    assert f(x=2) == 8
    assert f(build_op_context(op_config={"by": 5}), 2) == 10
    assert f(build_op_context(config=Defaults(by=6)), 2) == 12


def test_the_config_of_the_context_is_checked_as_a_runs() -> None:
    @op(config_schema={"size": int, "unit": Field(str, default_value="m")})
    def f(context):
        return context.op_config

    assert f(build_op_context(op_config={"size": 1})) == {"size": 1, "unit": "m"}
    with pytest.raises(InvalidConfigError, match="config of op 'f' does not fit"):
        f(build_op_context(op_config={"size": "big"}))
    with pytest.raises(InvalidConfigError, match="size"):
        f(build_op_context())


def test_values_are_checked_as_a_step_does() -> None:
    @op
    def f(x: int) -> list[int]:
        return [x, "a"] if x else [x]

    assert f(0) == [0]
    with pytest.raises(TypeCheckDidNotPass, match=r'input "x" of op "f": expected int, got .1.'):
        f("1")
    with pytest.raises(TypeCheckDidNotPass, match=r'output "result" of op "f": at 1: expected int'):
        f(1)


def test_results_of_each_form_are_checked() -> None:
    @op(out={"a": Out(int), "b": Out(int)})
    def gives(which: str):
        yield Output(1, "a")
        if which == "other":
            yield Output(2, "c")
        if which == "wrong":
            yield Output("2", "b")
        if which == "twice":
            yield Output(1, "a")

    @op
    async def later(x: int) -> str:
        return x  # type: ignore[return-value]  # what the test is for

    @op
    async def stream(x: object):
        yield Output(x)
        yield x

    async def drained() -> list[object]:
        return [one async for one in stream(1)]

    for which, error, message in (
        ("other", InvariantViolationError, "output 'c', which it does not declare"),
        ("wrong", TypeCheckDidNotPass, 'output "b" of op "gives"'),
        ("twice", InvariantViolationError, "the output 'a' twice"),
        ("none", StepOutputNotFoundError, "no value for its output 'b'"),
    ):
        with pytest.raises(error, match=message):
            list(gives(which))
    with pytest.raises(TypeCheckDidNotPass, match='output "result" of op "later"'):
        asyncio.run(later(1))
    with pytest.raises(InvariantViolationError, match="yielded 1"):
        asyncio.run(drained())


def test_the_context_tells_what_the_op_told() -> None:
    @op(out={"a": Out(), "many": DynamicOut()})
    def tells(context):
        context.add_output_metadata({"rows": 1}, "a")
        context.log_event(AssetMaterialization("table"))
        yield Output(1, "a", metadata={"size": 2})
        yield DynamicOutput(1, "k", "many", metadata={"seen": True})

    context = build_op_context(run_tags={"team": "blue"}, mapping_key="m")
    list(tells(context))
    assert context.get_output_metadata("a") == {"rows": 1, "size": 2}
    assert context.get_output_metadata("many", "k") == {"seen": True}
    assert [event.asset_key.path for event in context.get_events()] == [("table",)]
    assert (context.get_tag("team"), context.get_mapping_key()) == ("blue", "m")
    list(tells(context))
    assert len(context.get_events()) == 1


def test_what_only_a_run_has_is_told_to_be_missing() -> None:
    @op
    def asks(context, what: str):
        return getattr(context, what)

    assert asks(build_op_context(), "run_id") == "EPHEMERAL"
    for what in ("run", "job_def", "job_name", "run_config"):
        with pytest.raises(InvariantViolationError, match=r'op "asks" is called directly'):
            asks(build_op_context(), what)


def test_a_partition_can_be_given() -> None:
    @op
    def asks(context):
        return context.partition_key if context.has_partition_key else None

    assert asks(build_op_context(partition_key="2024")) == "2024"
    assert asks(build_op_context()) is None
    assert build_op_context(partition_key_range=("a", "b")).partition_key_range == ("a", "b")
    with pytest.raises(InvalidInvocationError, match="partition_key or a partition_key_range"):
        build_op_context(partition_key="a", partition_key_range=("a", "b"))
    with pytest.raises(InvariantViolationError, match="without partition"):
        _ = build_op_context().partition_key


@pytest.mark.needs_plugins
def test_resources_come_with_the_context_and_are_torn_down_with_it() -> None:
    told: list[str] = []

    @resource(config_schema={"name": str})
    def connection(context):
        told.append("up")
        yield context.resource_config["name"]
        told.append("down")

    @op(required_resource_keys={"db"})
    def by_key(context):
        return context.resources.db

    @op
    def by_parameter(db: ResourceParam[str], store: Store):
        return db, store.base

    given = {"db": connection, "store": Store(base=3)}
    config = {"db": {"config": {"name": "lake"}}}
    with build_op_context(given, resources_config=config) as context:
        assert by_key(context) == "lake"
        assert by_parameter(context) == ("lake", 3)
        assert told == ["up"]
    assert told == ["up", "down"]
    with pytest.raises(InvariantViolationError, match="must be opened"):
        by_key(build_op_context(given, resources_config=config))


@pytest.mark.needs_plugins
def test_a_mock_can_stand_for_a_resource_and_for_the_context() -> None:
    @op
    def charges(context, api: ResourceParam[object], amount: int):
        context.log.info("charging")
        return api.charge(amount)

    api = mock.Mock()
    api.charge.return_value = "paid"
    assert charges(build_op_context(resources={"api": api}), 3) == "paid"
    assert charges(None, amount=3, api=api) == "paid"
    assert charges(mock.Mock(), amount=3, api=api) == "paid"
    api.charge.assert_called_with(3)


def test_a_context_of_another_making_answers_for_itself() -> None:
    @op(required_resource_keys={"db"}, config_schema={"size": int})
    def f(context):
        return context.resources.db, context.op_config["size"]

    other = mock.Mock(op_config={"size": 3})
    other.resources.db = "lake"
    assert f(other) == ("lake", 3)


def test_what_is_given_in_two_ways_or_not_at_all_is_told() -> None:
    @op(required_resource_keys={"db"})
    def needs(context): ...

    @op
    def takes(config: Step, store: ResourceParam[int]): ...

    context = build_op_context({"store": 1}, op_config={"by": 1})
    with pytest.raises(InvalidInvocationError, match="op 'needs' requires the resource 'db'"):
        needs(build_op_context())
    with pytest.raises(InvalidInvocationError, match="config is given with the context and by"):
        takes(context, config=Step(by=1))
    with pytest.raises(InvalidInvocationError, match="'store' is given with the context and by"):
        takes(context, store=2)
    with pytest.raises(InvalidInvocationError, match="op_config and config"):
        build_op_context(op_config=1, config=1)
    with pytest.raises(CheckError, match="must be a mapping"):
        build_op_context(resources=[1])  # type: ignore[arg-type]  # what the test is for


def test_graphs_and_jobs_are_not_called_outside_a_body() -> None:
    @graph
    def g():
        add.alias("adding")()

    @job
    def j():
        add.alias("adding")()

    with pytest.raises(InvalidInvocationError, match="graph 'g' can be used in the body"):
        g()
    with pytest.raises(InvalidInvocationError, match=r"job 'j' .*execute_in_process"):
        j()


@pytest.mark.needs_plugins
def test_a_type_with_a_context_is_checked_with_one() -> None:
    def within(context: TypeCheckContext, value: int) -> bool:
        return value <= context.resources.limit

    limited = Type(within, name="Limited", required_resource_keys={"limit"})

    @op(ins={"x": In(limited)})
    def f(x):
        return x

    assert f(build_op_context({"limit": 3}), 2) == 2
    with pytest.raises(TypeCheckDidNotPass, match="the value is no Limited"):
        f(build_op_context({"limit": 1}), 2)


def test_a_log_line_goes_where_python_sends_it(caplog: pytest.LogCaptureFixture) -> None:
    @op
    def says(context):
        context.log.warning("it rains")

    says(build_op_context())
    assert "it rains" in caplog.text
