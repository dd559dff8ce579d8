"""Every form of function that an op can be, while a run goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType
from plugwork.model import StepOutputData
from plugwork_testkit.streams import Told, expected

Execute = Callable[..., Told]


class Settings(pw.Config):
    by: int = 2


def value_of(fn: Callable[..., Any], run_config: Any = None, **settings: Any) -> Any:
    """Run an op of one output, and return what it gave."""
    asked = pw.op(name="asked", **settings)(fn)

    @pw.job(resource_defs={"base": 10})
    def asking() -> None:
        asked()

    return asking.execute_in_process(run_config).output_for_node("asked")


def sync(context: pw.OpExecutionContext, config: Settings, base: pw.ResourceParam[int]) -> int:
    return base + config.by + context.retry_number


async def coroutine(_context, config: Settings, base: pw.ResourceParam[int]) -> int:
    return base + config.by


def generator(
    _, config: Settings, base: pw.ResourceParam[int]
) -> Generator[pw.Output[int], None, None]:
    yield pw.Output(base + config.by)


async def async_generator(
    config: Settings, base: pw.ResourceParam[int]
) -> AsyncIterator[pw.Output[int] | pw.AssetMaterialization]:
    yield pw.AssetMaterialization("table")
    yield pw.Output(base + config.by)


@pytest.mark.parametrize("fn", [sync, coroutine, generator, async_generator])
def test_each_form_takes_context_config_and_resources(fn: Callable[..., Any]) -> None:
    assert value_of(fn) == 12
    assert value_of(fn, {"ops": {"asked": {"config": {"by": 5}}}}) == 15
    assert pw.op(fn).output_dict["result"].type is pw.Int


def typed_output() -> pw.Output[int]:
    return pw.Output(1, metadata={"rows": 3})


def tuple_in_one_output() -> tuple[int, str]:
    return 1, "a"


def list_of_dynamic() -> list[pw.DynamicOutput[int]]:
    return [pw.DynamicOutput(1, "a"), pw.DynamicOutput(2, "b")]


def one_dynamic() -> pw.DynamicOutput[int]:
    return pw.DynamicOutput(1, "a")


def yielded_dynamic() -> Iterator[pw.DynamicOutput[int]]:
    yield pw.DynamicOutput(1, "a")


@pytest.mark.parametrize(
    ("fn", "value"),
    [
        (typed_output, 1),
        (tuple_in_one_output, (1, "a")),
        (list_of_dynamic, {"a": 1, "b": 2}),
        (one_dynamic, {"a": 1}),
        (yielded_dynamic, {"a": 1}),
    ],
)
def test_the_annotation_says_what_comes_out(fn: Callable[..., Any], value: Any) -> None:
    assert value_of(fn) == value


def test_several_outputs_are_a_tuple_of_values_and_of_outputs(execute: Execute) -> None:
    @pw.op(out={"a": pw.Out(), "b": pw.Out(is_required=False)})
    def pair() -> tuple[int, pw.Output[str]]:
        return 1, pw.Output("x", "b", {"seen": True}, pw.DataVersion("7"), tags={"t": "v"})

    @pw.job
    def pairing() -> None:
        pair()

    told = execute(pairing)
    first, second = (e.get_event().event_specific_data for e in told.of_type(EventType.STEP_OUTPUT))
    assert isinstance(first, StepOutputData)
    assert isinstance(second, StepOutputData)
    assert (first.output_name, first.data_version) == ("a", None)
    assert (second.output_name, second.data_version, second.tags) == ("b", "7", {"t": "v"})
    assert second.metadata["seen"].value is True


def test_none_from_an_optional_output_is_a_value(execute: Execute) -> None:
    @pw.op(out=pw.Out(is_required=False))
    def maybe() -> object:
        return None

    @pw.op
    def after(x: object) -> bool:
        return x is None

    @pw.job
    def given() -> None:
        after(maybe())

    assert execute(given).steps == expected(
        "maybe: START OUT SUCCESS", "after: START IN OUT SUCCESS"
    )


def test_none_stands_for_several_outputs_of_nothing(execute: Execute) -> None:
    @pw.op(out={"a": pw.Out(pw.Nothing), "b": pw.Out(pw.Nothing)})
    def both() -> None: ...

    @pw.job
    def ordering() -> None:
        both()

    assert execute(ordering).steps == expected("both: START OUTPUT OUTPUT SUCCESS")
