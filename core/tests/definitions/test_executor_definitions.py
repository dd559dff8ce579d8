from __future__ import annotations

from typing import Any

import pytest

from plugwork import ExecutorDefinition, ExecutorRequirement, executor
from plugwork.abc import InitExecutorContext
from plugwork.definitions.configured import checked_config
from plugwork.errors import InvalidConfigError, InvalidDefinitionError

NEEDS = [ExecutorRequirement.RECONSTRUCTABLE_JOB]


class Sample:
    def execute(self) -> None: ...


def made(definition: ExecutorDefinition, config: object) -> Any:
    assert definition.executor_creation_fn is not None
    settled = checked_config(definition.config_field, {} if config is None else config, "it")
    context = InitExecutorContext(None, definition, settled, None)  # type: ignore[arg-type]  # not looked at
    return definition.executor_creation_fn(context)


def test_a_bare_decorator_takes_the_functions_name() -> None:
    @executor
    def mine(context): ...

    assert (mine.name, mine.get_requirements({})) == ("mine", [])


def test_requirements_may_depend_on_the_config() -> None:
    @executor(name="n", config_schema={"far": bool}, requirements=lambda c: NEEDS * c["far"])
    def mine(context): ...

    assert mine.get_requirements({"far": True}) == NEEDS
    assert mine.get_requirements({"far": False}) == []


def test_a_function_without_the_context_parameter_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="must take one argument"):

        @executor
        def mine(): ...

    with pytest.raises(InvalidDefinitionError, match="must take one argument"):

        @executor(name="x")
        def other(context, more): ...


def test_configured_keeps_name_and_requirements() -> None:
    @executor(config_schema={"n": int}, requirements=NEEDS)
    def mine(context):
        return context.executor_config

    same = mine.configured({"n": 3})
    named = mine.configured(lambda c: {"n": c["m"] + 1}, name="named", config_schema={"m": int})
    assert (same.name, same.get_requirements({})) == ("mine", NEEDS)
    assert made(same, None) == {"n": 3}
    assert (named.name, made(named, {"m": 1})) == ("named", {"n": 2})


def test_the_result_of_a_configuring_function_is_checked() -> None:
    @executor(config_schema={"n": int})
    def mine(context): ...

    with pytest.raises(InvalidConfigError, match="function of executor 'mine' gives: n must be"):
        made(mine.configured(lambda c: {"n": "x"}), {})


def test_a_ready_executor_is_wrapped() -> None:
    ready = Sample()
    assert made(ExecutorDefinition.hardcoded_executor(ready), {}) is ready  # type: ignore[arg-type]  # a stand-in


def test_a_definition_cannot_be_changed() -> None:
    definition = ExecutorDefinition("x")
    with pytest.raises(AttributeError):
        definition.name = "y"  # type: ignore[misc]  # on purpose
