from __future__ import annotations

import subprocess
import sys
from pathlib import Path

USE = """
import sys
from plugwork.model import Batch, EventLogEntry, Holder, Run, RunsFilter, RunStatus
from plugwork_sqlite import SqliteStorage

storage = SqliteStorage(sys.argv[1])
run = Run("a_job", tags={"a": "1"})
lease = storage.create_run(run, holder=Holder("h", "b", "n", 1, "1"))
line = EventLogEntry(None, "INFO", "line", run.run_id, 1.0)
storage.append(Batch.of(run.run_id, [line], lease.fence, 1))
wanted = RunsFilter(statuses=(RunStatus.NOT_STARTED,), tags={"a": "1"})
assert storage.run_storage.get_runs(wanted) == [run]
assert storage.event_log_storage.get_logs_for_run(run.run_id) == [line]
storage.event_log_storage.get_stats_for_run(run.run_id)
storage.dispose()
print(*sys.modules)
"""


def modules_after(code: str, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.split())


def test_using_the_storage_imports_no_sqlalchemy(tmp_path: Path) -> None:
    modules = modules_after(USE, str(tmp_path))
    assert "sqlite3" in modules
    assert "sqlalchemy" not in modules
