from __future__ import annotations

import logging
from typing import Any

import pytest

from plugwork import (
    Config,
    EnvVar,
    ExecutorRequirement,
    Field,
    InitLoggerContext,
    InitResourceContext,
    InvalidConfigError,
    InvalidDefinitionError,
    IOManager,
    StringSource,
    build_init_resource_context,
    build_op_context,
    build_resources,
    config_mapping,
    configured,
    executor,
    graph,
    io_manager,
    job,
    logger,
    op,
    resource,
)
from plugwork.config import Noneable
from plugwork.definitions.configured import checked_config
from plugwork.definitions.io_manager import IOManagerDefinition
from plugwork.definitions.job import JobDefinition
from plugwork.errors import ConfigErrorReason, ConfigMappingFunctionError
from plugwork.plan import create_plan


@op(config_schema={"a": int, "b": Field(int, default_value=2)}, code_version="7")
def both(context):
    return context.op_config


def job_of(*ops: Any, **kwargs: Any) -> JobDefinition:
    @job(**kwargs)
    def it() -> None:
        for each in ops:
            each()

    return it


def config_of(definition: Any, config: object = None) -> Any:
    """Return the config of a step of the op, as its function gets it."""
    given = {} if config is None else {"ops": {definition.name: {"config": config}}}
    return create_plan(job_of(definition), given).steps[0].config


def settled(definition: Any, config: object = None) -> Any:
    return checked_config(definition.config_field, {} if config is None else config, "it")


def test_an_op_is_configured_with_values() -> None:
    one = both.configured({"a": 1}, name="one")
    assert (one.name, both.name, one.code_version) == ("one", "both", "7")
    assert config_of(one) == {"a": 1, "b": 2}
    assert config_of(both, {"a": 5}) == {"a": 5, "b": 2}


def test_an_op_that_is_configured_with_values_takes_no_config() -> None:
    one = both.configured({"a": 1}, name="one")
    with pytest.raises(InvalidConfigError, match='unknown key "a"'):
        config_of(one, {"a": 2})


def test_an_op_is_configured_by_a_function() -> None:
    @configured(both, config_schema={"n": int})
    def doubled(config):
        return {"a": config["n"] * 2}

    assert doubled.name == "doubled"
    assert config_of(doubled, {"n": 4}) == {"a": 8, "b": 2}
    with pytest.raises(InvalidConfigError, match=r"ops\.doubled\.config\.n must be an integer"):
        config_of(doubled, {"n": "x"})


def test_a_configured_op_is_configured_again() -> None:
    half = both.configured(lambda c: {"a": c["n"]}, name="half", config_schema={"n": int})
    whole = half.configured({"n": 3}, name="whole")
    assert config_of(whole) == {"a": 3, "b": 2}


def test_the_decorator_takes_a_name_and_a_description() -> None:
    named = configured(both, name="named", description="of mine")({"a": 1})
    assert (named.name, named.description) == ("named", "of mine")


def test_a_function_without_a_schema_takes_any_config() -> None:
    loose = both.configured(lambda c: {"a": c.get("n", 9)}, name="loose")
    assert config_of(loose) == {"a": 9, "b": 2}
    assert config_of(loose, {"n": 1}) == {"a": 1, "b": 2}


class Small(Config):
    size: int = 3


def test_the_annotation_of_the_parameter_is_the_schema() -> None:
    @configured(both)
    def small(config: Small):
        return {"a": config.size}

    assert config_of(small) == {"a": 3, "b": 2}
    assert config_of(small, {"size": 5}) == {"a": 5, "b": 2}
    with pytest.raises(InvalidConfigError, match='unknown key "sise"'):
        config_of(small, {"sise": 5})


def test_a_config_class_is_filled_in_by_its_object() -> None:
    @op
    def typed(config: Small): ...

    made = config_of(typed.configured(Small(size=7), name="seven"))
    assert made == Small(size=7)
    other = typed.configured(lambda c: Small(size=c["n"]), name="other", config_schema={"n": int})
    assert config_of(other, {"n": 8}) == Small(size=8)


def test_config_that_does_not_fit_is_refused_where_it_is_given() -> None:
    with pytest.raises(InvalidConfigError, match="config given to op 'both' does not fit") as told:
        both.configured({"a": "x", "z": 1}, name="bad")
    assert [each.stack for each in told.value.errors] == ["root:a", "root:z"]


def test_what_a_function_makes_is_checked_before_a_run() -> None:
    bad = both.configured(lambda c: {"a": "x"}, name="bad")
    with pytest.raises(InvalidConfigError) as told:
        config_of(bad)
    [problem] = told.value.errors
    assert problem.stack == "root:ops:bad:config:a"
    assert problem.reason is ConfigErrorReason.FAILED_POST_PROCESSING
    assert problem.message.startswith("what the config function of op 'both' gives: ")


def test_a_function_that_raises_is_user_code() -> None:
    bad = both.configured(lambda c: {"a": c["nope"]}, name="bad")
    with pytest.raises(ConfigMappingFunctionError, match="op 'both'") as told:
        config_of(bad)
    assert isinstance(told.value.user_exception, KeyError)


def test_a_variable_in_config_given_in_code_is_read_when_the_run_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PW_TABLE", raising=False)

    @resource(config_schema={"table": StringSource})
    def db(context):
        return context.resource_config["table"]

    one = db.configured({"table": EnvVar("PW_TABLE")})

    @op(required_resource_keys={"db"})
    def use(context): ...

    with pytest.raises(InvalidConfigError, match="PW_TABLE is not set"):
        create_plan(job_of(use, resource_defs={"db": one}))
    monkeypatch.setenv("PW_TABLE", "users")
    plan = create_plan(job_of(use, resource_defs={"db": one}))
    assert plan.resolved_config["resources"]["db"]["config"] == {"table": "users"}
    assert "users" not in str(plan.run_config)


def test_an_op_needs_a_name_when_it_is_configured_without_a_function() -> None:
    for given in ({"a": 1}, lambda c: {"a": 1}):
        with pytest.raises(InvalidDefinitionError, match=r"op 'both'.*give it a name="):
            both.configured(given)
    with pytest.raises(InvalidDefinitionError, match="a-b"):
        both.configured({"a": 1}, name="a-b")


def test_an_op_without_config_is_not_configured() -> None:
    @op
    def plain(): ...

    with pytest.raises(InvalidDefinitionError, match="op 'plain': it takes no config"):
        plain.configured({"a": 1}, name="x")


def test_what_takes_no_config_is_not_configured() -> None:
    with pytest.raises(InvalidDefinitionError, match=r"configured\(\) takes an op"):
        configured(3)


def test_a_schema_beside_values_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="config_schema describes the parameter"):
        both.configured({"a": 1}, name="x", config_schema={"n": int})


def test_a_resource_is_configured_and_keeps_what_it_requires() -> None:
    @resource(config_schema={"a": int, "b": Noneable(int)}, required_resource_keys={"other"})
    def pair(context: InitResourceContext) -> Any:
        return context.resource_config

    fixed = pair.configured({"a": 1}, description="fixed")
    assert fixed.required_resource_keys == {"other"}
    assert fixed.description == "fixed"
    half = configured(pair, config_schema={"n": int})(lambda c: {"a": c["n"], "b": 2})
    with fixed.open(InitResourceContext(settled(fixed), None)) as value:
        assert value == {"a": 1, "b": None}
    with half.open(InitResourceContext(settled(half, {"n": 7}), None)) as value:
        assert value == {"a": 7, "b": 2}


def test_an_io_manager_stays_one() -> None:
    @io_manager(config_schema={"path": str})
    def files(context) -> IOManager: ...

    fixed = files.configured({"path": "x"})
    assert isinstance(fixed, IOManagerDefinition)
    assert settled(fixed) == {"path": "x"}


def test_a_logger_is_configured() -> None:
    @logger({"name": str})
    def named(context: InitLoggerContext) -> logging.Logger:
        return logging.getLogger(context.logger_config["name"])

    fixed = named.configured({"name": "b"})
    assert fixed.make(InitLoggerContext(settled(fixed))).name == "b"


def test_an_executor_is_configured_and_keeps_its_needs() -> None:
    @executor(
        config_schema={"n": int},
        requirements=lambda c: [ExecutorRequirement.NON_EPHEMERAL_INSTANCE] * c["n"],
    )
    def mine(context): ...

    fixed = mine.configured({"n": 1})
    named = configured(mine, name="named", config_schema={"m": int})(lambda c: {"n": c["m"]})
    assert (fixed.name, named.name) == ("mine", "named")
    assert len(fixed.get_requirements(settled(fixed))) == 1
    assert len(named.get_requirements(settled(named, {"m": 2}))) == 2
    assert settled(job_of(executor_def=fixed).executor_def) == {"n": 1}


@config_mapping(config_schema={"x": int})
def doubled_a(config: Any) -> Any:
    return {"both": {"config": {"a": config["x"] * 2}}}


@graph(config=doubled_a)
def pair() -> None:
    both()


def test_a_graph_is_configured_and_named_after_the_function() -> None:
    @configured(pair, config_schema={"y": int})
    def added(config: Any) -> Any:
        return {"x": config["y"] + 1}

    fixed = pair.configured({"x": 4}, name="fixed")
    plan = create_plan(job_of(added, fixed), {"ops": {"added": {"config": {"y": 1}}}})
    assert {step.key: step.config["a"] for step in plan.steps} == {"added.both": 4, "fixed.both": 8}


def test_configured_definitions_are_called_directly() -> None:
    @resource(config_schema={"a": int})
    def number(context: InitResourceContext) -> Any:
        return context.resource_config["a"]

    half = number.configured(lambda c: {"a": c["n"]}, config_schema={"n": int})
    assert number.configured({"a": 1})(build_init_resource_context()) == 1
    assert half(build_init_resource_context(config={"n": 2})) == 2
    one = both.configured({"a": 1}, name="one")
    assert one(build_op_context()) == {"a": 1, "b": 2}
    with build_resources({"x": number.configured({"a": 3})}) as resources:
        assert resources.x == 3
