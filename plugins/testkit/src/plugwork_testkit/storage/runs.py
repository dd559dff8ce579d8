"""Runs: what is stored, and which are found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from plugwork.abc import Storage
from plugwork.errors import (
    CheckError,
    InvalidCursorError,
    RunAlreadyExists,
    SnapshotDoesNotExist,
)
from plugwork.model import (
    CodeRef,
    Cursor,
    EventType,
    JobOrigin,
    Run,
    RunsFilter,
    RunStatus,
    deserialize_value,
    make_run_id,
)
from plugwork_testkit.storage.building import TIME, report


def add(storage: Storage, **fields: Any) -> Run:
    run = Run(**{"job_name": "a_job", **fields})
    storage.run_storage.add_run(run)
    return run


def add_many(storage: Storage, count: int) -> list[str]:
    """Add runs, and return their ids, oldest first."""
    return [add(storage).run_id for _ in range(count)]


def found(storage: Storage, **fields: Any) -> set[str]:
    """Return what a filter finds, after checking that the count agrees."""
    filters = RunsFilter(**fields)
    ids = storage.run_storage.get_run_ids(filters)
    assert storage.run_storage.get_runs_count(filters) == len(ids)
    return set(ids)


class RunChecks:
    """Checks of :class:`plugwork.abc.RunStorage`."""

    def test_a_run_is_read_as_it_was_added(self, storage: Storage) -> None:
        storage.run_storage.add_snapshot("job-1", "job", "{}")
        storage.run_storage.add_snapshot("plan-1", "plan", "{}")
        root = add(storage)
        run = add(
            storage,
            job_name="etl",
            run_config={"ops": {"a": {"config": {"n": 1, "t": [1.5, None, "x"]}}}},
            status=RunStatus.NOT_STARTED,
            tags={"plugwork/partition": "2024", "team": "data", "t": "reserved"},
            root_run_id=root.run_id,
            parent_run_id=root.run_id,
            op_selection=("a*",),
            step_keys_to_execute=("a", "b"),
            job_snapshot_id="job-1",
            execution_plan_snapshot_id="plan-1",
            job_code_origin=JobOrigin(CodeRef("file", "jobs.py", "defs", "/src"), "etl"),
        )
        record = storage.run_storage.get_run_record(run.run_id)
        assert record is not None
        assert record.run == run

    def test_fields_of_a_newer_release_are_kept(self, storage: Storage) -> None:
        run_id = make_run_id()
        text = f'{{"t":"run","job_name":"a_job","run_id":"{run_id}","mood":"sunny"}}'
        storage.run_storage.add_run(deserialize_value(text, Run))
        storage.run_storage.add_run_tags(run_id, {"a": "1"})
        (run,) = storage.run_storage.get_runs()
        assert run.unknown_fields == {"mood": "sunny"}

    def test_what_a_caller_keeps_does_not_change_a_stored_run(self, storage: Storage) -> None:
        config = {"n": 1}
        run = add(storage, run_config=config)
        config["n"] = 2
        (stored,) = storage.run_storage.get_runs()
        assert stored.run_config == {"n": 1}
        assert stored.run_id == run.run_id

    def test_a_second_run_of_an_id_is_refused_and_changes_nothing(self, storage: Storage) -> None:
        run = add(storage, tags={"a": "1"})
        with pytest.raises(RunAlreadyExists):
            add(storage, run_id=run.run_id, job_name="other", tags={"b": "2"})
        assert storage.run_storage.get_runs() == [run]
        assert storage.run_storage.get_run_tag_keys() == ["a"]

    def test_a_run_of_an_unknown_snapshot_is_refused(self, storage: Storage) -> None:
        with pytest.raises(SnapshotDoesNotExist):
            add(storage, job_snapshot_id="nothing")
        assert storage.run_storage.get_runs_count() == 0

    def test_a_record_tells_when_it_was_made(self, storage: Storage) -> None:
        run = add(storage)
        record = storage.run_storage.get_run_record(run.run_id)
        assert record is not None
        assert record.create_timestamp == record.update_timestamp
        assert record.create_timestamp.utcoffset() == timedelta(0)
        assert (record.start_time, record.end_time) == (None, None)

    def test_an_unknown_run_is_not_there(self, storage: Storage) -> None:
        assert storage.run_storage.get_run_record(make_run_id()) is None
        assert not storage.run_storage.has_run("no id at all")

    def test_runs_come_newest_first(self, storage: Storage) -> None:
        ids = add_many(storage, 3)
        assert storage.run_storage.get_run_ids() == ids[::-1]
        records = storage.run_storage.get_run_records(order_by="storage_id", ascending=True)
        assert [record.run.run_id for record in records] == ids
        assert sorted({record.storage_id for record in records}) == [
            record.storage_id for record in records
        ]

    def test_a_page_goes_on_after_a_run(self, storage: Storage) -> None:
        first, second, third = add_many(storage, 3)
        runs = storage.run_storage
        assert runs.get_run_ids(cursor=second) == [first]
        assert [run.run_id for run in runs.get_runs(cursor=second, ascending=True)] == [third]
        assert runs.get_run_ids(cursor=first) == []

    def test_pages_by_record_hold_every_run_once(self, storage: Storage) -> None:
        ids = add_many(storage, 7)
        seen: list[str] = []
        cursor: str | None = None
        while page := storage.run_storage.get_run_records(limit=3, cursor=cursor):
            seen += [record.run.run_id for record in page]
            cursor = page[-1].cursor
        assert seen == ids[::-1]

    def test_pages_of_several_statuses_and_tags_hold_every_run_once(self, storage: Storage) -> None:
        statuses = (RunStatus.NOT_STARTED, RunStatus.MANAGED, RunStatus.STARTED)
        ids = [
            add(storage, status=statuses[n % 3], tags={"n": str(n % 2)}).run_id for n in range(12)
        ]
        wanted = RunsFilter(statuses=statuses, tags={"n": ["1", "0", "7"]})
        seen: list[str] = []
        cursor: str | None = None
        while page := storage.run_storage.get_run_ids(wanted, cursor, limit=5):
            seen += page
            cursor = page[-1]
        assert seen == ids[::-1]

    @pytest.mark.parametrize(
        "cursor", ["garbage", "", make_run_id(), Cursor("seq", 1).to_text(), "bmV2ZXI="]
    )
    def test_a_cursor_of_no_stored_run_is_refused(self, storage: Storage, cursor: str) -> None:
        add(storage)
        with pytest.raises(InvalidCursorError):
            storage.run_storage.get_run_records(cursor=cursor)

    def test_a_cursor_of_a_deleted_run_is_refused(self, storage: Storage) -> None:
        old, new = add_many(storage, 2)
        record = storage.run_storage.get_run_record(new)
        assert record is not None
        storage.delete_run(new)
        for cursor in (new, record.cursor):
            with pytest.raises(InvalidCursorError):
                storage.run_storage.get_run_records(cursor=cursor)
        assert storage.run_storage.get_run_ids() == [old]

    def test_a_limit_of_none_is_all_and_of_0_is_none(self, storage: Storage) -> None:
        ids = add_many(storage, 3)
        assert len(storage.run_storage.get_run_ids(limit=None)) == 3
        assert storage.run_storage.get_run_ids(limit=0) == []
        assert storage.run_storage.get_run_ids(limit=1) == [ids[-1]]
        with pytest.raises(CheckError):
            storage.run_storage.get_run_ids(limit=-1)

    def test_pages_are_in_no_other_order(self, storage: Storage) -> None:
        with pytest.raises(CheckError):
            storage.run_storage.get_run_records(order_by="start_time")

    def test_a_storage_id_is_never_given_twice(self, storage: Storage) -> None:
        first = add_many(storage, 2)[-1]
        before = storage.run_storage.get_run_record(first)
        storage.delete_run(first)
        after = storage.run_storage.get_run_record(add(storage).run_id)
        assert before is not None
        assert after is not None
        assert after.storage_id > before.storage_id

    def test_a_filter_finds_by_id(self, storage: Storage) -> None:
        first, second, _ = add_many(storage, 3)
        assert found(storage, run_ids=[first, second, first, make_run_id()]) == {first, second}
        with pytest.raises(CheckError):
            RunsFilter(run_ids=[])

    def test_a_filter_takes_thousands_of_ids(self, storage: Storage) -> None:
        ids = add_many(storage, 3)
        strangers = [make_run_id() for _ in range(2500)]
        assert found(storage, run_ids=[*ids[:2], *strangers, ids[2]]) == set(ids)

    def test_a_filter_finds_by_job_and_status_and_snapshot(self, storage: Storage) -> None:
        storage.run_storage.add_snapshot("snap", "job", "{}")
        a = add(storage, job_name="a").run_id
        b = add(storage, job_name="b", job_snapshot_id="snap").run_id
        report(storage, b, EventType.RUN_START)
        assert found(storage, job_name="a") == {a}
        assert found(storage, job_name="A") == set()
        assert found(storage, statuses=[RunStatus.STARTED]) == {b}
        assert found(storage, statuses=[RunStatus.STARTED, RunStatus.NOT_STARTED]) == {a, b}
        assert found(storage, statuses=[]) == {a, b}
        assert found(storage, snapshot_id="snap") == {b}
        assert found(storage, job_name="a", statuses=[RunStatus.STARTED]) == set()

    def test_a_filter_finds_by_tags(self, storage: Storage) -> None:
        a = add(storage, tags={"a": "1", "b": "x"}).run_id
        b = add(storage, tags={"a": "2", "b": "x"}).run_id
        add(storage, tags={"a": "3"})
        assert found(storage, tags={"a": "1"}) == {a}
        assert found(storage, tags={"a": ["1", "2", "2"]}) == {a, b}
        assert found(storage, tags={"a": ["1", "2"], "b": "x"}) == {a, b}
        assert found(storage, tags={"b": ["x", "y"], "a": "2"}) == {b}
        assert found(storage, tags={"a": "1", "b": "other"}) == set()
        assert found(storage, tags={"a": []}) == set()
        assert found(storage, tags={"c": "1"}) == set()

    def test_a_filter_finds_by_time_strictly_and_in_utc(self, storage: Storage) -> None:
        ids = add_many(storage, 3)
        for at, run_id in enumerate(ids):
            report(storage, run_id, EventType.RUN_START, time=TIME + at)
        middle = datetime.fromtimestamp(TIME + 1, UTC)
        assert found(storage, updated_after=middle) == {ids[2]}
        assert found(storage, updated_before=middle) == {ids[0]}
        assert found(storage, updated_before=middle.replace(tzinfo=None)) == {ids[0]}
        east = middle.astimezone(timezone(timedelta(hours=9)))
        assert found(storage, updated_after=east) == {ids[2]}
        record = storage.run_storage.get_run_record(ids[1])
        assert record is not None
        assert found(storage, created_after=record.create_timestamp) == {ids[2]}
        assert found(storage, created_before=record.create_timestamp) == {ids[0]}

    def test_a_filter_leaves_out_the_runs_of_backfills(self, storage: Storage) -> None:
        add(storage, tags={"plugwork/backfill": "b1"})
        alone, later = add_many(storage, 2)
        assert found(storage, exclude_subruns=True) == {alone, later}
        storage.run_storage.add_run_tags(later, {"plugwork/backfill": "b1"})
        assert found(storage, exclude_subruns=True) == {alone}
        assert len(found(storage, exclude_subruns=False)) == 3

    def test_ids_are_found_by_how_they_begin(self, storage: Storage) -> None:
        near = [f"abcdef0{n}-0000-4000-8000-000000000000" for n in range(4)]
        for run_id in [*near, "abcdee00-0000-4000-8000-000000000000"]:
            add(storage, run_id=run_id)
        runs = storage.run_storage
        assert runs.find_run_ids("abcdef") == near[:0:-1]
        assert runs.find_run_ids("abcdef", limit=9) == near[::-1]
        assert runs.find_run_ids("abcdef02-0000") == [near[2]]
        assert runs.find_run_ids("abcdef0%") == []
        assert runs.find_run_ids("ABCDEF") == []
        assert len(runs.find_run_ids("", limit=9)) == 5

    def test_open_runs_come_oldest_first(self, storage: Storage) -> None:
        ids = add_many(storage, 3)
        report(storage, ids[0], EventType.RUN_START)
        report(storage, ids[2], EventType.RUN_STARTING)
        wanted = [RunStatus.STARTED, RunStatus.STARTING]
        assert [record.run.run_id for record in storage.get_open_runs(wanted)] == [ids[0], ids[2]]

    def test_a_snapshot_is_kept_once(self, storage: Storage) -> None:
        runs = storage.run_storage
        runs.add_snapshot("hash", "job", "the first body \ud800 \x00")
        runs.add_snapshot("hash", "job", "another")
        assert runs.get_snapshot("hash") == "the first body \ud800 \x00"
        assert runs.has_snapshot("hash")
        assert runs.get_snapshot("none") is None
        assert not runs.has_snapshot("none")
