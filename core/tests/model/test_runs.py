"""Runs, their state machine, and what is derived from their events."""

from __future__ import annotations

import pytest

from plugwork.errors import CheckError, InvalidAssetKey, InvalidCursorError
from plugwork.model import (
    FINISHED_STATUSES,
    AssetKey,
    Batch,
    Cursor,
    EngineEventData,
    Event,
    EventLogEntry,
    EventType,
    Record,
    Run,
    RunFailureData,
    RunFailureReason,
    RunsFilter,
    RunStatus,
    RunSummary,
    SerializableErrorInfo,
    StepFailureData,
    StepRetryData,
    StepStatus,
    StepSuccessData,
    add_to_summary,
    derive,
    deserialize_value,
    guard,
    make_run_id,
    merge_attempt,
    next_status,
    serialize_value,
)

_RUN_ID = make_run_id()
_S = RunStatus


def _entry(
    kind: EventType, payload: Record | None = None, step: str | None = None, attempt: int = 1
) -> EventLogEntry:
    event = Event(kind, "j", payload, f"{kind}", step, attempt if step else None)
    return EventLogEntry(None, 10, "", _RUN_ID, 5.0, step, "j", event, attempt if step else None)


@pytest.mark.parametrize("run_id", ["x", "", "../../etc", make_run_id().upper(), 5])
def test_a_run_id_is_the_text_of_a_uuid(run_id: object) -> None:
    with pytest.raises(CheckError, match="UUID"):
        Run("j", run_id)  # type: ignore[arg-type]  # what is tested


def test_root_and_parent_are_set_together() -> None:
    with pytest.raises(CheckError, match="together"):
        Run("j", root_run_id=make_run_id())


def test_tags_are_text() -> None:
    with pytest.raises(CheckError, match="tags are text"):
        Run("j", tags={"a": 1})  # type: ignore[dict-item]  # what is tested


def test_a_run_reads_back_equal() -> None:
    run = Run("j", run_config={"ops": {"a": {"config": 1}}}, tags={"k": "v"}, op_selection=["a"])
    assert deserialize_value(serialize_value(run)) == run


def test_an_empty_list_of_run_ids_is_refused() -> None:
    with pytest.raises(CheckError, match="run_ids is empty"):
        RunsFilter(run_ids=())


@pytest.mark.parametrize("status", sorted(FINISHED_STATUSES))
@pytest.mark.parametrize("kind", [k for k in EventType if k.startswith("RUN_")])
def test_terminal_statuses_allow_no_change(status: RunStatus, kind: EventType) -> None:
    expected = status if kind is EventType.RUN_DEQUEUED else None
    assert next_status(status, kind) is expected


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        (_S.NOT_STARTED, EventType.RUN_START, _S.STARTED),
        (_S.QUEUED, EventType.RUN_STARTING, _S.STARTING),
        (_S.STARTING, EventType.RUN_ENQUEUED, _S.QUEUED),
        (_S.STARTED, EventType.RUN_STARTING, None),
        (_S.STARTED, EventType.RUN_ENQUEUED, None),
        (_S.CANCELING, EventType.RUN_START, None),
        (_S.CANCELING, EventType.RUN_SUCCESS, _S.SUCCESS),
        (_S.STARTED, EventType.STEP_START, _S.STARTED),
        (_S.STARTED, None, _S.STARTED),
    ],
)
def test_events_move_a_run_only_where_they_may(
    before: RunStatus, kind: EventType | None, after: RunStatus | None
) -> None:
    assert next_status(before, kind) is after


def test_a_forbidden_status_event_is_stored_as_an_engine_event() -> None:
    batch = Batch.of(_RUN_ID, [_entry(EventType.RUN_SUCCESS), _entry(EventType.RUN_START)])
    kept, status = guard(batch.entries, _S.STARTED)
    assert status is _S.SUCCESS
    assert [encoded.entry.event_type for encoded in kept] == [
        EventType.RUN_SUCCESS,
        EventType.ENGINE_EVENT,
    ]
    assert "ignored RUN_START: the run is SUCCESS" in kept[1].entry.message
    assert isinstance(kept[1].entry.get_event().event_specific_data, EngineEventData)


def _error(message: str, line: int = 3) -> SerializableErrorInfo:
    return SerializableErrorInfo(
        f"ValueError: {message}\n", (), "ValueError", user_frame=("f.py", line, "fn")
    )


def test_a_batch_tells_counts_attempts_and_the_first_failure() -> None:
    entries = [
        _entry(EventType.RUN_START),
        _entry(EventType.STEP_START, None, "a"),
        _entry(EventType.STEP_UP_FOR_RETRY, StepRetryData(_error("once")), "a"),
        _entry(EventType.STEP_RESTARTED, None, "a", 2),
        _entry(EventType.STEP_SUCCESS, StepSuccessData(1.0), "a", 2),
        _entry(EventType.STEP_FAILURE, StepFailureData(_error("row 17")), "b"),
        _entry(EventType.STEP_SKIPPED, None, "c"),
        _entry(EventType.RUN_FAILURE, RunFailureData(None, RunFailureReason.STEP_FAILURE)),
    ]
    derived = derive(Batch.of(_RUN_ID, entries).entries, 10)
    summary = add_to_summary(RunSummary(), derived)
    assert (summary.steps_succeeded, summary.steps_failed) == (1, 1)
    assert (summary.steps_skipped, summary.steps_retried) == (1, 1)
    assert summary.reason is RunFailureReason.STEP_FAILURE
    assert summary.failure is not None
    assert (summary.failure.step_key, summary.failure.seq) == ("b", 15)
    assert summary.failure.message == "ValueError: row 17"
    assert (derived.start_time, derived.end_time) == (5.0, 5.0)
    assert {key: change.status for key, change in derived.attempts.items()} == {
        ("a", 1): StepStatus.UP_FOR_RETRY,
        ("a", 2): StepStatus.SUCCESS,
        ("b", 1): StepStatus.FAILURE,
        ("c", 1): StepStatus.SKIPPED,
    }


def test_an_attempt_that_ends_in_a_later_batch_keeps_its_start() -> None:
    first = derive(Batch.of(_RUN_ID, [_entry(EventType.STEP_START, None, "a")]).entries, 1)
    done = _entry(EventType.STEP_SUCCESS, StepSuccessData(1.0), "a")
    second = derive(Batch.of(_RUN_ID, [done]).entries, 2)
    merged = merge_attempt(first.attempts["a", 1], second.attempts["a", 1])
    assert (merged.started, merged.ended, merged.status) == (5.0, 5.0, StepStatus.SUCCESS)


def _fingerprint(error: SerializableErrorInfo) -> str:
    entry = _entry(EventType.STEP_FAILURE, StepFailureData(error), "b")
    failure = derive(Batch.of(_RUN_ID, [entry]).entries, 1).failure
    assert failure is not None
    return failure.fingerprint


def test_failures_of_one_kind_share_a_fingerprint_whatever_numbers_they_hold() -> None:
    assert _fingerprint(_error("row 17 of 0x7f3a")) == _fingerprint(_error("row 4 of 0x1111", 9))
    assert _fingerprint(_error("row 17")) != _fingerprint(_error("column 17"))


@pytest.mark.parametrize("text", ["", "x", "a:b", Cursor("run", 5).to_text(), "é", "ew=="])
def test_a_text_that_is_no_cursor_of_this_list_is_one_typed_error(text: str) -> None:
    with pytest.raises(InvalidCursorError):
        Cursor.from_text(text, "seq")


def test_a_cursor_reads_back() -> None:
    assert Cursor.from_text(Cursor("seq", 12).to_text(), "seq") == Cursor("seq", 12)


def test_asset_keys_are_parts_and_never_empty() -> None:
    assert AssetKey("a/b").path == ("a/b",)
    assert AssetKey.from_user_string("a/b").path == ("a", "b")
    assert AssetKey.from_db_string(AssetKey(["a", "b"]).to_string()) == AssetKey(["a", "b"])
    for bad in ([], [1], None):
        with pytest.raises((InvalidAssetKey, TypeError)):
            AssetKey(bad)  # type: ignore[arg-type]  # what is tested
