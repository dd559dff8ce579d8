"""Every entry stands at the level of its source."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from plugwork.journal.entries import (
    engine_event_entry,
    event_entry,
    log_entry,
    outside_entry,
    run_event_entry,
)
from plugwork.model import (
    AssetKey,
    AssetMaterializationPlannedData,
    EngineEventData,
    Event,
    EventType,
    HookErroredData,
    Run,
    RunFailureData,
    SerializableErrorInfo,
    StepFailureData,
    StepSuccessData,
)

RUN = Run(job_name="daily")
ERROR = SerializableErrorInfo("ValueError: wrong\n")


@pytest.mark.parametrize(
    ("kind", "data", "level"),
    [
        ("RUN_START", None, logging.DEBUG),
        ("RUN_SUCCESS", None, logging.DEBUG),
        ("STEP_SUCCESS", StepSuccessData(1.0), logging.DEBUG),
        ("STEP_FAILURE", StepFailureData(), logging.ERROR),
        ("RUN_FAILURE", RunFailureData(), logging.ERROR),
        ("HOOK_ERRORED", HookErroredData(ERROR), logging.ERROR),
        ("ENGINE_EVENT", EngineEventData(), logging.DEBUG),
    ],
)
def test_what_the_worker_reports_is_debug_or_error(kind: str, data: Any, level: int) -> None:
    event = Event(EventType(kind), "daily", data, "text", step_key="a", attempt=2)
    entry = event_entry(event, RUN.run_id, 5.0)
    assert entry.level == level
    assert (entry.run_id, entry.timestamp, entry.job_name) == (RUN.run_id, 5.0, "daily")
    assert (entry.step_key, entry.attempt, entry.message) == ("a", 2, "text")


@pytest.mark.parametrize(
    ("kind", "data", "level"),
    [
        ("RUN_ENQUEUED", None, logging.INFO),
        ("RUN_STARTING", None, logging.INFO),
        ("RUN_CANCELING", None, logging.INFO),
        ("RUN_CANCELED", None, logging.ERROR),
        ("RUN_FAILURE", RunFailureData(), logging.ERROR),
        (
            "ASSET_MATERIALIZATION_PLANNED",
            AssetMaterializationPlannedData(AssetKey("a")),
            logging.DEBUG,
        ),
    ],
)
def test_what_comes_from_outside_is_info_or_error(kind: str, data: Any, level: int) -> None:
    event = Event(EventType(kind), "daily", data)
    assert outside_entry(event, RUN.run_id, 5.0).level == level


def test_an_engine_event_from_outside_is_an_error_only_with_an_error() -> None:
    plain = engine_event_entry(RUN, "started a process", 5.0)
    broken = engine_event_entry(RUN, "no", 5.0, EngineEventData(error=ERROR), step_key="a")
    assert (plain.level, broken.level) == (logging.INFO, logging.ERROR)
    assert (plain.message, broken.step_key) == ("started a process", "a")


def test_a_status_event_names_its_run() -> None:
    entry = run_event_entry(RUN, EventType.RUN_CANCELING, "asked to stop", 5.0)
    assert entry.get_event().job_name == "daily"
    assert (entry.run_id, entry.message) == (RUN.run_id, "asked to stop")


def test_a_log_line_keeps_its_own_level_and_place() -> None:
    entry = log_entry(RUN, "warning", "odd", 5.0, step_key="a", attempt=3, error=ERROR)
    assert entry.event is None
    assert (entry.level, entry.message, entry.step_key, entry.attempt) == (30, "odd", "a", 3)
    assert entry.error_info is ERROR
