"""Bad input has one error each, typed, that says what to give instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from plugwork import (
    EventType,
    Instance,
    InvalidConfigError,
    InvalidDefinitionError,
    InvalidInvocationError,
    InvalidSubsetError,
    InvariantViolationError,
    RunNotFoundError,
    RunsFilter,
    in_process_executor,
    job,
    op,
)
from plugwork.errors import CheckError, InvalidCursorError, RunAlreadyExists

UNKNOWN = str(uuid4())


@op
def nothing() -> None: ...


@job(executor_def=in_process_executor)
def empty() -> None:
    nothing()


@pytest.fixture
def instance() -> Iterator[Instance]:
    with Instance.ephemeral() as made:
        yield made


CHANGE = EventType.RUN_SUCCESS

REFUSED: list[tuple[str, Callable[[Instance], Any], type[Exception], str]] = [
    ("id", lambda i: i.create_run_for_job(empty, run_id="x"), CheckError, "UUID, got 'x'"),
    (
        "parent alone",
        lambda i: i.create_run_for_job(empty, parent_run_id=UNKNOWN),
        CheckError,
        "set together",
    ),
    ("no ids", lambda i: RunsFilter(run_ids=[]), CheckError, "at least one id, or None"),
    ("status", lambda i: RunsFilter(statuses=["DONE"]), CheckError, "SUCCESS"),  # type: ignore[list-item]  # on purpose
    ("tags", lambda i: i.add_run_tags(UNKNOWN, {"a": "b"}), RunNotFoundError, UNKNOWN),
    ("group", lambda i: i.get_run_group(UNKNOWN), RunNotFoundError, UNKNOWN),
    ("submit", lambda i: i.submit_run(UNKNOWN, None), InvariantViolationError, UNKNOWN),
    ("launch", lambda i: i.launch_run(UNKNOWN, None), InvariantViolationError, UNKNOWN),
    (
        "page",
        lambda i: i.fetch_run_status_changes(CHANGE, limit=10_001),
        InvariantViolationError,
        "10000",
    ),
    (
        "no status",
        lambda i: i.fetch_run_status_changes(EventType.STEP_SUCCESS, limit=1),
        CheckError,
        "changes the status",
    ),
    (
        "event cursor",
        lambda i: i.fetch_run_status_changes(CHANGE, limit=1, cursor="junk"),
        InvalidCursorError,
        "'junk'",
    ),
    ("run cursor", lambda i: i.get_run_records(cursor="junk"), InvalidCursorError, "'junk'"),
    (
        "log cursor",
        lambda i: i.get_records_for_run(UNKNOWN, cursor="junk"),
        InvalidCursorError,
        "'junk'",
    ),
    ("order", lambda i: i.get_run_records(order_by="size"), CheckError, "'size'"),
    ("limit", lambda i: i.get_run_records(limit=-1), CheckError, "0 or more"),
    (
        "few slots",
        lambda i: i.event_log_storage.set_concurrency_slots("p", -1),
        InvalidInvocationError,
        "'p' cannot have -1",
    ),
    (
        "many slots",
        lambda i: i.event_log_storage.set_concurrency_slots("p", 1_000_000),
        InvalidInvocationError,
        "0 to 1000",
    ),
    (
        "selection",
        lambda i: empty.execute_in_process(instance=i, op_selection=["gone"]),
        InvalidSubsetError,
        "gone",
    ),
    ("tag", lambda i: op(tags={"a": {1, 2}})(nothing.compute_fn), InvalidDefinitionError, "JSON"),
    (
        "config",
        lambda i: empty.execute_in_process({"opps": {}}, instance=i),
        InvalidConfigError,
        "opps",
    ),
    (
        "settings",
        lambda i: Instance.ephemeral(settings={"stroage": "x"}),
        InvalidConfigError,
        "stroage",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_bad_input_is_refused(
    instance: Instance, call: Callable[[Instance], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        call(instance)
    assert words in str(caught.value)
    assert instance.get_runs_count() == 0


def test_a_run_is_stored_once(instance: Instance) -> None:
    run = instance.create_run_for_job(empty)
    with pytest.raises(RunAlreadyExists):
        instance.create_run_for_job(empty, run_id=run.run_id)


def test_what_is_not_there_reads_as_nothing(instance: Instance) -> None:
    assert instance.get_run_by_id(UNKNOWN) is None
    assert instance.all_logs(UNKNOWN) == []
    assert instance.get_run_stats(UNKNOWN).steps_succeeded == 0
    instance.delete_run(UNKNOWN)
