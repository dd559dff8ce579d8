"""Hooks as definitions: names, parameters, order, direct calls."""

from __future__ import annotations

from typing import Any

import pytest

from plugwork import (
    HookDefinition,
    HookExecutionResult,
    event_list_hook,
    failure_hook,
    success_hook,
)
from plugwork.definitions.hook_binding import attached_hooks
from plugwork.errors import InvalidDefinitionError, InvalidInvocationError


@success_hook
def first(context: Any) -> Any:
    """Tell."""
    return context


@failure_hook(required_resource_keys={"mail"})
def second(context: Any) -> None:
    pass


@event_list_hook
def third(context: Any, events: Any) -> HookExecutionResult:
    return HookExecutionResult("third", is_skipped=True)


def test_a_hook_has_the_name_and_text_of_its_function() -> None:
    assert (first.name, first.__doc__) == ("first", "Tell.")
    assert third.name == "third"


def test_a_hook_takes_another_name_and_the_resources_it_needs() -> None:
    @success_hook(name="told", required_resource_keys={"mail"})
    def anything(context: Any) -> None:
        pass

    @failure_hook("named")
    def nothing(context: Any) -> None:
        pass

    assert (anything.name, anything.required_resource_keys) == ("told", frozenset({"mail"}))
    assert second.required_resource_keys == {"mail"}
    assert nothing.name == "named"


def test_a_direct_call_runs_the_function() -> None:
    assert first("context") == "context"
    assert first(context="context") == "context"
    with pytest.raises(InvalidInvocationError, match="hook 'first'"):
        first()


def test_a_hook_of_parts_is_called_with_context_and_events() -> None:
    made = HookDefinition(name="made", hook_fn=lambda context, events: HookExecutionResult("made"))
    assert made("context", []).is_skipped is False


def test_hooks_of_a_set_come_in_the_order_in_which_they_were_defined() -> None:
    for _ in range(5):
        assert attached_hooks({third, first, second}, "job 'j'") == (first, second, third)


def test_hooks_of_a_list_keep_their_order_each_once() -> None:
    assert attached_hooks([third, first, third], "job 'j'") == (third, first)
    assert attached_hooks(None, "job 'j'") == ()


def _no_context() -> None:
    pass


def _other_name(ctx: Any) -> None:
    pass


def _two(context: Any, more: Any) -> None:
    pass


@pytest.mark.parametrize("fn", [_no_context, _other_name])
@pytest.mark.parametrize("decorator", [success_hook, failure_hook, event_list_hook])
def test_the_first_parameter_must_be_the_context(decorator: Any, fn: Any) -> None:
    with pytest.raises(InvalidDefinitionError, match=f"{fn.__name__}.*'context'.*{__file__}"):
        decorator(fn)


@pytest.mark.parametrize("decorator", [success_hook, failure_hook])
def test_an_end_hook_takes_one_parameter(decorator: Any) -> None:
    with pytest.raises(InvalidDefinitionError, match=r"'_two'.*one parameter, context.*more"):
        decorator(_two)


def test_an_event_list_hook_takes_two_parameters() -> None:
    with pytest.raises(InvalidDefinitionError, match=r"'one'.*two parameters: context, events"):

        @event_list_hook
        def one(context: Any) -> Any:
            pass


@pytest.mark.parametrize("decorator", [success_hook, failure_hook])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "a-b"}, "'a-b' is no name for the hook"),
        ({"required_resource_keys": "mail"}, "hook 'one'.*set of names.*'mail'"),
        ({"required_resource_keys": {"a b"}}, "'a b' is no name for the resource key.*hook 'one'"),
        ({"required_resource_keys": 5}, "hook 'one'.*set of names.*5"),
    ],
)
def test_wrong_names_are_refused(decorator: Any, arguments: dict[str, Any], message: str) -> None:
    def one(context: Any) -> None:
        pass

    with pytest.raises(InvalidDefinitionError, match=message):
        decorator(**arguments)(one)


@pytest.mark.parametrize("wrong", [first, "first", 5, [print], [None]])
def test_what_is_no_hook_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidDefinitionError, match="job 'j'"):
        attached_hooks(wrong, "job 'j'")
