"""Contexts that unit tests make for resources, loggers, IO managers and input managers."""

from __future__ import annotations

import gc
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugwork import (
    AssetMaterialization,
    Config,
    InMemoryIOManager,
    InputContext,
    OutputContext,
    build_init_logger_context,
    build_init_resource_context,
    build_input_context,
    build_op_context,
    build_output_context,
    input_manager,
    io_manager,
    logger,
    resource,
)
from plugwork.errors import (
    InvalidConfigError,
    InvalidInvocationError,
    InvariantViolationError,
    UnknownResourceError,
)


def test_an_io_manager_stores_and_loads_what_it_is_given() -> None:
    manager = InMemoryIOManager()
    stored = build_output_context(step_key="one", name="result", run_id="r", mapping_key="k")
    manager.handle_output(stored, 5)
    assert isinstance(stored, OutputContext)
    assert stored.get_identifier() == ["r", "one", "result", "k"]
    loaded = build_input_context(name="x", upstream_output=stored)
    assert isinstance(loaded, InputContext)
    assert manager.load_input(loaded) == 5


def test_an_output_context_has_what_it_is_given() -> None:
    context = build_output_context(
        name="a",
        definition_metadata={"table": "t", "rows": 0},
        output_metadata={"rows": 3},
        config={"mode": "append"},
        type=list[int],
        resource_config={"base": "x"},
        asset_key=["lake", "table"],
        partition_key="2024",
    )
    assert context.metadata == {"table": "t", "rows": 3}
    assert (context.config, context.resource_config) == ({"mode": "append"}, {"base": "x"})
    assert context.type is not None
    assert context.type.name == "List[Int]"
    assert context.get_asset_identifier() == ["lake", "table", "2024"]
    assert context.run_id == "EPHEMERAL"
    context.log.info("stored")
    context.add_output_metadata({"bytes": 1})
    context.log_event(AssetMaterialization("lake"))
    assert context.get_logged_metadata() == {"bytes": 1}
    assert len(context.get_logged_events()) == 1


def test_what_was_not_given_is_told_when_it_is_asked_for() -> None:
    with pytest.raises(InvariantViolationError, match="no identifier"):
        build_output_context().get_identifier()
    with pytest.raises(InvariantViolationError, match="no output feeds the input"):
        build_input_context(name="x").get_identifier()
    with pytest.raises(InvariantViolationError, match="asset key"):
        _ = build_input_context(name="x").asset_key
    with pytest.raises(InvariantViolationError, match="range of asset partitions"):
        _ = build_output_context().asset_partition_key_range
    assert build_input_context(asset_partition_key_range=("a", "b")).has_asset_partitions


@pytest.mark.needs_plugins
def test_resources_of_io_contexts_are_torn_down_with_them() -> None:
    told: list[str] = []

    @resource
    def connection() -> Iterator[str]:
        told.append("up")
        yield "lake"
        told.append("down")

    for build in (build_output_context, build_input_context, build_init_resource_context):
        told.clear()
        with build(resources={"db": connection}) as context:
            assert context.resources.db == "lake"
            with pytest.raises(UnknownResourceError):
                _ = context.resources.other
            assert told == ["up"]
        assert told == ["up", "down"]
        with pytest.raises(InvariantViolationError, match="must be opened"):
            _ = build(resources={"db": connection}).resources.db


def test_an_input_context_gives_an_instance() -> None:
    marker: Any = object()
    assert build_input_context(instance=marker).instance is marker


class Limits(Config):
    size: int = 3


@pytest.mark.needs_plugins
def test_a_resource_is_made_from_a_context() -> None:
    @resource(config_schema={"size": int}, required_resource_keys={"unit"})
    def box(context: Any) -> tuple[int, str]:
        return context.resource_config["size"], context.resources.unit

    given = build_init_resource_context(config={"size": 2}, resources={"unit": "m"})
    assert box(given) == (2, "m")
    assert build_init_resource_context(config=Limits(size=1)).resource_config == {"size": 1}
    with pytest.raises(InvalidConfigError, match="size"):
        box(build_init_resource_context(config={"size": "big"}))


@pytest.mark.needs_plugins
def test_a_resource_whose_function_yields_is_opened() -> None:
    @resource
    def box() -> Iterator[int]:
        yield 3

    with box() as made:
        assert made == 3


def test_an_io_manager_is_made_as_a_resource_is() -> None:
    @io_manager(config_schema={"base": str})
    def shelf(context: Any) -> Any:
        return ("shelf", context.resource_config["base"])

    @input_manager
    def reader(context: InputContext) -> str:
        return f"read {context.name}"

    assert shelf(build_init_resource_context(config={"base": "x"})) == ("shelf", "x")
    assert reader().load_input(build_input_context(name="x")) == "read x"


def test_a_logger_is_made_from_a_context() -> None:
    @logger(config_schema={"name": str})
    def named(context: Any) -> logging.Logger:
        return logging.getLogger(context.logger_config["name"])

    assert named(build_init_logger_context(logger_config={"name": "z"})).name == "z"
    with pytest.raises(InvalidConfigError, match="logger 'named'"):
        named(build_init_logger_context(logger_config={"name": 1}))
    with pytest.raises(InvalidConfigError, match="config is required"):
        named()
    with pytest.raises(InvalidInvocationError, match="build_init_logger_context"):
        named(build_op_context())  # type: ignore[arg-type]  # what the test is for


@pytest.mark.needs_plugins
def test_a_context_that_nobody_closes_goes_silently_also_in_a_circle() -> None:
    context = build_op_context(resources={"db": "lake"})
    directory = Path(context.instance.root_directory)
    circle: list[object] = [context]
    circle.append(circle)
    assert directory.exists()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del context, circle
        gc.collect()
    assert not directory.exists()
