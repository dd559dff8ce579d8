"""Hooks of a run: called after each attempt, in order, and never changing its result."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType, Instance, RunStatus
from plugwork.errors import HookExecutionError
from plugwork.model import HookErroredData
from plugwork_testkit.streams import Told, expected

Execute = Callable[..., Told]


class Calls:
    """Hooks that note their calls."""

    def __init__(self) -> None:
        self.told: list[Any] = []

        @pw.success_hook
        def on_success(context: pw.HookContext) -> None:
            self.told.append(("success", context.step_key))

        @pw.failure_hook
        def on_failure(context: pw.HookContext) -> None:
            self.told.append(("failure", context.step_key, context.op_exception))

        @pw.failure_hook
        def breaks(context: pw.HookContext) -> None:
            raise ValueError("the hook is broken")

        @pw.event_list_hook
        def on_all(context: pw.HookContext, events: Sequence[pw.Event]) -> pw.HookExecutionResult:
            self.told.append([event.event_type.value for event in events])
            return pw.HookExecutionResult("on_all")

        self.on_success = on_success
        self.on_failure = on_failure
        self.breaks = breaks
        self.on_all = on_all


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pw.op(out={})
def good() -> None:
    pass


@pw.op(out={})
def bad() -> None:
    raise ValueError("broken")


def test_hooks_follow_the_end_of_their_step_in_order(execute: Execute, calls: Calls) -> None:
    @pw.job(hooks={calls.breaks, calls.on_failure, calls.on_success})
    def hooked() -> None:
        bad()
        good()

    told = execute(hooked)
    assert told.run.status is RunStatus.FAILURE
    assert told.steps == expected(
        "bad: START FAILURE HOOK_SKIPPED HOOK_COMPLETED HOOK_ERRORED",
        "good: START SUCCESS HOOK_COMPLETED HOOK_SKIPPED HOOK_SKIPPED",
    )
    assert [one[:2] for one in calls.told] == [("failure", "bad"), ("success", "good")]


def test_an_error_of_a_hook_is_told_and_changes_nothing(execute: Execute, calls: Calls) -> None:
    @pw.success_hook
    def exits(context: pw.HookContext) -> None:
        raise SystemExit(3)

    @pw.success_hook
    def asks(context: pw.HookContext) -> None:
        context.resources.mail.send()

    @pw.job(hooks=[exits, asks, calls.on_success])
    def hooked() -> None:
        good()

    told = execute(hooked)
    assert told.run.status is RunStatus.SUCCESS
    first, second = told.of_type(EventType.HOOK_ERRORED)
    assert first.get_event().message is None
    error = first.get_event().event_specific_data
    assert isinstance(error, HookErroredData)
    assert error.error.cls_name == "SystemExit"
    data = second.get_event().event_specific_data
    assert isinstance(data, HookErroredData)
    assert data.error.cls_name == "UnknownResourceError"
    assert calls.told == [("success", "good")]


def test_what_a_hook_raises_is_wrapped_as_the_users(execute: Execute, calls: Calls) -> None:
    @pw.job(hooks={calls.breaks})
    def hooked() -> None:
        bad()

    (entry,) = execute(hooked).of_type(EventType.HOOK_ERRORED)
    data = entry.get_event().event_specific_data
    assert isinstance(data, HookErroredData)
    assert data.error.cls_name == HookExecutionError.__name__
    assert 'hook "breaks" of step "bad"' in data.error.message
    assert data.error.cause is not None
    assert data.error.cause.message == "ValueError: the hook is broken\n"


def test_an_attempt_that_is_followed_by_another_skips_both_kinds(
    execute: Execute, calls: Calls
) -> None:
    tries: list[int] = []

    @pw.op(out={}, retry_policy=pw.RetryPolicy(max_retries=1))
    def flaky() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("first")

    @pw.job(hooks=[calls.on_success, calls.on_failure, calls.on_all])
    def hooked() -> None:
        flaky()

    told = execute(hooked)
    assert told.steps == expected(
        "flaky: START UP_FOR_RETRY HOOK_SKIPPED HOOK_SKIPPED HOOK_COMPLETED",
        "flaky: RESTARTED SUCCESS HOOK_COMPLETED HOOK_SKIPPED HOOK_COMPLETED",
    )
    assert calls.told == [
        ["STEP_START", "STEP_UP_FOR_RETRY"],
        ("success", "flaky"),
        ["STEP_RESTARTED", "STEP_SUCCESS"],
    ]
    hooks = [one for one in told.entries if one.event and one.event.is_hook_event]
    assert [one.attempt for one in hooks] == [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("policy", [None, pw.RetryPolicy(max_retries=1)])
def test_a_failure_hook_gets_what_the_step_raised(
    execute: Execute, calls: Calls, policy: pw.RetryPolicy | None
) -> None:
    @pw.job(hooks={calls.on_failure}, op_retry_policy=policy)
    def hooked() -> None:
        bad()

    execute(hooked)
    ((_, _, error),) = calls.told
    assert isinstance(error, ValueError)
    assert str(error) == "broken"


def test_an_intentional_failure_reaches_the_hook_as_it_was_raised(
    execute: Execute, calls: Calls
) -> None:
    @pw.op(out={})
    def refuses() -> None:
        raise pw.Failure("not today")

    @pw.job(hooks={calls.on_failure})
    def hooked() -> None:
        refuses()

    execute(hooked)
    ((_, _, error),) = calls.told
    assert isinstance(error, pw.Failure)
    assert error.description == "not today"


def test_a_failure_hook_is_called_also_when_the_caller_gets_the_error(calls: Calls) -> None:
    @pw.job(hooks={calls.on_failure})
    def hooked() -> None:
        bad()

    with pytest.raises(ValueError, match="broken"):
        hooked.execute_in_process()
    assert [one[0] for one in calls.told] == ["failure"]


def test_a_hook_sees_the_step_its_outputs_and_what_was_told_of_them(execute: Execute) -> None:
    seen: dict[str, Any] = {}

    @pw.success_hook
    def looks(context: pw.HookContext) -> None:
        seen[context.step_key] = (
            context.op_output_values,
            context.op_output_metadata,
            context.op.name,
            context.op_config,
            context.op_exception,
        )
        assert context.job_name == "seen_job"
        assert context.hook_def is looks
        assert context.instance.get_run_by_id(context.run_id)
        context.log.info("looked at %s", context.step_key)

    @pw.op(out={"one": pw.Out(), "many": pw.DynamicOut()}, config_schema={"n": int})
    def gives(context: pw.OpExecutionContext) -> Iterator[Any]:
        yield pw.Output(1, "one", metadata={"rows": 7})
        for key in ("a", "b"):
            yield pw.DynamicOutput(key * 2, key, "many")

    @pw.job(hooks={looks})
    def seen_job() -> None:
        gives.alias("first")()

    told = execute(seen_job, {"ops": {"first": {"config": {"n": 4}}}})
    values, metadata, name, config, error = seen["first"]
    assert values == {"one": 1, "many": {"a": "aa", "b": "bb"}}
    assert metadata["one"]["rows"].value == 7
    assert metadata["many"] == {"a": {}, "b": {}}
    assert (name, config, error) == ("first", {"n": 4}, None)
    assert "looked at first" in [entry.user_message for entry in told.entries]


def test_a_hook_gets_the_resources_that_it_requires_and_no_other(execute: Execute) -> None:
    sent: list[Any] = []

    @pw.resource
    def mail() -> Iterator[list[Any]]:
        sent.append("up")
        yield sent
        sent.append("down")

    @pw.success_hook(required_resource_keys={"mail"})
    def sends(context: pw.HookContext) -> None:
        context.resources.mail.append(context.required_resource_keys)
        assert not hasattr(context.resources, "other")

    @pw.job(hooks={sends}, resource_defs={"mail": mail, "other": 5})
    def hooked() -> None:
        good()

    assert execute(hooked).run.status is RunStatus.SUCCESS
    assert sent == ["up", frozenset({"mail"}), "down"]


def test_a_resource_that_only_a_hook_requires_must_be_there(calls: Calls) -> None:
    @pw.success_hook(required_resource_keys={"mail"})
    def sends(context: pw.HookContext) -> None:
        pass

    with pytest.raises(pw.InvalidDefinitionError, match=r"hook 'sends' needs the resource 'mail'"):

        @pw.job(hooks={sends}, resource_defs={"other": 5})
        def hooked() -> None:
            good()


def test_a_hook_written_over_a_job_or_given_to_one_use(execute: Execute, calls: Calls) -> None:
    @calls.on_success
    @pw.job
    def hooked() -> None:
        good()

    execute(hooked)
    assert calls.told == [("success", "good")]
    calls.told.clear()

    @pw.job
    def partly() -> None:
        good()
        good.with_hooks({calls.on_success})()

    execute(partly)
    assert calls.told == [("success", "good_2")]


def test_the_end_of_the_step_is_stored_before_its_hooks_are_called(instance: Instance) -> None:
    stored: list[list[Any]] = []

    @pw.success_hook
    def reads(context: pw.HookContext) -> None:
        entries = context.instance.all_logs(context.run_id)
        stored.append([entry.event_type for entry in entries])

    @pw.job(hooks={reads})
    def hooked() -> None:
        good()

    hooked.execute_in_process(instance=instance)
    assert stored[0][-1] is EventType.STEP_SUCCESS


def test_a_signal_in_a_hook_stops_the_run(execute: Execute, calls: Calls) -> None:
    @pw.success_hook
    def interrupted(context: pw.HookContext) -> None:
        signal.raise_signal(signal.SIGTERM)

    @pw.job(hooks=[interrupted, calls.on_success])
    def hooked() -> None:
        good()
        good()

    told = execute(hooked)
    assert told.run.status is RunStatus.FAILURE
    assert told.steps == expected(
        "good: START SUCCESS HOOK_ERRORED",
    )
    assert calls.told == []


def test_an_interrupted_step_calls_no_hook(execute: Execute, calls: Calls) -> None:
    @pw.op(out={})
    def stops() -> None:
        signal.raise_signal(signal.SIGTERM)

    @pw.job(hooks=[calls.on_failure, calls.on_all])
    def hooked() -> None:
        stops()

    execute(hooked)
    assert calls.told == []


def test_an_event_list_hook_that_returns_something_else_is_an_error(execute: Execute) -> None:
    @pw.event_list_hook
    def odd(context: pw.HookContext, events: Sequence[pw.Event]) -> Any:
        return True

    @pw.job(hooks={odd})
    def hooked() -> None:
        good()

    told = execute(hooked)
    (entry,) = told.of_type(EventType.HOOK_ERRORED)
    data = entry.get_event().event_specific_data
    assert isinstance(data, HookErroredData)
    assert "hook 'odd' must return a HookExecutionResult, got True" in data.error.message
