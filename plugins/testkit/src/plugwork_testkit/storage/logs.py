"""Logs: their order, their pages, their numbers."""

from __future__ import annotations

import pytest

from plugwork.abc import EventLogStorage, Storage
from plugwork.errors import CheckError, InvalidCursorError
from plugwork.model import (
    AssetKey,
    AssetMaterialization,
    Batch,
    Cursor,
    Event,
    EventLogEntry,
    EventType,
    RunStats,
    SerializableErrorInfo,
    StepMaterializationData,
    make_run_id,
)
from plugwork_testkit.storage.building import (
    STEP,
    TIME,
    Worker,
    an_event,
    log_line,
    of_step,
    report,
    seqs,
    types,
)
from plugwork_testkit.storage.tags import ODD_TEXTS


class LogChecks:
    """Checks of :class:`plugwork.abc.EventLogStorage`."""

    def test_entries_are_read_as_they_were_written(self, storage: Storage) -> None:
        worker = Worker(storage)
        entries = [
            log_line(worker.run_id, "plain \u2603", TIME + 0.123456),
            *of_step(worker.run_id, "g.one[k]", attempt=3),
            EventLogEntry(
                SerializableErrorInfo("ValueError: no\n", ("line 1\n",), "ValueError"),
                "ERROR",
                "it broke",
                worker.run_id,
                TIME,
                step_key="one",
                attempt=2,
            ),
            an_event(worker.run_id, EventType.ENGINE_EVENT, message="engine"),
        ]
        worker.write(*entries)
        assert storage.event_log_storage.get_logs_for_run(worker.run_id) == entries

    def test_numbers_begin_at_1_and_have_no_gap(self, storage: Storage) -> None:
        worker, other = Worker(storage), Worker(storage)
        for _ in range(3):
            worker.step("a")
            other.write(log_line(other.run_id))
        assert seqs(storage, worker.run_id) == list(range(1, 19))
        assert seqs(storage, other.run_id) == [1, 2, 3]

    def test_storage_ids_grow_over_all_runs_in_the_order_of_commits(self, storage: Storage) -> None:
        worker, other = Worker(storage), Worker(storage)
        answers = [worker.step("a"), other.step("b"), worker.step("c"), report(storage, "", *STEP)]
        ids = [answer.first_storage_id + at for answer in answers for at in range(6)]
        assert ids == sorted(set(ids))
        stored = [
            record.storage_id
            for run_id in (worker.run_id, other.run_id, "")
            for record in storage.event_log_storage.get_records_for_run(run_id).records
        ]
        assert sorted(stored) == ids

    def test_a_storage_id_of_a_deleted_event_is_not_given_again(self, storage: Storage) -> None:
        worker = Worker(storage)
        last = worker.step("a").first_storage_id + 5
        storage.delete_run(worker.run_id)
        assert Worker(storage).step("a").first_storage_id > last
        storage.wipe()
        assert Worker(storage).step("a").first_storage_id > last + 6

    def test_pages_tell_exactly_whether_there_is_more(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.write(*(log_line(worker.run_id, str(n)) for n in range(4)))
        logs = storage.event_log_storage
        first = logs.get_records_for_run(worker.run_id, limit=2)
        second = logs.get_records_for_run(worker.run_id, first.cursor, limit=2)
        third = logs.get_records_for_run(worker.run_id, second.cursor, limit=2)
        assert [len(page.records) for page in (first, second, third)] == [2, 2, 0]
        assert [page.has_more for page in (first, second, third)] == [True, False, False]
        assert third.cursor == second.cursor

    def test_an_empty_page_goes_on_where_it_began(self, storage: Storage) -> None:
        worker = Worker(storage)
        page = storage.event_log_storage.get_records_for_run(worker.run_id)
        worker.step("a")
        later = storage.event_log_storage.get_records_for_run(worker.run_id, page.cursor)
        assert [record.seq for record in later.records] == [1, 2, 3, 4, 5, 6]
        worker.step("b")
        rest = storage.event_log_storage.get_records_for_run(worker.run_id, later.cursor)
        assert [record.seq for record in rest.records] == [7, 8, 9, 10, 11, 12]

    def test_a_log_can_be_read_backwards(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.write(*(log_line(worker.run_id, str(n)) for n in range(5)))
        logs = storage.event_log_storage
        seen: list[int] = []
        cursor: str | None = None
        more = True
        while more:
            page = logs.get_records_for_run(worker.run_id, cursor, limit=2, ascending=False)
            seen += [record.seq for record in page.records]
            cursor, more = page.cursor, page.has_more
        assert seen == [5, 4, 3, 2, 1]

    def test_a_limit_of_0_is_an_empty_page(self, storage: Storage) -> None:
        worker = Worker(storage)
        logs = storage.event_log_storage
        assert not logs.get_records_for_run(worker.run_id, limit=0).has_more
        worker.write(log_line(worker.run_id))
        page = logs.get_records_for_run(worker.run_id, limit=0)
        assert (page.records, page.has_more) == ([], True)
        with pytest.raises(CheckError):
            logs.get_records_for_run(worker.run_id, limit=-1)

    @pytest.mark.parametrize("ascending", [True, False])
    @pytest.mark.parametrize(
        "wanted",
        [
            {EventType.STEP_START},
            {EventType.STEP_FAILURE, EventType.RUN_START},
            {EventType.STEP_FAILURE, EventType.STEP_OUTPUT},
            set(),
        ],
        ids=lambda wanted: "+".join(sorted(wanted)) or "none",
    )
    def test_a_page_of_some_types_leaves_out_the_rest(
        self, storage: Storage, wanted: set[EventType], ascending: bool
    ) -> None:
        worker = Worker(storage)
        worker.tell(EventType.RUN_START)
        for step in "abc":
            worker.step(step)
            worker.write(log_line(worker.run_id))
            worker.step(step, EventType.STEP_START, EventType.STEP_FAILURE, attempt=2)
        expected = [kind for kind in types(storage, worker.run_id) if kind in wanted]
        seen: list[EventType | None] = []
        cursor: str | None = None
        more = True
        while more:
            page = storage.event_log_storage.get_records_for_run(
                worker.run_id, cursor, of_type=wanted, limit=2, ascending=ascending
            )
            seen += [record.event_type for record in page.records]
            cursor, more = page.cursor, page.has_more
        assert seen == (expected if ascending else expected[::-1])

    def test_a_single_type_can_be_asked_for(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.step("a")
        logs = storage.event_log_storage
        entries = logs.get_logs_for_run(worker.run_id, of_type=EventType.STEP_OUTPUT)
        assert [entry.event_type for entry in entries] == [EventType.STEP_OUTPUT]

    def test_one_entry_is_found_by_its_number(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.step("a")
        logs = storage.event_log_storage
        record = logs.get_record(worker.run_id, 4)
        assert record is not None
        assert (record.seq, record.event_type) == (4, EventType.STEP_OUTPUT)
        assert logs.get_record(worker.run_id, 7) is None
        assert logs.get_record(worker.run_id, 0) is None

    def test_an_unknown_run_has_an_empty_log(self, storage: Storage) -> None:
        stranger = make_run_id()
        page = storage.event_log_storage.get_records_for_run(stranger, limit=5)
        assert (list(page.records), page.has_more) == ([], False)
        assert storage.event_log_storage.get_stats_for_run(stranger) == RunStats(stranger)
        assert storage.event_log_storage.get_step_attempts(stranger) == []
        again = storage.event_log_storage.get_records_for_run(stranger, page.cursor)
        assert list(again.records) == []

    @pytest.mark.parametrize("cursor", ["garbage", "", "\ud800", Cursor("run", 1).to_text()])
    def test_a_text_that_is_no_cursor_is_refused(self, storage: Storage, cursor: str) -> None:
        with pytest.raises(InvalidCursorError):
            storage.event_log_storage.get_records_for_run(make_run_id(), cursor)

    def test_events_of_no_run_are_numbered_by_their_storage_ids(self, storage: Storage) -> None:
        Worker(storage).step("a")
        first = report(storage, "", EventType.ENGINE_EVENT, EventType.ENGINE_EVENT)
        Worker(storage).step("b")
        report(storage, "", EventType.ENGINE_EVENT)
        page = storage.event_log_storage.get_records_for_run("", limit=2)
        assert [record.seq for record in page.records] == [first.first_seq, first.first_seq + 1]
        assert all(record.seq == record.storage_id for record in page.records)
        rest = storage.event_log_storage.get_records_for_run("", page.cursor)
        assert [record.run_id for record in rest.records] == [""]

    def test_one_entry_can_be_stored_from_outside(self, storage: Storage) -> None:
        worker = Worker(storage)
        answer = storage.store_event(log_line(worker.run_id))
        assert (answer.first_seq, answer.duplicate) == (1, False)

    @pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
    def test_odd_text_in_an_entry_is_kept(self, storage: Storage, text: str) -> None:
        worker = Worker(storage)
        event = Event(EventType.STEP_START, text, message=text, step_key=text, attempt=1)
        entry = EventLogEntry(None, 10, text, worker.run_id, TIME, text, text, event, 1)
        worker.write(entry, log_line(worker.run_id, text))
        logs = storage.event_log_storage
        assert logs.get_logs_for_run(worker.run_id) == [entry, log_line(worker.run_id, text)]
        (attempt,) = logs.get_step_attempts(worker.run_id)
        assert attempt.step_key == text
        assert logs.get_step_attempts(worker.run_id, [text]) == [attempt]

    def test_a_huge_entry_is_cut_and_marked(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.write(log_line(worker.run_id, "x" * (3 << 20)))
        (entry,) = storage.event_log_storage.get_logs_for_run(worker.run_id)
        assert 1000 < len(entry.user_message) < 1 << 20
        assert entry.user_message.startswith("xxx")
        assert not entry.user_message.endswith("x")

    def test_a_batch_may_be_large(self, storage: Storage) -> None:
        worker = Worker(storage)
        worker.write(*(log_line(worker.run_id, str(n)) for n in range(5000)))
        page = storage.event_log_storage.get_records_for_run(worker.run_id, limit=4999)
        assert page.has_more
        assert [r.event_log_entry.user_message for r in page.records[-2:]] == ["4997", "4998"]

    def test_an_empty_batch_writes_nothing(self, storage: Storage) -> None:
        worker = Worker(storage)
        storage.append(Batch(worker.run_id, ()))
        worker.write()
        assert worker.write(log_line(worker.run_id)).first_seq == 1

    def test_events_of_one_type_are_listed_over_all_runs(self, storage: Storage) -> None:
        started = []
        for _ in range(3):
            worker = Worker(storage)
            worker.tell(EventType.RUN_START)
            worker.step("a")
            started.append(worker.run_id)
        log = listing(storage)
        newest = log.get_records_of_type(EventType.RUN_START, limit=2)
        assert [record.run_id for record in newest.records] == [started[2], started[1]]
        assert newest.has_more
        rest = log.get_records_of_type(EventType.RUN_START, cursor=newest.cursor, limit=1)
        assert [record.run_id for record in rest.records] == [started[0]]
        assert not rest.has_more
        whole = log.get_records_of_type(EventType.RUN_START, ascending=True)
        assert [record.run_id for record in whole.records] == started
        one_by_one = log.get_records_for_run(started[0]).records
        assert whole.records[0] in one_by_one

    def test_a_list_over_all_runs_goes_on_where_it_ended(self, storage: Storage) -> None:
        log = listing(storage)
        nothing = log.get_records_of_type(EventType.RUN_SUCCESS, ascending=True)
        assert (list(nothing.records), nothing.has_more) == ([], False)
        worker = Worker(storage)
        worker.tell(EventType.RUN_START, EventType.RUN_SUCCESS)
        page = log.get_records_of_type(EventType.RUN_SUCCESS, None, nothing.cursor, 5, True)
        assert [record.run_id for record in page.records] == [worker.run_id]
        again = log.get_records_of_type(EventType.RUN_SUCCESS, None, page.cursor, 5, True)
        assert (list(again.records), again.cursor) == ([], page.cursor)
        assert list(log.get_records_of_type(EventType.RUN_SUCCESS, limit=0).records) == []

    def test_materializations_of_one_asset_are_listed(self, storage: Storage) -> None:
        worker = Worker(storage)
        for key in ("a", "b", "a"):
            made = StepMaterializationData(AssetMaterialization(key))
            worker.write(an_event(worker.run_id, EventType.ASSET_MATERIALIZATION, made, step="s"))
        log = listing(storage)
        page = log.get_records_of_type(EventType.ASSET_MATERIALIZATION, AssetKey("a"))
        assert [record.seq for record in page.records] == [3, 1]
        every = log.get_records_of_type(EventType.ASSET_MATERIALIZATION)
        assert [record.seq for record in every.records] == [3, 2, 1]

    def test_what_cannot_be_listed_over_all_runs_is_refused(self, storage: Storage) -> None:
        log = listing(storage)
        with pytest.raises(CheckError):
            log.get_records_of_type(EventType.STEP_START)
        with pytest.raises(CheckError):
            log.get_records_of_type(EventType.RUN_START, limit=-1)
        with pytest.raises(InvalidCursorError):
            log.get_records_of_type(EventType.RUN_START, cursor="no")


def listing(storage: Storage) -> EventLogStorage:
    """Return the logs, if they list events over all runs: the method is optional."""
    log = storage.event_log_storage
    if type(log).get_records_of_type is EventLogStorage.get_records_of_type:
        pytest.skip("this storage does not list the events of all runs")
    return log
