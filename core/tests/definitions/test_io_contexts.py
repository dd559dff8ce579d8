from __future__ import annotations

import pytest

from plugwork import InMemoryIOManager, InputContext, OutputContext, input_manager
from plugwork.definitions.resource import InitResourceContext
from plugwork.errors import InvariantViolationError


def output(**more: object) -> OutputContext:
    return OutputContext(step_key="s", name="result", run_id="r", **more)  # type: ignore[arg-type]  # keywords vary


def test_a_value_is_named_by_run_step_output_and_mapping_key() -> None:
    assert output().get_identifier() == ["r", "s", "result"]
    assert output(mapping_key="k").get_identifier() == ["r", "s", "result", "k"]
    assert InputContext(upstream_output=output()).get_identifier() == ["r", "s", "result"]


def test_without_run_or_upstream_there_is_no_identifier() -> None:
    with pytest.raises(InvariantViolationError, match="without run, step or name"):
        OutputContext(name="x").get_identifier()
    with pytest.raises(InvariantViolationError, match="no output feeds the input 'x'"):
        InputContext(name="x").get_identifier()


def test_metadata_of_the_op_wins_over_that_of_the_definition() -> None:
    context = output(definition_metadata={"a": 1, "b": 1}, output_metadata={"b": 2})
    assert context.metadata == {"a": 1, "b": 2}


def test_metadata_is_added_once() -> None:
    context = output()
    context.add_output_metadata({"rows": 3})
    with pytest.raises(InvariantViolationError, match="'rows' already"):
        context.add_output_metadata({"rows": 4})
    assert context.get_logged_metadata() == {"rows": 3}


def test_what_needs_a_running_step_says_so() -> None:
    with pytest.raises(InvariantViolationError, match="no step is running"):
        _ = output().log
    with pytest.raises(InvariantViolationError, match="no step is running"):
        _ = InputContext().resources


def test_memory_gives_back_what_it_was_given() -> None:
    manager = InMemoryIOManager()
    manager.handle_output(output(), [1])
    assert manager.load_input(InputContext(upstream_output=output())) == [1]


def test_memory_that_lacks_a_value_says_what_to_do() -> None:
    with pytest.raises(InvariantViolationError, match=r"r/s/result.*fs_io_manager"):
        InMemoryIOManager().load_input(InputContext(upstream_output=output()))


def test_an_input_manager_is_a_function_of_the_context() -> None:
    @input_manager(config_schema={"n": int})
    def reader(context):
        return context.resource_config["n"]

    with reader.open(InitResourceContext({"n": 3}, None)) as manager:
        assert manager.load_input(InputContext(resource_config={"n": 4})) == 4
