"""Types of the user's own while a run goes on: their resources, their loaders, their errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType
from plugwork.errors import InvalidConfigError, InvalidDefinitionError
from plugwork.model import StepFailureData
from plugwork_testkit.streams import Told, expected

Execute = Callable[..., Told]


class Row:
    def __init__(self, width: int) -> None:
        self.width = width


def narrow(context: pw.TypeCheckContext, value: Row) -> pw.TypeCheck:
    limit = context.resources.limit
    context.log.info("checked in run %s", context.run_id)
    return pw.TypeCheck(value.width <= limit, f"wider than {limit}", {"width": value.width})


@pw.type_loader({"width": int}, required_resource_keys={"unit"})
def load_row(context: pw.TypeLoaderContext, config: dict[str, int]) -> Row:
    if config["width"] == 0:
        raise ValueError("a row of no width")
    context.log.info("loaded for %s", context.op_def.name)
    return Row(config["width"] * context.resources.unit)


NarrowRow = pw.Type(narrow, name="NarrowRow", loader=load_row, required_resource_keys={"limit"})


def job_of(op: pw.OpDefinition, **resources: Any) -> pw.JobDefinition:
    @pw.job(resource_defs=resources)
    def measuring() -> None:
        op()

    return measuring


@pw.op(ins={"row": pw.In(NarrowRow)})
def measure(row: Row) -> int:
    return row.width


def inputs(value: Any) -> dict[str, Any]:
    return {"ops": {"measure": {"inputs": {"row": value}}}}


def test_check_and_loader_find_their_resources_and_speak_in_the_run(execute: Execute) -> None:
    told = execute(job_of(measure, limit=10, unit=2), inputs({"width": 3}))
    assert told.steps == expected("measure: START INPUT OUT SUCCESS")
    lines = [entry.message for entry in told.entries if entry.event is None]
    assert lines == ["loaded for measure", f"checked in run {told.run.run_id}"]


def test_a_value_that_the_type_refuses_fails_the_step_with_its_words(execute: Execute) -> None:
    told = execute(job_of(measure, limit=10, unit=2), inputs({"width": 6}))
    (entry,) = told.of_type(EventType.STEP_FAILURE)
    data = entry.get_event().event_specific_data
    assert isinstance(data, StepFailureData)
    assert data.error is not None
    assert "wider than 10" in data.error.message


def test_an_error_of_the_loader_is_told_as_one(execute: Execute) -> None:
    told = execute(job_of(measure, limit=10, unit=2), inputs({"width": 0}))
    (entry,) = told.of_type(EventType.STEP_FAILURE)
    data = entry.get_event().event_specific_data
    assert isinstance(data, StepFailureData)
    assert data.error is not None
    assert data.error.cls_name == "TypeLoadingError"
    assert data.error.cause is not None
    assert data.error.cause.message == "ValueError: a row of no width\n"


def test_config_is_checked_against_the_loaders_schema() -> None:
    with pytest.raises(InvalidConfigError, match="width"):
        job_of(measure, limit=10, unit=2).execute_in_process(inputs({"width": "x"}))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"unit": 2}, "op 'measure' needs the resource 'limit'"),
        ({"limit": 2}, "the loader of input 'row' of op 'measure' needs the resource 'unit'"),
    ],
)
def test_a_resource_of_a_type_that_is_missing_is_told_before_the_run(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidDefinitionError, match=message):
        job_of(measure, **given)


def test_the_loader_of_an_input_that_a_step_feeds_needs_no_resource_made(
    execute: Execute,
) -> None:
    made: list[str] = []

    @pw.resource
    def unit() -> int:
        made.append("unit")
        return 1

    @pw.op
    def row() -> Row:
        return Row(1)

    @pw.job(resource_defs={"limit": 3, "unit": unit})
    def connected() -> None:
        measure(row())

    execute(connected)
    assert made == []
