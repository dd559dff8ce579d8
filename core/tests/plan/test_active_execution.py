from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from plugwork import DynamicOut, In, Nothing, Out, graph, job, op
from plugwork.abc import RetryMode
from plugwork.errors import (
    CheckError,
    ExecutionInterruptedError,
    InvariantViolationError,
    UnknownStepStateError,
)
from plugwork.model import Event, EventType, StepOutputHandle
from plugwork.model.payloads import StepOutputData, StepRetryData, TypeCheckData
from plugwork.plan import ActiveExecution, create_plan

#: Drives a plan to its end; see the fixture.
Drive = Callable[..., Any]


@op
def one() -> int:
    return 1


@op
def a_op() -> None: ...


@op
def z_op() -> None: ...


@op
def add(x: int, y: int = 0) -> int:
    return x + y


@op
def tot(xs: list[int]) -> int:
    return sum(xs)


@op(out=Out(int, is_required=False))
def maybe(): ...


@op(out={"a": Out(is_required=False), "b": Out(is_required=False)})
def branch(): ...


@op(out=DynamicOut(int))
def gen(): ...


@op(out=DynamicOut(int, is_required=False))
def maybe_gen(x=0): ...


class FakeClock:
    def __init__(self) -> None:
        self.time = 100.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def wait(self, event: threading.Event, timeout: float) -> bool:
        self.waits.append(timeout)
        self.time += timeout
        return event.is_set()


def active_of(definition, mode: RetryMode = RetryMode.ENABLED, **more) -> ActiveExecution:
    return ActiveExecution(create_plan(definition), mode, **more)


def keys(steps) -> list[str]:
    return [step.key for step in steps]


def give(active: ActiveExecution, key: str, *outputs: str) -> None:
    for name in outputs or ("result",):
        active.mark_output(StepOutputHandle(key, name))
    active.mark_success(key)


def test_a_step_runs_when_all_before_it_have_ended() -> None:
    @job
    def j():
        add(one(), one())

    with active_of(j) as active:
        assert keys(active.get_steps_to_execute()) == ["one", "one_2"]
        give(active, "one")
        assert active.get_steps_to_execute() == []
        give(active, "one_2")
        assert keys(active.get_steps_to_execute()) == ["add"]
        give(active, "add")
        assert active.is_complete


def test_a_higher_priority_runs_first_and_text_that_is_no_number_counts_as_zero(
    drive: Drive,
) -> None:
    @job
    def j():
        z_op.tag({"priority": 5})()
        a_op.tag({"priority": "high"})()
        one.tag({"priority": -1})()

    assert drive(create_plan(j)).executed == ["z_op", "a_op", "one"]


def test_among_equals_what_was_ready_first_runs_first(drive: Drive) -> None:
    @job
    def j():
        add.alias("after_a")(one.alias("a")())
        add.alias("after_b")(one.alias("b")())

    assert drive(create_plan(j)).executed == ["a", "b", "after_a", "after_b"]


def test_a_limit_is_kept() -> None:
    @job
    def j():
        for _ in range(5):
            one()

    with active_of(j) as active:
        assert len(active.get_steps_to_execute(limit=2)) == 2
        assert len(active.get_steps_to_execute(limit=9)) == 3
        assert len(active.in_flight) == 5
        for key in active.in_flight:
            active.mark_failed(key)


def test_a_missing_optional_output_skips_all_that_needs_it(drive: Drive) -> None:
    @job
    def j():
        found = branch()
        add.alias("d2")(add.alias("db")(found.b))
        add.alias("da")(found.a)

    driver = drive(create_plan(j), withholds=[("branch", "b")])
    assert driver.executed == ["branch", "da"]
    assert driver.skipped == ["db", "d2"]


def test_a_failure_abandons_what_depends_on_it_and_nothing_else(drive: Drive) -> None:
    @job
    def j():
        add.alias("d2")(add.alias("d1")(one.alias("bad")()))
        one.alias("indep")()

    driver = drive(create_plan(j), fails=["bad"])
    assert driver.executed == ["bad", "indep"]
    assert driver.abandoned == ["d1", "d2"]
    assert driver.skipped == []


def test_skipping_comes_before_abandoning(drive: Drive) -> None:
    @job
    def j():
        add(maybe(), one.alias("bad")())

    driver = drive(create_plan(j), fails=["bad"], withholds=[("maybe", "result")])
    assert (driver.skipped, driver.abandoned) == (["add"], [])


@pytest.mark.parametrize(
    ("withheld", "skipped"), [(["maybe"], []), (["maybe", "maybe_2"], ["tot"])]
)
def test_a_list_lacks_only_when_all_its_members_do(
    drive: Drive, withheld: list[str], skipped: list[str]
) -> None:
    @job
    def j():
        tot([maybe(), maybe()])

    driver = drive(create_plan(j), withholds=[(key, "result") for key in withheld])
    assert driver.skipped == skipped


def test_a_list_of_one_skipped_and_one_failed_member_is_abandoned(drive: Drive) -> None:
    @job
    def j():
        tot([maybe(), one()])

    driver = drive(create_plan(j), fails=["one"], withholds=[("maybe", "result")])
    assert (driver.skipped, driver.abandoned) == ([], ["tot"])


def test_order_only_inputs_wait_and_fail_like_others(drive: Drive) -> None:
    @op(ins={"after": In(Nothing)})
    def last(): ...

    @job
    def j():
        last(after=[a_op(), z_op()])

    assert drive(create_plan(j)).executed == ["a_op", "z_op", "last"]
    assert drive(create_plan(j), fails=["z_op"]).abandoned == ["last"]


def test_mapped_steps_run_in_the_order_of_their_keys_and_are_collected(drive: Drive) -> None:
    @job
    def j():
        tot(gen().map(lambda n: add(add(n))).collect())

    driver = drive(create_plan(j), mapping_keys=["b", "a"])
    assert driver.executed == ["gen", "add[b]", "add[a]", "add_2[b]", "add_2[a]", "tot"]
    members = driver.plan.step("tot").inputs[0].source.handles
    assert [one.step_key for one in members] == ["add_2[b]", "add_2[a]"]


def test_an_empty_required_dynamic_output_is_collected_as_an_empty_list(drive: Drive) -> None:
    @job
    def j():
        add(tot(gen().map(add).collect()))

    driver = drive(create_plan(j))
    assert driver.executed == ["gen", "tot", "add_2"]
    assert driver.plan.step("tot").inputs[0].source.handles == ()


def test_an_empty_optional_dynamic_output_skips_what_collects_it(drive: Drive) -> None:
    @job
    def j():
        add(tot(maybe_gen().map(add).collect()))

    driver = drive(create_plan(j))
    assert (driver.executed, driver.skipped) == (["maybe_gen"], ["tot", "add_2"])


def test_a_skipped_dynamic_step_skips_what_collects_it(drive: Drive) -> None:
    @job
    def j():
        tot(maybe_gen(maybe()).map(add).collect())

    driver = drive(create_plan(j), withholds=[("maybe", "result")])
    assert (driver.executed, driver.skipped) == (["maybe"], ["maybe_gen", "tot"])


def test_one_failed_sibling_abandons_the_collecting_step_only(drive: Drive) -> None:
    @job
    def j():
        tot(gen().map(lambda n: add(add(n))).collect())

    driver = drive(create_plan(j), fails=["add[b]"], mapping_keys="abc")
    assert driver.executed == ["gen", "add[a]", "add[b]", "add[c]", "add_2[a]", "add_2[c]"]
    assert driver.abandoned == ["add_2[b]", "tot"]


def test_a_failed_dynamic_step_abandons_its_templates(drive: Drive) -> None:
    @job
    def j():
        tot(gen().map(add).collect())

    assert drive(create_plan(j), fails=["gen"]).abandoned == ["add[?]", "tot"]


def test_two_mappings_meet_in_one_step(drive: Drive) -> None:
    @op
    def join(xs, ys): ...

    @job
    def j():
        join(gen().map(add).collect(), gen().map(add).collect())

    fine = drive(create_plan(j), mapping_keys={"gen": "ab", "gen_2": "c"})
    assert fine.executed == ["gen", "gen_2", "add[a]", "add[b]", "add_2[c]", "join"]
    broken = drive(create_plan(j), fails=["gen_2"], mapping_keys="ab")
    assert broken.abandoned == ["add_2[?]", "join"]
    assert broken.executed == ["gen", "gen_2", "add[a]", "add[b]"]


def test_a_mapped_step_waits_for_a_plain_one_too(drive: Drive) -> None:
    @job
    def j():
        other = add(add(one()))
        gen().map(lambda n: add.alias("both")(n, other))

    driver = drive(create_plan(j), mapping_keys="ab")
    assert driver.executed == ["gen", "one", "add", "add_2", "both[a]", "both[b]"]
    assert drive(create_plan(j), fails=["add"], mapping_keys="a").abandoned == [
        "add_2",
        "both[a]",
    ]


def test_a_mapped_graph_runs_for_each_key(drive: Drive) -> None:
    @graph
    def twice(x):
        return add(add(x))

    @job
    def j():
        tot(gen().map(twice).collect())

    driver = drive(create_plan(j), mapping_keys="ab")
    assert driver.executed[1:] == [
        "twice.add[a]",
        "twice.add[b]",
        "twice.add_2[a]",
        "twice.add_2[b]",
        "tot",
    ]


def event(kind: EventType, key: str, data: object = None) -> Event:
    return Event(kind, "j", data, step_key=key)  # type: ignore[arg-type]  # payloads vary


def test_events_move_the_steps() -> None:
    @job
    def j():
        add(one())

    with active_of(j) as active:
        active.get_steps_to_execute()
        output = StepOutputData(StepOutputHandle("one"), TypeCheckData())
        active.handle_event(event(EventType.STEP_START, "one"))
        active.handle_event(event(EventType.STEP_OUTPUT, "one", output))
        active.handle_event(event(EventType.STEP_UP_FOR_RETRY, "one", StepRetryData()))
        assert keys(active.get_steps_to_execute()) == ["one"]
        assert active.previous_attempts("one") == 1
        active.handle_event(event(EventType.STEP_OUTPUT, "one", output))
        active.handle_event(event(EventType.STEP_SUCCESS, "one", _success()))
        assert keys(active.get_steps_to_execute()) == ["add"]
        active.handle_event(event(EventType.STEP_FAILURE, "add", _failure()))
        assert active.failed == ["add"]


def _success() -> object:
    from plugwork.model.payloads import StepSuccessData

    return StepSuccessData(1.0)


def _failure() -> object:
    from plugwork.model.payloads import StepFailureData

    return StepFailureData()


def test_a_skip_from_outside_is_refused() -> None:
    @job
    def j():
        one()

    with active_of(j) as active:
        active.get_steps_to_execute()
        with pytest.raises(CheckError, match="skipped from outside"):
            active.handle_event(event(EventType.STEP_SKIPPED, "one"))
        active.mark_failed("one")


def test_a_step_that_is_not_running_cannot_end() -> None:
    @job
    def j():
        one()

    with pytest.raises(CheckError, match="'one' is not running"), active_of(j) as active:
        active.mark_success("one")


def test_a_retry_waits_as_long_as_it_asked_for() -> None:
    @job
    def j():
        one()
        z_op()

    clock = FakeClock()
    with active_of(j, clock=clock) as active:
        active.get_steps_to_execute()
        active.mark_up_for_retry("one", 5.0)
        give(active, "z_op")
        assert active.get_steps_to_execute() == []
        assert active.seconds_til_ready() == 5.0
        active.sleep_til_ready()
        assert clock.waits == [5.0]
        assert keys(active.get_steps_to_execute()) == ["one"]
        give(active, "one")
        assert active.seconds_til_ready() is None


def test_a_retry_at_once_goes_behind_what_was_ready() -> None:
    @job
    def j():
        one.alias("a")()
        one.alias("b")()

    with active_of(j) as active:
        assert keys(active.get_steps_to_execute(limit=1)) == ["a"]
        active.mark_up_for_retry("a")
        for key in ("b", "a"):
            assert keys(active.get_steps_to_execute(limit=1)) == [key]
            give(active, key)


def test_a_deferred_retry_abandons_the_step_here() -> None:
    @job
    def j():
        one()

    with active_of(j, RetryMode.DEFERRED) as active:
        active.get_steps_to_execute()
        active.mark_up_for_retry("one")
        assert active.is_complete
        assert active.get_known_state().previous_retry_attempts == {"one": 1}


def test_a_retry_where_retries_are_disabled_is_refused() -> None:
    @job
    def j():
        one()

    with active_of(j, RetryMode.DISABLED) as active:
        active.get_steps_to_execute()
        with pytest.raises(CheckError, match="retries are disabled"):
            active.mark_up_for_retry("one")
        active.mark_failed("one")


def test_mapping_keys_of_a_failed_attempt_are_forgotten() -> None:
    @job
    def j():
        gen().map(add)

    with active_of(j) as active:
        active.get_steps_to_execute()
        active.mark_output(StepOutputHandle("gen", "result", "old"))
        active.mark_up_for_retry("gen")
        active.get_steps_to_execute()
        active.mark_output(StepOutputHandle("gen", "result", "new"))
        active.mark_success("gen")
        assert keys(active.get_steps_to_execute()) == ["add[new]"]
        give(active, "add[new]")


def test_a_step_without_an_end_is_of_unknown_state() -> None:
    @job
    def j():
        add(one())

    lines: list[tuple[int, str, str]] = []
    context: Any = SimpleNamespace(emitter=SimpleNamespace(line=lambda *one: lines.append(one)))

    def lose() -> None:
        with active_of(j) as active:
            active.get_steps_to_execute()
            assert not active.verify_complete(context, "one")
            assert active.verify_complete(context, "one")
            assert keys(active.get_steps_to_abandon()) == ["add"]

    with pytest.raises(UnknownStepStateError, match="ended: one"):
        lose()
    assert [(level, key) for level, _, key in lines] == [(logging.ERROR, "one")]


def test_leaving_early_is_a_defect_unless_interrupted() -> None:
    @job
    def j():
        add(one())

    with pytest.raises(InvariantViolationError, match="executable: one"), active_of(j):
        pass
    with pytest.raises(ExecutionInterruptedError), active_of(j) as active:
        active.mark_interrupted()


def test_an_error_inside_passes_through() -> None:
    @job
    def j():
        one()

    with pytest.raises(KeyError), active_of(j):
        raise KeyError("inside")


def test_it_is_used_in_a_with_block_only() -> None:
    @job
    def j():
        one()

    with pytest.raises(CheckError, match="'with' block"):
        active_of(j).get_steps_to_execute()


def test_an_early_start_needs_the_output_only() -> None:
    @job
    def j():
        add(one())

    with active_of(j, require_upstream_success=False) as active:
        active.get_steps_to_execute()
        active.mark_output(StepOutputHandle("one"))
        assert keys(active.get_steps_to_execute()) == ["add"]
        give(active, "add")
        active.mark_success("one")


def test_known_state_tells_what_another_process_must_know() -> None:
    @job
    def j():
        tot(gen().map(add).collect())

    with active_of(j) as active:
        active.get_steps_to_execute()
        active.mark_output(StepOutputHandle("gen", "result", "k"))
        active.mark_success("gen")
        state = active.get_known_state()
        active.get_steps_to_execute()
        give(active, "add[k]")
        active.get_steps_to_execute()
        give(active, "tot")
    assert state.dynamic_mappings == {"gen": {"result": ["k"]}}
    assert state.ready_outputs == {StepOutputHandle("gen", "result", "k")}
    child = create_plan(j, step_keys_to_execute=["add[k]"], known_state=state)
    assert keys(child.steps) == ["add[k]"]


def test_work_grows_with_the_steps_not_with_their_square(drive: Drive) -> None:
    @job
    def chain():
        value = one()
        for _ in range(2000):
            value = add(value)

    @job
    def fan():
        first = one()
        tot([add(first) for _ in range(2000)])

    assert len(drive(create_plan(chain)).executed) == 2001
    assert len(drive(create_plan(fan)).executed) == 2002
