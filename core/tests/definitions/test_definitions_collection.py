from __future__ import annotations

import logging

import pytest

from plugwork import Definitions, ExecutorDefinition, graph, job, logger, op
from plugwork.errors import InvalidDefinitionError, JobNotFoundError


@op(required_resource_keys={"db"})
def use_db(context): ...


@job
def nightly():
    use_db()


def value_of(definition) -> object:
    with definition.resource_defs["db"].open(None) as value:
        return value


def test_resources_executor_and_loggers_are_defaults_of_every_job() -> None:
    @logger
    def console(context): ...

    mine = ExecutorDefinition("mine")
    defs = Definitions(
        jobs=[nightly], resources={"db": 1}, executor=mine, loggers={"console": console}
    )
    bound = defs.get_job_def("nightly")
    assert (value_of(bound), bound.executor_def, bound.loggers) == (1, mine, {"console": console})
    assert defs.get_job_def("nightly") is bound


def test_a_jobs_own_binding_wins() -> None:
    own = ExecutorDefinition("own")

    @job(resource_defs={"db": "own"}, executor_def=own)
    def j():
        use_db()

    bound = Definitions(
        jobs=[j], resources={"db": "other"}, executor=ExecutorDefinition("other")
    ).get_job_def("j")
    assert (value_of(bound), bound.executor_def) == ("own", own)


def test_an_unknown_job_is_told_with_the_nearest_and_all_names() -> None:
    with pytest.raises(JobNotFoundError, match=r"did you mean 'nightly'\? \(jobs: nightly\)"):
        Definitions(jobs=[nightly]).get_job_def("nightli")
    with pytest.raises(JobNotFoundError, match="have no jobs"):
        Definitions().get_job_def("x")


def test_two_jobs_of_one_name_are_refused_when_jobs_are_asked_for() -> None:
    @job(name="nightly")
    def other(): ...

    defs = Definitions(jobs=[nightly, other])
    with pytest.raises(InvalidDefinitionError, match="two jobs have the name 'nightly'"):
        _ = defs.job_names
    assert Definitions(jobs=[nightly, nightly]).job_names == ["nightly"]


@pytest.mark.parametrize("kind", ["assets", "asset_checks"])
def test_what_this_release_lacks_is_refused_in_words(kind: str) -> None:
    with pytest.raises(InvalidDefinitionError, match=f"has no {kind} yet"):
        Definitions(**{kind: [object()]})  # type: ignore[arg-type]  # on purpose
    Definitions(**{kind: []})  # type: ignore[arg-type]  # an empty list promises nothing


def test_a_graph_among_the_jobs_is_refused() -> None:
    @graph
    def g(): ...

    with pytest.raises(InvalidDefinitionError, match=r"to_job\(\)"):
        Definitions(jobs=[g])  # type: ignore[list-item]  # on purpose


def test_collections_are_merged() -> None:
    @job
    def hourly(): ...

    merged = Definitions.merge(
        Definitions(jobs=[nightly], resources={"db": 1}), Definitions(jobs=[hourly, nightly])
    )
    assert merged.job_names == ["nightly", "hourly"]
    assert value_of(merged.get_job_def("nightly")) == 1


def test_collections_that_disagree_are_not_merged() -> None:
    with pytest.raises(InvalidDefinitionError, match="the resource 'db'"):
        Definitions.merge(Definitions(resources={"db": [1]}), Definitions(resources={"db": [2]}))
    with pytest.raises(InvalidDefinitionError, match="two collections bring an executor"):
        Definitions.merge(
            Definitions(executor=ExecutorDefinition("a")),
            Definitions(executor=ExecutorDefinition("b")),
        )


def test_a_logger_is_made_from_its_config() -> None:
    from plugwork import InitLoggerContext

    @logger({"name": str})
    def named(context):
        return logging.getLogger(context.logger_config["name"])

    assert named.make(InitLoggerContext({"name": "a"})).name == "a"
