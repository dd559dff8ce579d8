from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from plugwork import (
    Config,
    ConfigurableResource,
    EnvVar,
    ExecutorDefinition,
    Field,
    RunConfig,
    StringSource,
    graph,
    job,
    logger,
    op,
    resource,
    validate_run_config,
)
from plugwork.errors import InvalidConfigError
from plugwork.plan import create_plan


class Settings(Config):
    limit: int = 3
    name: str


class Database(ConfigurableResource):
    url: str
    pool: int = 5


@op
def typed(config: Settings) -> None: ...


@op(
    config_schema={"a": int, "b": Field(str, default_value="q"), "c": Field(str, is_required=False)}
)
def by_dictionary(context) -> None: ...


@op
def take_int(x: int): ...


@op
def take_any(x): ...


@op
def take_list(x: list[int]): ...


@graph
def inner():
    take_int()


def problems(definition, config: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidConfigError) as caught:
        validate_run_config(definition, config)  # type: ignore[arg-type]  # wrong on purpose
    return [(one.code, one.path) for one in caught.value.errors]


def test_defaults_are_filled_in_and_what_is_not_given_is_absent() -> None:
    @job
    def j():
        by_dictionary()

    checked = validate_run_config(j, {"ops": {"by_dictionary": {"config": {"a": 1}}}})
    assert checked["ops"] == {"by_dictionary": {"config": {"a": 1, "b": "q"}}}


def test_a_step_gets_its_config_as_an_object_of_its_class() -> None:
    @job
    def j():
        typed()

    plan = create_plan(j, {"ops": {"typed": {"config": {"limit": 9, "name": "x"}}}})
    assert plan.step("typed").config == Settings(limit=9, name="x")


def test_run_config_may_be_objects() -> None:
    @job
    def j():
        typed()

    plan = create_plan(j, RunConfig(ops={"typed": Settings(name="x")}))
    assert plan.step("typed").config == Settings(limit=3, name="x")


def test_all_problems_are_told_at_once() -> None:
    @job(resource_defs={"db": Database(url="u")})
    def j():
        by_dictionary()
        typed()

    config = {
        "ops": {
            "by_dictionary": {"config": {"a": "x", "b": 3}},
            "typed": {"config": {}},
            "typo": {},
        },
        "resources": {"db": {"config": {"pool": "many"}}},
        "extra": 1,
    }
    assert sorted(problems(j, config)) == [
        ("PW-CFG-001", "extra"),
        ("PW-CFG-001", "ops.typo"),
        ("PW-CFG-002", "ops.typed.config.name"),
        ("PW-CFG-004", "ops.by_dictionary.config.a"),
        ("PW-CFG-004", "ops.by_dictionary.config.b"),
        ("PW-CFG-004", "resources.db.config.pool"),
    ]


def test_the_job_is_named_in_the_error() -> None:
    @job
    def j():
        typed()

    with pytest.raises(InvalidConfigError, match="the run config does not fit job 'j':\n"):
        validate_run_config(j, {})


def test_config_that_is_no_mapping_is_a_problem() -> None:
    @job
    def j(): ...

    assert problems(j, [1]) == [("PW-CFG-004", "")]


def test_a_jobs_own_config_lies_below_what_a_run_is_given() -> None:
    @job(config={"ops": {"typed": {"config": {"limit": 7, "name": "job"}}}})
    def j():
        typed()

    assert create_plan(j).step("typed").config == Settings(limit=7, name="job")
    over = {"ops": {"typed": {"config": {"name": "run"}}}}
    assert create_plan(j, over).step("typed").config == Settings(limit=7, name="run")


@pytest.mark.parametrize("value", [4, {"value": 4}])
def test_an_input_that_nothing_feeds_comes_from_config(value: object) -> None:
    @job
    def j():
        take_int()

    plan = create_plan(j, {"ops": {"take_int": {"inputs": {"x": value}}}})
    assert plan.step("take_int").inputs[0].source.load() == 4  # type: ignore[attr-defined]  # FromConfig


def test_an_input_that_nothing_feeds_is_required() -> None:
    @job
    def j():
        take_int()

    assert problems(j, {}) == [("PW-CFG-002", "ops")]
    assert problems(j, {"ops": {"take_int": {"inputs": {"x": "y"}}}}) == [
        ("PW-CFG-004", "ops.take_int.inputs.x")
    ]


def test_an_untyped_input_takes_objects_only() -> None:
    @job
    def j():
        take_any()

    assert problems(j, {"ops": {"take_any": {"inputs": {"x": 4}}}}) == [
        ("PW-CFG-004", "ops.take_any.inputs.x")
    ]
    plan = create_plan(j, {"ops": {"take_any": {"inputs": {"x": {"value": 4}}}}})
    assert plan.step("take_any").inputs[0].source.load() == 4  # type: ignore[attr-defined]  # FromConfig


def test_an_input_is_read_from_a_file_when_it_is_needed(tmp_path: Path) -> None:
    @job
    def j():
        take_list()
        take_any()

    lines, blob = tmp_path / "l.json", tmp_path / "b.pickle"
    config = {
        "ops": {
            "take_list": {"inputs": {"x": {"json": {"path": str(lines)}}}},
            "take_any": {"inputs": {"x": {"pickle": {"path": str(blob)}}}},
        }
    }
    plan = create_plan(j, config)
    lines.write_text(json.dumps([1, 2]))
    blob.write_bytes(pickle.dumps({"k": 1}))
    loaded = {step.key: step.inputs[0].source.load() for step in plan.steps}  # type: ignore[attr-defined]  # FromConfig
    assert loaded == {"take_list": [1, 2], "take_any": {"k": 1}}


def test_a_list_is_checked_member_by_member() -> None:
    @job
    def j():
        take_list()

    assert problems(j, {"ops": {"take_list": {"inputs": {"x": [1, "b"]}}}}) == [
        ("PW-CFG-004", "ops.take_list.inputs.x[1]")
    ]


def test_a_graph_has_its_ops_below_it() -> None:
    @job
    def j():
        inner()

    config = {"ops": {"inner": {"ops": {"take_int": {"inputs": {"x": 4}}}}}}
    assert create_plan(j, config).step("inner.take_int").inputs[0].name == "x"
    assert problems(j, {"ops": {"inner": {"inputs": {}, "ops": {}}}}) != []


def test_an_unset_variable_is_named_and_nothing_else_is_resolved() -> None:
    @job(resource_defs={"db": Database(url=EnvVar("PLUGWORK_TEST_NOT_SET"))})
    def j():
        needs_db()

    with pytest.raises(InvalidConfigError, match="PLUGWORK_TEST_NOT_SET is not set"):
        create_plan(j)
    assert validate_run_config(j)["resources"]["db"]["config"]["url"] == {
        "env": "PLUGWORK_TEST_NOT_SET"
    }


@op(required_resource_keys={"db"})
def needs_db(context): ...


def test_a_resource_that_no_step_uses_needs_no_config() -> None:
    @resource(config_schema={"must": str, "secret": StringSource})
    def idle(context): ...

    @job(resource_defs={"idle": idle, "db": Database(url=EnvVar("PLUGWORK_TEST_NOT_SET"))})
    def j(): ...

    assert create_plan(j).run_config["resources"].keys().isdisjoint({"idle", "db"})


def test_config_of_a_resource_object_may_be_changed_by_a_run() -> None:
    @job(resource_defs={"db": Database(url="u")})
    def j():
        needs_db()

    config = {"resources": {"db": {"config": {"pool": 9}}}}
    assert create_plan(j, config).run_config["resources"]["db"] == {
        "config": {"url": "u", "pool": 9}
    }


def test_config_that_comes_at_launch_is_required() -> None:
    @job(resource_defs={"db": Database.configure_at_launch(pool=2)})
    def j():
        needs_db()

    assert problems(j, {}) == [("PW-CFG-002", "resources")]
    config = {"resources": {"db": {"config": {"url": "u"}}}}
    assert create_plan(j, config).run_config["resources"]["db"]["config"] == {"url": "u", "pool": 2}


def test_the_executor_and_the_loggers_have_their_sections() -> None:
    @logger({"level": str})
    def console(context): ...

    @job(
        executor_def=ExecutorDefinition("mine", config_schema={"n": int}),
        logger_defs={"console": console},
    )
    def j(): ...

    assert problems(j, {"execution": {"config": {"n": "x"}}, "loggers": {"console": {}}}) == [
        ("PW-CFG-004", "execution.config.n"),
        ("PW-CFG-002", "loggers.console.config"),
    ]
