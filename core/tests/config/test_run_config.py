from __future__ import annotations

from plugwork.config import Config, EnvVar
from plugwork.config.run_config import RunConfig, run_config_dict


class Threshold(Config):
    threshold: int = 3
    owner: str = "me"


def test_config_objects_stand_for_their_sections() -> None:
    run_config = RunConfig(
        ops={"check": Threshold(threshold=5), "plain": {"inputs": {"x": 1}}},
        resources={"db": Threshold()},
        execution={"config": {"max_concurrent": 2}},
    )
    assert run_config.to_config_dict() == {
        "ops": {
            "check": {"config": {"threshold": 5, "owner": "me"}},
            "plain": {"inputs": {"x": 1}},
        },
        "resources": {"db": {"config": {"threshold": 3, "owner": "me"}}},
        "execution": {"config": {"max_concurrent": 2}},
    }


def test_sections_that_are_not_given_are_left_out() -> None:
    assert RunConfig().to_config_dict() == {}
    assert RunConfig(loggers={}).to_config_dict() == {"loggers": {}}


def test_variables_are_kept_as_references() -> None:
    run_config = {"ops": {"a": {"config": {"url": EnvVar("URL"), "more": [EnvVar("X")]}}}}
    assert run_config_dict(run_config) == {
        "ops": {"a": {"config": {"url": {"env": "URL"}, "more": [{"env": "X"}]}}}
    }


def test_run_config_is_accepted_in_every_form() -> None:
    assert run_config_dict(None) == {}
    assert run_config_dict(RunConfig(ops={"a": {}})) == {"ops": {"a": {}}}
    assert run_config_dict({"ops": {"a": {"config": Threshold()}}})["ops"]["a"] == {
        "config": {"threshold": 3, "owner": "me"}
    }


def test_config_objects_stand_for_their_sections_inside_graphs_too() -> None:
    inner = {"inner": Threshold(), "plain": {"config": Threshold()}}
    assert RunConfig(ops={"outer": {"ops": inner}}).to_config_dict() == {
        "ops": {
            "outer": {
                "ops": {
                    "inner": {"config": {"threshold": 3, "owner": "me"}},
                    "plain": {"config": {"threshold": 3, "owner": "me"}},
                }
            }
        }
    }
