"""Resources and hooks without a run: built for a test, called directly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import plugwork as pw
from plugwork.errors import (
    CheckError,
    InvalidConfigError,
    InvalidInvocationError,
    InvariantViolationError,
    ResourceFunctionError,
    UnknownResourceError,
)

pytestmark = pytest.mark.needs_plugins


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def line(told: list[str]) -> pw.ResourceDefinition:
    @pw.resource(config_schema={"to": str})
    def line(context: pw.InitResourceContext) -> Iterator[str]:
        told.append("up")
        yield context.resource_config["to"]
        told.append("down")

    return line


class Mail(pw.ConfigurableResource):
    to: str

    def send(self) -> str:
        return f"to {self.to}"


def test_resources_of_every_kind_are_built_and_torn_down(
    line: pw.ResourceDefinition, told: list[str]
) -> None:
    given = {"line": line, "mail": Mail(to="me"), "plain": 5}
    with pw.build_resources(given, resource_config={"line": {"config": {"to": "x"}}}) as made:
        assert (made.line, made.mail.send(), made.plain) == ("x", "to me", 5)
        assert told == ["up"]
        assert not hasattr(made, "io_manager")
        with pytest.raises(UnknownResourceError, match="'nope'"):
            _ = made.nope
    assert told == ["up", "down"]


def test_a_resource_gets_those_that_it_requires() -> None:
    @pw.resource(required_resource_keys={"mail"})
    def above(context: pw.InitResourceContext) -> str:
        assert context.instance is not None
        context.log.debug("made")
        return str(context.resources.mail.send())

    with pw.build_resources({"above": above, "mail": Mail(to="you")}) as made:
        assert made.above == "to you"


def test_config_of_resources_is_checked(line: pw.ResourceDefinition, told: list[str]) -> None:
    with (
        pytest.raises(InvalidConfigError, match=r"resources.*\n.*line is required"),
        pw.build_resources({"line": line}),
    ):
        pass
    assert told == []


def test_errors_of_making_and_of_tearing_down_are_raised(told: list[str]) -> None:
    @pw.resource
    def cannot() -> None:
        raise ValueError("no")

    @pw.resource
    def clings() -> Iterator[int]:
        yield 1
        raise ValueError("stays")

    with (
        pytest.raises(ResourceFunctionError, match='making resource "a"'),
        pw.build_resources({"a": cannot}),
    ):
        pass
    with (
        pytest.raises(ResourceFunctionError, match='tearing down resource "cannot"'),
        pw.build_resources({"cannot": clings}),
    ):
        told.append("used")
    assert told == ["used"]


def test_resources_must_be_a_mapping() -> None:
    with pytest.raises(CheckError, match="must be a mapping"), pw.build_resources([1]):  # type: ignore[arg-type]  # the mistake
        pass


@pw.success_hook(required_resource_keys={"mail"})
def sends(context: pw.HookContext) -> str:
    return f"{context.step_key} {context.resources.mail.send()}"


@pw.failure_hook
def tells(context: pw.HookContext) -> Any:
    return context.op_exception


@pw.op
def add() -> None: ...


def test_a_hook_is_called_with_a_context_of_a_test() -> None:
    context = pw.build_hook_context(resources={"mail": Mail(to="me")}, op=add)
    assert sends(context) == "add to me"
    assert sends(context=context) == "add to me"
    error = ValueError("x")
    assert tells(pw.build_hook_context(op_exception=error)) is error


def test_what_a_test_did_not_give_is_named() -> None:
    context = pw.build_hook_context()
    for name in ("op", "run_id", "job_name", "instance"):
        with pytest.raises(InvalidInvocationError, match=rf"build_hook_context\({name}="):
            getattr(context, name)
    with pytest.raises(InvalidInvocationError, match="hook 'sends' requires the resource 'mail'"):
        sends(pw.build_hook_context(op=add))


def test_a_hook_context_has_what_a_test_gave() -> None:
    context = pw.build_hook_context({"a": 1}, add, "run", "job")
    assert (context.run_id, context.job_name, context.step_key) == ("run", "job", "add")
    assert (context.op_output_values, context.op_output_metadata) == ({}, {})
    assert context.resources.a == 1
    context.log.debug("nothing")


def test_a_resource_that_is_torn_down_needs_a_block(told: list[str]) -> None:
    @pw.resource
    def mail() -> Iterator[Mail]:
        yield Mail(to="gen")
        told.append("down")

    with pytest.raises(InvariantViolationError, match=r"'mail' is torn down.*with build_"):
        sends(pw.build_hook_context({"mail": mail}, op=add))
    with pw.build_hook_context({"mail": mail}, op=add) as context:
        assert sends(context) == "add to gen"
        assert told == []
    assert told == ["down"]


def test_a_resource_definition_is_called_directly(
    line: pw.ResourceDefinition, told: list[str]
) -> None:
    @pw.resource
    def plain() -> int:
        return 5

    assert plain() == 5
    with line(pw.InitResourceContext({"to": "z"}, None)) as made:
        assert made == "z"
    assert told == ["up", "down"]
    with pytest.raises(InvalidInvocationError, match=r"resource 'line' .*build_init_resource"):
        line()
    with pytest.raises(InvalidInvocationError, match="got 5"):
        line(5)
    with pytest.raises(InvalidConfigError, match="resource 'line'"):
        line(pw.InitResourceContext({"to": 5}, None))


class Line(pw.ConfigurableResource):
    mail: Mail
    name: str

    def setup_for_execution(self, context: pw.InitResourceContext) -> None:
        assert self.get_resource_context() is context


class Torn(Line):
    def teardown_after_execution(self, context: pw.InitResourceContext) -> None:
        TORN.append(self.name)


TORN: list[str] = []


def test_a_resource_class_is_used_directly_and_as_a_run_uses_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = Line(mail=Mail(to="a"), name=pw.EnvVar("NAME_OF_LINE"))
    assert line.mail.send() == "to a"
    with pytest.raises(InvalidConfigError, match="NAME_OF_LINE"):
        line.process_config_and_initialize()
    monkeypatch.setenv("NAME_OF_LINE", "n")
    made = line.process_config_and_initialize()
    assert (made.name, made.mail.to) == ("n", "a")


def test_a_resource_class_that_is_torn_down_is_used_in_a_block() -> None:
    torn = Torn(mail=Mail(to="a"), name="n")
    with pytest.raises(InvariantViolationError, match="with process_config_and_initialize_cm"):
        torn.process_config_and_initialize()
    with torn.process_config_and_initialize_cm() as made:
        assert (made.name, TORN) == ("n", [])
    assert TORN == ["n"]
    TORN.clear()


def test_a_function_wraps_a_resource_class() -> None:
    @pw.resource(config_schema=Mail.to_config_schema())
    def mail(context: pw.InitResourceContext) -> Mail:
        return Mail.from_resource_context(context)

    assert mail(pw.InitResourceContext({"to": "w"}, None)).send() == "to w"
    with pytest.raises(InvariantViolationError, match="with from_resource_context_cm"):
        Torn.from_resource_context(pw.InitResourceContext({}, None))


def test_a_resource_of_values() -> None:
    given = {"limits": pw.make_values_resource(low=int, high=int), "any": pw.make_values_resource()}
    config = {"limits": {"config": {"low": 1, "high": 2}}, "any": {"config": {"x": "y"}}}
    with pw.build_resources(given, resource_config=config) as made:
        assert (made.limits.low, made.limits.high, made.any.x) == (1, 2, "y")


def test_an_instance_that_a_resource_asked_for_outlives_it(told: list[str]) -> None:
    @pw.resource
    def keeps(context: pw.InitResourceContext) -> Iterator[int]:
        instance = context.instance
        assert instance is not None
        yield 1
        told.append(str(len(instance.get_runs())))

    with pw.build_resources({"keeps": keeps}) as made:
        assert made.keeps == 1
    assert told == ["0"]
