"""The checks of storages find a storage that is wrong in one way."""

from __future__ import annotations

import pytest

HEAD = """
import attrs
import pytest
from plugwork.model import Batch, EventLogConnection
from plugwork_memory import MemoryStorage
from plugwork_memory import storage as storage_module
from plugwork_memory.events import MemoryEventLogStorage
from plugwork_memory.runs import MemoryRunStorage
from plugwork_testkit.storage import StorageConformance

class TestWrong(StorageConformance):
    @pytest.fixture
    def open_storage(self):
        storage = Wrong()
        return lambda: storage
"""

WRONG = {
    "takes any fence": """
        class Wrong(MemoryStorage):
            def append(self, batch):
                log = self._state.logs.get(batch.run_id)
                fence = log.fence if log and batch.fence is not None else batch.fence
                return super().append(attrs.evolve(batch, fence=fence))
    """,
    "stores a batch twice": """
        class Wrong(MemoryStorage):
            def append(self, batch):
                log = self._state.logs.get(batch.run_id)
                if log and batch.fence == log.fence:
                    log.last_batch = 0
                return super().append(batch)
    """,
    "keeps the number of the last batch through a takeover": """
        class Wrong(MemoryStorage):
            def acquire_lease(self, kind, key, *rest, **more):
                log = self._state.logs.get(key)
                last = log.last_batch if log else 0
                lease = super().acquire_lease(kind, key, *rest, **more)
                if log:
                    log.last_batch = last
                return lease
    """,
    "lets a finished run start again": """
        class Wrong(MemoryStorage):
            pass

        storage_module.guard = lambda entries, status: (entries, {
            "RUN_START": type(status).STARTED, "RUN_SUCCESS": type(status).SUCCESS,
            "RUN_FAILURE": type(status).FAILURE,
        }.get(entries[-1].entry.event_type if entries else None, status))
    """,
    "leaves the lease of a finished run": """
        class Wrong(MemoryStorage):
            def append(self, batch):
                held = self._state.leases.get(("run", batch.run_id))
                answer = super().append(batch)
                if held is not None:
                    self._state.leases["run", batch.run_id] = held
                return answer
    """,
    "takes a full page for a page before another": """
        class Pages(MemoryEventLogStorage):
            def get_records_for_run(self, *args, **more):
                page = super().get_records_for_run(*args, **more)
                full = len(page.records) == more.get("limit")
                return EventLogConnection(page.records, page.cursor, full)

        class Wrong(MemoryStorage):
            def __init__(self):
                super().__init__()
                self._events = Pages(self._state)
    """,
    "loses tags that are added at once": """
        class Tags(MemoryRunStorage):
            def add_run_tags(self, run_id, new_tags):
                run = self._state.runs.get(run_id)
                if run is not None:
                    run.tags = {}
                super().add_run_tags(run_id, new_tags)

        class Wrong(MemoryStorage):
            def __init__(self):
                super().__init__()
                self._runs = Tags(self._state)
    """,
    "gives the ids of deleted events again": """
        class Wrong(MemoryStorage):
            def delete_run(self, run_id):
                super().delete_run(run_id)
                self._state.last_event_id = 0
    """,
    "leaves the events of a deleted run": """
        class Wrong(MemoryStorage):
            def delete_run(self, run_id):
                log = self._state.logs.get(run_id)
                super().delete_run(run_id)
                if log is not None:
                    self._state.logs[run_id] = log
    """,
}


@pytest.mark.parametrize("code", WRONG.values(), ids=WRONG)
def test_a_wrong_storage_is_found_out(pytester: pytest.Pytester, code: str) -> None:
    lines = code.splitlines()
    body = "\n".join(line.removeprefix("        ") for line in lines)
    pytester.makepyfile(test_wrong=HEAD + body)
    result = pytester.runpytest_subprocess("-x", "-q", "-p", "no:cacheprovider")
    result.assert_outcomes(failed=1, passed=result.parseoutcomes().get("passed", 0))
