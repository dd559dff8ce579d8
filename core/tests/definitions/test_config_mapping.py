"""Config mappings: of graphs and of jobs."""

from __future__ import annotations

from typing import Any

import pytest

from plugwork import (
    Config,
    ConfigMapping,
    ConfigMappingFunctionError,
    Enum,
    EnumValue,
    Field,
    GraphDefinition,
    InvalidConfigError,
    InvalidDefinitionError,
    RunConfig,
    StringSource,
    config_mapping,
    graph,
    job,
    op,
    validate_run_config,
)
from plugwork.plan import create_plan


@op(config_schema={"n": int})
def count(context): ...


@op
def plain(): ...


def config_of_steps(job_def: Any, run_config: Any = None) -> dict[str, Any]:
    plan = create_plan(job_def, run_config)
    return {step.key: step.config for step in plan.steps}


@config_mapping(config_schema={"x": int})
def doubled(config):
    return {"count": {"config": {"n": config["x"] * 2}}}


@graph(config=doubled)
def mapped():
    count()


@job
def outer():
    mapped()
    plain()


def test_a_graph_with_a_mapping_takes_config_in_the_place_of_ops() -> None:
    given = {"ops": {"mapped": {"config": {"x": 4}}}}
    assert config_of_steps(outer, given)["mapped.count"] == {"n": 8}
    with pytest.raises(InvalidConfigError, match="ops") as caught:
        create_plan(outer, {"ops": {"mapped": {"ops": {"count": {"config": {"n": 1}}}}}})
    assert len(caught.value.errors) == 2  # ops is unknown, config is missing


def test_a_job_of_a_graph_with_a_mapping_takes_it_under_ops() -> None:
    assert config_of_steps(mapped.to_job(), {"ops": {"config": {"x": 4}}}) == {"count": {"n": 8}}


def test_what_a_run_stores_is_the_simple_config() -> None:
    given = {"ops": {"mapped": {"config": {"x": 4}}}}
    assert create_plan(outer, given).run_config["ops"]["mapped"] == {"config": {"x": 4}}
    assert validate_run_config(outer, given)["ops"]["mapped"] == {"config": {"x": 4}}


def test_config_that_does_not_fit_the_mapping_is_told_by_its_place() -> None:
    with pytest.raises(InvalidConfigError, match=r"ops\.mapped\.config\.x"):
        create_plan(outer, {"ops": {"mapped": {"config": {"x": "four"}}}})


def test_mappings_stand_inside_each_other() -> None:
    @graph(config=ConfigMapping(lambda c: {"mapped": {"config": {"x": c["y"] + 1}}}, {"y": int}))
    def higher():
        mapped()

    @job
    def highest():
        higher()

    given = {"ops": {"higher": {"config": {"y": 1}}}}
    assert config_of_steps(highest, given) == {"higher.mapped.count": {"n": 4}}


def test_a_mapping_below_a_graph_without_one_is_found() -> None:
    @graph
    def between():
        mapped()
        plain()

    @job
    def far():
        between()

    given = {"ops": {"between": {"ops": {"mapped": {"config": {"x": 1}}}}}}
    assert config_of_steps(far, given)["between.mapped.count"] == {"n": 2}


def test_a_dictionary_is_the_config_of_the_ops_inside_for_good() -> None:
    @graph(config={"count": {"config": {"n": 3}}})
    def fixed():
        count()

    @job
    def uses():
        fixed()

    assert config_of_steps(uses) == {"fixed.count": {"n": 3}}
    assert config_of_steps(fixed.to_job()) == {"count": {"n": 3}}
    with pytest.raises(InvalidConfigError, match="ops"):
        create_plan(uses, {"ops": {"fixed": {"ops": {"count": {"config": {"n": 4}}}}}})


class Wanted(Config):
    x: int = 3


class Count(Config):
    n: int


@op
def typed_count(config: Count): ...


@config_mapping
def typed(wanted: Wanted) -> RunConfig:
    return RunConfig(ops={"typed_count": Count(n=wanted.x)})


def test_a_typed_mapping_has_its_defaults() -> None:
    @job(config=typed)
    def simple():
        typed_count()

    assert config_of_steps(simple)["typed_count"].n == 3
    assert config_of_steps(simple, {"x": 9})["typed_count"].n == 9
    assert simple.config_mapping is typed
    assert create_plan(simple, {"x": 9}).run_config == {"x": 9}


def test_a_graph_takes_a_typed_mapping_too() -> None:
    @graph(config=typed)
    def inner():
        typed_count()

    @job
    def simple():
        inner()

    assert config_of_steps(simple)["inner.typed_count"].n == 3
    given = {"ops": {"inner": {"config": {"x": 9}}}}
    assert config_of_steps(simple, given)["inner.typed_count"].n == 9


def test_a_jobs_mapping_may_ask_for_config() -> None:
    @config_mapping(config_schema={"x": int})
    def needs(config):
        return {"ops": {"count": {"config": {"n": config["x"]}}}}

    @job(config=needs)
    def simple():
        count()

    assert config_of_steps(simple, {"x": 5}) == {"count": {"n": 5}}
    with pytest.raises(InvalidConfigError, match="x is required"):
        create_plan(simple)
    with pytest.raises(InvalidConfigError, match="ops"):
        create_plan(simple, {"x": 5, "ops": {}})


def test_a_mapping_that_raises_is_told_with_graph_job_and_place() -> None:
    @graph(config=ConfigMapping(lambda config: 1 / 0, {"x": int}))
    def broken():
        count()

    @job
    def around():
        broken()

    with pytest.raises(
        ConfigMappingFunctionError, match="graph 'broken' in job 'around'"
    ) as caught:
        create_plan(around, {"ops": {"broken": {"config": {"x": 1}}}})
    assert __file__ in str(caught.value)
    assert isinstance(caught.value.user_exception, ZeroDivisionError)


@pytest.mark.parametrize("made", [{"count": {"config": {"n": "a"}}}, {"other": {}}, {}, 3, None])
def test_what_a_mapping_makes_is_checked(made: object) -> None:
    @graph(config=ConfigMapping(lambda config: made))
    def broken():
        count()

    @job
    def around():
        broken()

    told = r"config mapping of graph 'broken' in job 'around' \(.*test_config_mapping.py:\d+\)"
    with pytest.raises(InvalidConfigError, match=told):
        create_plan(around)


def test_a_jobs_mapping_that_makes_a_wrong_run_config_is_told() -> None:
    @job(config=ConfigMapping(lambda config: {"opps": {}}))
    def around():
        plain()

    with pytest.raises(InvalidConfigError, match="config mapping of job 'around'"):
        create_plan(around)


def test_a_mapping_gets_what_user_code_sees_unless_it_wants_what_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WHERE", "here")
    schema = {
        "e": Enum("E", [EnumValue("A", 99)]),
        "s": Field(StringSource, default_value={"env": "WHERE"}),
    }
    seen = []

    def run(processed: bool | None) -> None:
        @graph(
            config=ConfigMapping(
                lambda c: seen.append(c) or {},  # type: ignore[func-returns-value]  # append gives None
                schema,
                receive_processed_config_values=processed,
            )
        )
        def seeing():
            plain()

        create_plan(seeing.to_job(), {"ops": {"config": {"e": "A"}}})

    for processed in (None, True, False):
        run(processed)
    processed_values = {"e": 99, "s": "here"}
    assert seen == [processed_values, processed_values, {"e": "A", "s": {"env": "WHERE"}}]


def test_a_mapping_can_be_called_in_a_unit_test() -> None:
    assert doubled({"x": 2}) == {"count": {"config": {"n": 4}}}
    assert doubled.__name__ == "doubled"


def test_a_graph_with_a_mapping_can_be_configured() -> None:
    seven = mapped.configured({"x": 7}, name="seven")
    assert isinstance(seven, GraphDefinition)

    @job
    def uses():
        seven()

    assert config_of_steps(uses) == {"seven.count": {"n": 14}}
    assert config_of_steps(seven.to_job()) == {"count": {"n": 14}}


def test_a_graph_can_be_configured_by_a_function() -> None:
    above = mapped.configured(lambda c: {"x": c["y"] + 1}, "above", {"y": int})

    @job
    def uses():
        above()

    given = {"ops": {"above": {"config": {"y": 1}}}}
    assert config_of_steps(uses, given) == {"above.count": {"n": 4}}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: ConfigMapping(3), "must be a function"),  # type: ignore[arg-type]  # on purpose
        (lambda: config_mapping(lambda: {}), "takes one argument"),
        (lambda: config_mapping(lambda a, b: {}), "takes one argument"),
        (lambda: ConfigMapping(typed.config_fn, None, False), "hold processed values"),
        (lambda: graph(config=3)(lambda: None), "is no name|ConfigMapping or a dictionary"),  # type: ignore[call-overload]  # on purpose
        (lambda: mapped.configured({"x": "a"}), "graph 'mapped'"),
        (lambda: mapped.configured({"x": 1}, config_schema={"y": int}), "needs a function"),
        (lambda: graph(plain_graph).configured({}), "no config mapping"),
        (lambda: graph(config={"count": {"config": {"n": "a"}}})(one_count), "does not fit"),
        (lambda: graph(config={"cuont": {}})(one_count), "cuont"),
    ],
)
def test_a_wrong_mapping_is_refused_when_it_is_written(wrong, told: str) -> None:
    with pytest.raises(InvalidDefinitionError, match=told):
        wrong()


def plain_graph():
    plain()


def one_count():
    count()
