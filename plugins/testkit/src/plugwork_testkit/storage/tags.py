"""Tags of runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from plugwork.abc import Storage
from plugwork.errors import CheckError, RunNotFoundError
from plugwork.model import (
    EventType,
    RunFailureData,
    RunFailureReason,
    RunsFilter,
    RunStatus,
    make_run_id,
)
from plugwork_testkit.storage.building import Worker, an_event, report
from plugwork_testkit.storage.runs import add

ODD_TEXTS = {
    "nul": "a\x00b",
    "surrogate": "a\ud800b",
    "right to left": "\u202eabc",
    "escape": "\x1a000000",
    "quotes": "'\"`; DROP TABLE runs; --",
    "wildcards": "%_*?[a]",
    "dots": "../../etc/passwd",
    "emoji": "\U0001f9ea",
    "long": "k" * 10_000,
    "empty": "",
}


class TagChecks:
    """Checks of the tags of :class:`plugwork.abc.RunStorage`."""

    def test_tags_are_merged(self, storage: Storage) -> None:
        run = add(storage, tags={"a": "1", "b": "x"})
        storage.run_storage.add_run_tags(run.run_id, {"a": "9", "z": "1"})
        record = storage.run_storage.get_run_record(run.run_id)
        assert record is not None
        assert record.run.tags == {"a": "9", "b": "x", "z": "1"}
        assert record.update_timestamp > record.create_timestamp

    def test_a_replaced_value_is_not_found_any_more(self, storage: Storage) -> None:
        run = add(storage, tags={"a": "1"})
        storage.run_storage.add_run_tags(run.run_id, {"a": "2"})
        assert storage.run_storage.get_run_ids(RunsFilter(tags={"a": "1"})) == []
        assert storage.run_storage.get_run_ids(RunsFilter(tags={"a": "2"})) == [run.run_id]
        assert storage.run_storage.get_run_tags(["a"]) == [("a", {"2"})]

    def test_tags_of_an_unknown_run_are_refused(self, storage: Storage) -> None:
        stranger = make_run_id()
        with pytest.raises(RunNotFoundError) as caught:
            storage.run_storage.add_run_tags(stranger, {"a": "1"})
        assert caught.value.invalid_run_id == stranger

    @pytest.mark.parametrize("tags", [{"a": 1}, {1: "a"}, {"a": None}])
    def test_tags_that_are_no_text_are_refused(
        self, storage: Storage, tags: dict[Any, Any]
    ) -> None:
        run = add(storage, tags={"a": "0"})
        with pytest.raises(CheckError):
            storage.run_storage.add_run_tags(run.run_id, cast("dict[str, str]", tags))
        assert storage.run_storage.get_runs()[0].tags == {"a": "0"}

    def test_values_in_use_are_listed_by_key(self, storage: Storage) -> None:
        add(storage, tags={"b": "2", "a": "apple"})
        add(storage, tags={"b": "1", "a": "avocado", "c": "3"})
        runs = storage.run_storage
        assert runs.get_run_tags(["b", "a"]) == [("a", {"apple", "avocado"}), ("b", {"1", "2"})]
        assert runs.get_run_tags(["a", "b"], limit=3) == [
            ("a", {"apple", "avocado"}),
            ("b", {"1"}),
        ]
        assert runs.get_run_tags(["a"], value_prefix="av") == [("a", {"avocado"})]
        assert runs.get_run_tags(["nothing"]) == []
        assert runs.get_run_tags([]) == []
        assert runs.get_run_tag_keys() == ["a", "b", "c"]

    def test_tags_go_with_their_run(self, storage: Storage) -> None:
        run = add(storage, tags={"a": "1"})
        add(storage, tags={"b": "1"})
        storage.delete_run(run.run_id)
        assert storage.run_storage.get_run_tag_keys() == ["b"]
        assert storage.run_storage.get_run_tags(["a"]) == []

    @pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
    def test_odd_text_is_kept_and_found(self, storage: Storage, text: str) -> None:
        key = text or "empty"
        run = add(storage, job_name=key, tags={key: text})
        add(storage, job_name="other", tags={"other": "other"})
        runs = storage.run_storage
        assert runs.get_run_ids(RunsFilter(tags={key: text})) == [run.run_id]
        assert runs.get_run_ids(RunsFilter(job_name=key)) == [run.run_id]
        assert runs.get_run_record(run.run_id).run == run  # type: ignore[union-attr]  # stored
        assert key in runs.get_run_tag_keys()
        assert runs.get_run_tags([key], value_prefix=text[:1]) == [(key, {text})]

    def test_a_value_is_not_taken_for_another_key(self, storage: Storage) -> None:
        add(storage, tags={"ab": "c"})
        assert storage.run_storage.get_run_ids(RunsFilter(tags={"a": "bc"})) == []

    def test_the_reason_of_a_failure_is_a_tag(self, storage: Storage) -> None:
        worker = Worker(storage, tags={"a": "1"})
        worker.tell(EventType.RUN_START)
        data = RunFailureData(failure_reason=RunFailureReason.STEP_FAILURE)
        worker.write(an_event(worker.run_id, EventType.RUN_FAILURE, data))
        wanted = RunsFilter(tags={"plugwork/failure_reason": "STEP_FAILURE"})
        (run,) = storage.run_storage.get_runs(wanted)
        assert run.tags == {"a": "1", "plugwork/failure_reason": "STEP_FAILURE"}

    def test_tags_and_status_events_that_race_lose_nothing(self, storage: Storage) -> None:
        run = add(storage, tags={"first": "1"})

        def tag(number: int) -> None:
            storage.run_storage.add_run_tags(run.run_id, {f"k{number}": str(number)})

        def move() -> None:
            for kind in (EventType.RUN_STARTING, EventType.RUN_START, EventType.RUN_SUCCESS):
                report(storage, run.run_id, kind)

        with ThreadPoolExecutor(4) as pool:
            racing = [pool.submit(tag, number) for number in range(20)]
            racing.insert(0, pool.submit(move))
            for one in racing:
                one.result()
        (stored,) = storage.run_storage.get_runs()
        assert stored.status is RunStatus.SUCCESS
        assert stored.tags == {"first": "1", **{f"k{n}": str(n) for n in range(20)}}
