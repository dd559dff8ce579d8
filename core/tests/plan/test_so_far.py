from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any

import pytest

from plugwork import DynamicOut, job, op
from plugwork.abc import RetryMode
from plugwork.errors import CheckError
from plugwork.model import Event, EventType, StepOutputHandle
from plugwork.model.payloads import (
    StepFailureData,
    StepOutputData,
    StepRetryData,
    StepSuccessData,
    TypeCheckData,
)
from plugwork.plan import ActiveExecution, KnownExecutionState, create_plan
from plugwork.plan.so_far import OutputsSoFar


@op
def one() -> int:
    return 1


@op
def add(x: int) -> int:
    return x


@op(out=DynamicOut(int))
def gen(): ...


@op
def tot(xs: list[int]) -> int:
    return sum(xs)


@job
def chain() -> None:
    add.alias("c")(add.alias("b")(one.alias("a")()))


@job
def spread() -> None:
    tot(gen().map(add).collect())


def of(key: str, kind: EventType, data: Any = None) -> Event:
    return Event(kind, "a_job", data, None, key, 1)


def started(key: str) -> Event:
    return of(key, EventType.STEP_START)


def succeeded(key: str, *outputs: StepOutputHandle) -> list[Event]:
    given = outputs or (StepOutputHandle(key),)
    told = [of(key, EventType.STEP_OUTPUT, StepOutputData(one, TypeCheckData())) for one in given]
    return [started(key), *told, of(key, EventType.STEP_SUCCESS, StepSuccessData(1.0))]


def rebuild(definition: Any, events: Iterable[Event]) -> tuple[ActiveExecution, list[str]]:
    active = ActiveExecution(create_plan(definition), RetryMode.ENABLED)
    active.__enter__()
    return active, [step.key for step in active.rebuild_from_events(events)]


def keys(active: ActiveExecution) -> list[str]:
    return [step.key for step in active.get_steps_to_execute()]


def test_a_state_is_what_it_was_when_it_was_taken() -> None:
    with ActiveExecution(create_plan(chain), RetryMode.ENABLED) as active:
        states = [active.get_known_state()]
        for key in "abc":
            active.get_steps_to_execute()
            active.mark_output(StepOutputHandle(key))
            if key == "b":
                active.mark_up_for_retry("b")
                active.get_steps_to_execute()
                active.mark_output(StepOutputHandle(key))
            active.mark_success(key)
            states.append(active.get_known_state())
    assert [sorted(one.step_key for one in state.ready_outputs) for state in states] == [
        [],
        ["a"],
        ["a", "b"],
        ["a", "b", "c"],
    ]
    assert [dict(state.previous_retry_attempts) for state in states] == [{}, {}, {"b": 1}, {"b": 1}]
    assert StepOutputHandle("b") not in states[1].ready_outputs
    assert "a" not in states[1].ready_outputs
    assert StepOutputHandle("b") in states[2].ready_outputs
    assert states[1].ready_outputs == frozenset({StepOutputHandle("a")})
    assert pickle.loads(pickle.dumps(states[2])) == states[2]
    assert KnownExecutionState.from_dict(states[3].to_dict()) == states[3]


def test_a_state_holds_the_mappings_that_are_known() -> None:
    with ActiveExecution(create_plan(spread), RetryMode.ENABLED) as active:
        before = active.get_known_state()
        active.get_steps_to_execute()
        active.mark_output(StepOutputHandle("gen", "result", "k"))
        active.mark_success("gen")
        assert before.dynamic_mappings == {}
        first, second = active.get_known_state(), active.get_known_state()
        assert first.dynamic_mappings == {"gen": {"result": ["k"]}}
        # What has not changed is not copied.
        assert first.dynamic_mappings is second.dynamic_mappings
        assert first.previous_retry_attempts is second.previous_retry_attempts
        for key in ("add[k]", "tot"):
            active.get_steps_to_execute()
            active.mark_output(StepOutputHandle(key))
            active.mark_success(key)


def test_states_of_every_step_of_a_long_run_copy_no_output() -> None:
    @job
    def many() -> None:
        for _ in range(2000):
            one()

    with ActiveExecution(create_plan(many), RetryMode.ENABLED) as active:
        for step in active.get_steps_to_execute():
            active.mark_output(StepOutputHandle(step.key))
            active.mark_success(step.key)
            state = active.get_known_state()
            assert isinstance(state.ready_outputs, OutputsSoFar)
            assert state.ready_outputs._outputs is active._outcomes.outputs
    assert len(state.ready_outputs) == 2000


def test_a_scheduler_goes_on_where_an_earlier_process_stopped() -> None:
    active, running = rebuild(chain, [*succeeded("a"), started("b")])
    with active:
        assert running == ["b"]
        assert active.get_steps_to_execute() == []
        for event in succeeded("b")[1:]:
            active.handle_event(event)
        assert keys(active) == ["c"]
        active.mark_output(StepOutputHandle("c"))
        active.mark_success("c")
        assert active.is_complete


def test_events_of_failures_and_retries_are_followed() -> None:
    retry = of("a", EventType.STEP_UP_FOR_RETRY, StepRetryData())
    failure = of("a", EventType.STEP_FAILURE, StepFailureData())
    again = [started("a"), retry, of("a", EventType.STEP_RESTARTED)]
    active, running = rebuild(chain, again)
    with active:
        assert running == ["a"]
        assert active.previous_attempts("a") == 1
        active.handle_event(failure)
        assert [step.key for step in active.get_steps_to_abandon()] == ["b"]
        assert [step.key for step in active.get_steps_to_abandon()] == ["c"]
    active, running = rebuild(chain, [started("a"), retry])
    with active:
        assert running == []
        assert keys(active) == ["a"]
        active.handle_event(failure)
        while active.get_steps_to_abandon():
            pass


def test_dynamic_outputs_of_an_earlier_process_are_known() -> None:
    handles = [StepOutputHandle("gen", "result", key) for key in ("x", "y")]
    active, running = rebuild(spread, [*succeeded("gen", *handles), *succeeded("add[x]")])
    with active:
        assert running == []
        assert keys(active) == ["add[y]"]
        active.mark_output(StepOutputHandle("add[y]"))
        active.mark_success("add[y]")
        assert keys(active) == ["tot"]
        active.mark_output(StepOutputHandle("tot"))
        active.mark_success("tot")


@pytest.mark.parametrize("key", ["b", "c"])
def test_events_that_cannot_be_of_this_plan_are_refused(key: str) -> None:
    with pytest.raises(CheckError, match="could not have been started"):
        rebuild(chain, [started(key)])


def test_events_are_followed_before_anything_is_handed_out() -> None:
    active, _ = rebuild(chain, [])
    active.get_steps_to_execute()
    with pytest.raises(CheckError, match="before that"):
        active.rebuild_from_events([])
