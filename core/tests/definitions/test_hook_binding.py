"""Where hooks are attached, and in which order a step has them."""

from __future__ import annotations

import pytest

from plugwork import HookDefinition, HookExecutionResult, InvalidDefinitionError, graph, job, op
from plugwork.plan import create_plan


def hook(name: str, *keys: str) -> HookDefinition:
    return HookDefinition(
        name=name,
        hook_fn=lambda context, events: HookExecutionResult(name),
        required_resource_keys=set(keys),
    )


OWN, AROUND, OF_JOB = hook("own"), hook("around"), hook("of_job")


@op
def one():
    return 1


@op
def two():
    return 2


@graph
def inner():
    one.with_hooks({OWN})()
    two()


@job(hooks={OF_JOB})
def outer():
    inner.with_hooks({AROUND})()
    one()


def hooks_of_steps(job_def) -> dict[str, list[str]]:
    return {step.key: [one.name for one in step.hooks] for step in create_plan(job_def).steps}


def test_a_step_has_the_hooks_of_its_use_then_of_the_graphs_around_it_then_of_the_job() -> None:
    assert hooks_of_steps(outer) == {
        "inner.one": ["own", "around", "of_job"],
        "inner.two": ["around", "of_job"],
        "one": ["of_job"],
    }


def test_a_job_with_more_hooks_is_another_job() -> None:
    more = hook("more")
    changed = outer.with_hooks({more})
    assert hooks_of_steps(changed)["one"] == ["of_job", "more"]
    assert hooks_of_steps(outer)["one"] == ["of_job"]


def test_no_hook_is_there_twice() -> None:
    assert hooks_of_steps(outer.with_hooks({AROUND, OWN, OF_JOB}))["inner.one"] == [
        "own",
        "around",
        "of_job",
    ]


def test_a_list_keeps_its_order_and_a_set_comes_in_the_order_of_definition() -> None:
    hooks = [hook(name) for name in "cab"]

    @job(hooks=hooks)
    def listed():
        one()

    @job(hooks=set(hooks))
    def unordered():
        one()

    assert hooks_of_steps(listed)["one"] == ["c", "a", "b"]
    assert hooks_of_steps(unordered)["one"] == ["c", "a", "b"]


def test_a_graph_made_a_job_takes_hooks() -> None:
    assert hooks_of_steps(inner.to_job(hooks={OF_JOB}))["two"] == ["of_job"]


def test_mapped_steps_keep_their_hooks() -> None:
    from plugwork import DynamicOut, DynamicOutput

    @op(out=DynamicOut())
    def dyn():
        yield DynamicOutput(1, "k")

    @op
    def mul(x):
        return x

    @job
    def mapped():
        dyn().map(mul.with_hooks({OWN}))

    plan = create_plan(mapped)
    plan.resolve("dyn", {"result": ["k"]})
    assert plan.step("mul[k]").hooks == (OWN,)


@pytest.mark.parametrize("place", ["job", "use"])
def test_the_resources_of_hooks_are_required(place: str) -> None:
    told = hook("told", "slack")

    def make():
        @job(hooks={told} if place == "job" else None, resource_defs={"other": 2})
        def missing():
            (one.with_hooks({told}) if place == "use" else one)()

    with pytest.raises(InvalidDefinitionError, match="hook 'told' needs the resource 'slack'"):
        make()


@pytest.mark.parametrize("given", [3, "hook", [print], [None]])
def test_what_is_no_hook_is_refused(given: object) -> None:
    with pytest.raises(InvalidDefinitionError, match="hook"):
        outer.with_hooks(given)  # type: ignore[arg-type]  # wrong on purpose
