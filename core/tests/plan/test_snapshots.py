from __future__ import annotations

import json

from plugwork import Config, graph, job, op
from plugwork.plan import create_plan
from plugwork.plan.snapshot import canonical, job_snapshot, plan_snapshot, snapshot_id


class Settings(Config):
    n: int = 3


@op
def one(config: Settings) -> int:
    return config.n


@op
def add(x: int, y: int = 1) -> int:
    return x + y


@graph
def twice(x):
    return add(add(x))


def build(**settings):
    @job(name="j", **settings)
    def j():
        twice(one())

    return j


def id_of(definition) -> str:
    return snapshot_id(canonical(job_snapshot(definition)))


def test_the_same_structure_has_the_same_id() -> None:
    assert id_of(build()) == id_of(build())


def test_another_structure_has_another_id() -> None:
    @job(name="j")
    def other():
        twice(twice(one()))

    ids = {id_of(definition) for definition in (build(), build(tags={"a": "b"}), other)}
    assert len(ids) == 3


def test_a_snapshot_is_plain_json() -> None:
    snapshot = job_snapshot(build())
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert snapshot["ops"]["one"]["config"]["type"] == {"n": {"required": False, "type": "int"}}


def test_a_plan_snapshot_tells_the_steps_and_which_are_executed() -> None:
    plan = create_plan(build(), step_keys_to_execute=["twice.add"])
    snapshot = plan_snapshot(plan)
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert [step["key"] for step in snapshot["steps"]] == ["one", "twice.add", "twice.add_2"]
    assert snapshot["executed"] == ["twice.add"]
