from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from plugwork.errors import (
    EventLogInvalidForRun,
    InstanceDisposedError,
    InvariantViolationError,
    StorageDamagedError,
    StorageError,
    StorageFullError,
    StorageSchemaError,
    StorageUnavailableError,
)
from plugwork.model import EventType, Run
from plugwork_sqlite import SqliteStorage
from plugwork_sqlite.compiled import REVISION
from plugwork_testkit.storage.building import Worker, log_line, seqs

PIECES = 20


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def storage(home: Path) -> Iterator[SqliteStorage]:
    opened = SqliteStorage(home, busy_timeout=0.05)
    yield opened
    opened.dispose()


def execute(home: Path, sql: str, *values: object) -> None:
    """Change the file as a program would that is not plugwork."""
    connection = sqlite3.connect(home / "plugwork.db")
    with connection:
        connection.execute(sql, values)
    connection.close()


def test_a_file_that_another_program_locks_is_unavailable(
    storage: SqliteStorage, home: Path
) -> None:
    worker = Worker(storage)
    other = sqlite3.connect(home / "plugwork.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    batch = worker.batch([log_line(worker.run_id)])
    with pytest.raises(StorageUnavailableError, match=r"plugwork\.db is locked"):
        storage.append(batch)
    assert storage.run_storage.has_run(worker.run_id)
    other.execute("ROLLBACK")
    other.close()
    assert not storage.append(batch).duplicate
    assert seqs(storage, worker.run_id) == [1]


def test_a_batch_that_fails_half_way_leaves_nothing(storage: SqliteStorage, home: Path) -> None:
    worker = Worker(storage)
    execute(home, "ALTER TABLE step_attempts RENAME TO hidden")
    with pytest.raises(StorageDamagedError, match="no such table"):
        worker.step("a")
    execute(home, "ALTER TABLE hidden RENAME TO step_attempts")
    assert seqs(storage, worker.run_id) == []
    assert worker.step("a").first_seq == 1


@pytest.mark.parametrize("harm", ["delete", "empty", "replace"])
def test_a_file_that_was_taken_away_is_missed(
    storage: SqliteStorage, home: Path, harm: str
) -> None:
    worker = Worker(storage)
    worker.step("a")
    path = home / "plugwork.db"
    if harm == "empty":
        os.truncate(path, 0)
    else:
        path.unlink()
    if harm == "replace":
        path.write_bytes(b"something else")
    for call in (lambda: worker.step("b"), storage.run_storage.get_runs):
        with pytest.raises(StorageDamagedError, match=r"plugwork\.db is missing") as caught:
            call()
        assert caught.value.exit_code == 4


@pytest.mark.parametrize("harm", ["delete", "empty"])
def test_a_new_file_is_not_made_in_the_place_of_a_lost_one(home: Path, harm: str) -> None:
    SqliteStorage(home).dispose()
    path = home / "plugwork.db"
    if harm == "empty":
        os.truncate(path, 0)
    else:
        path.unlink()
    with pytest.raises(StorageDamagedError, match=r"delete plugwork\.db\.lock"):
        SqliteStorage(home)
    (home / "plugwork.db.lock").unlink()
    SqliteStorage(home).dispose()
    assert path.stat().st_size > 0


def test_an_empty_file_that_nobody_finished_is_made_whole(home: Path) -> None:
    home.mkdir()
    (home / "plugwork.db").touch()
    storage = SqliteStorage(home)
    assert storage.run_storage.get_runs_count() == 0
    storage.dispose()


def test_a_copy_without_its_lock_file_is_opened(home: Path, tmp_path: Path) -> None:
    storage = SqliteStorage(home)
    storage.run_storage.add_run(run := Run("a_job"))
    storage.dispose()
    (tmp_path / "copy").mkdir()
    shutil.copy(home / "plugwork.db", tmp_path / "copy")
    copy = SqliteStorage(tmp_path / "copy")
    assert copy.run_storage.get_runs() == [run]
    copy.dispose()


def test_a_file_that_is_no_database_is_named(home: Path) -> None:
    SqliteStorage(home).dispose()
    (home / "plugwork.db").write_bytes(b"no database at all " * 1000)
    with pytest.raises(StorageDamagedError, match=r"plugwork\.db is damaged"):
        SqliteStorage(home)


def test_a_database_of_another_program_is_not_taken(home: Path) -> None:
    home.mkdir()
    execute(home, "CREATE TABLE shopping (item TEXT)")
    with pytest.raises(StorageDamagedError, match=r"plugwork\.db is not whole"):
        SqliteStorage(home)


@pytest.mark.parametrize("piece", range(PIECES))
def test_a_truncated_file_is_detected_or_read_right(home: Path, piece: int) -> None:
    storage = SqliteStorage(home)
    worker = Worker(storage, tags={"a": "1"})
    for step in range(50):
        worker.step(f"s{step}")
    logs = storage.event_log_storage
    whole = logs.get_records_for_run(worker.run_id).records, storage.run_storage.get_runs()
    storage.dispose()
    path = home / "plugwork.db"
    os.truncate(path, path.stat().st_size * piece // PIECES)
    found = read_all(home, worker.run_id)
    assert found == whole or str(path) in str(found)


def read_all(home: Path, run_id: str) -> object:
    """Return a log and all runs, or the error that reading them gives."""
    try:
        storage = SqliteStorage(home)
        try:
            logs = storage.event_log_storage
            return logs.get_records_for_run(run_id).records, storage.run_storage.get_runs()
        finally:
            storage.dispose()
    except StorageError as error:
        return error


def test_a_damaged_event_is_named_and_the_others_are_read(
    storage: SqliteStorage, home: Path
) -> None:
    worker = Worker(storage)
    worker.step("a")
    execute(home, "UPDATE events SET body = substr(body, 1, 9) WHERE seq = 3")
    logs = storage.event_log_storage
    with pytest.raises(EventLogInvalidForRun, match=f"event 3 of run {worker.run_id}"):
        logs.get_records_for_run(worker.run_id)
    others = [logs.get_record(worker.run_id, seq) for seq in (1, 2, 4, 5, 6)]
    assert all(others)


@pytest.mark.parametrize(
    ("revision", "mend"), [("9999", "install a newer"), ("0000", "instance migrate")]
)
def test_another_schema_is_refused_with_both_named(home: Path, revision: str, mend: str) -> None:
    SqliteStorage(home).dispose()
    execute(home, "UPDATE alembic_version SET version_num = ?", revision)
    with pytest.raises(StorageSchemaError, match=mend) as caught:
        SqliteStorage(home)
    assert revision in str(caught.value)
    assert REVISION in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_disposed_storage_says_so(storage: SqliteStorage) -> None:
    worker = Worker(storage)
    storage.dispose()
    with pytest.raises(InstanceDisposedError):
        worker.step("a")
    with pytest.raises(InstanceDisposedError):
        storage.run_storage.get_runs()


def test_a_forked_child_is_told_to_open_its_own(storage: SqliteStorage, home: Path) -> None:
    worker = Worker(storage)
    worker.step("a")
    assert seqs(storage, worker.run_id) == [1, 2, 3, 4, 5, 6]
    child = os.fork()
    if child == 0:
        status = 1
        try:
            worker.step("b")
        except InvariantViolationError:
            own = SqliteStorage(home)
            status = 0 if len(seqs(own, worker.run_id)) == 6 else 2
            own.run_storage.add_run(Run("of_the_child"))
            own.dispose()
            storage.dispose()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert worker.step("c").first_seq == 7
    assert storage.run_storage.get_runs_count() == 2


def test_a_child_that_outlives_a_killed_writer_does_not_keep_its_lock(
    storage: SqliteStorage, home: Path
) -> None:
    told, tell = os.pipe()
    writer = os.fork()
    if writer == 0:
        with SqliteStorage(home).database.write():
            os.close(tell)
            if os.fork() == 0:
                os.read(told, 1)
                os._exit(0)
            os.kill(os.getpid(), signal.SIGKILL)
    os.close(told)
    assert os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]) == -signal.SIGKILL
    # The child inherited the file that its parent had locked, and is still there.
    assert Worker(storage).step("a").first_seq == 1
    os.close(tell)


def test_disposing_waits_for_the_thread_that_writes(storage: SqliteStorage) -> None:
    worker = Worker(storage)
    with ThreadPoolExecutor(1) as pool:
        with storage.database.write() as cursor:
            disposed = pool.submit(storage.dispose)
            cursor.execute("SELECT 1")
            assert not disposed.done()
        disposed.result(timeout=20)
    with pytest.raises(InstanceDisposedError):
        worker.step("a")


FAILING_SYNC = """
import sys
from plugwork_sqlite import SqliteStorage
from plugwork_testkit.storage.building import Worker

storage = SqliteStorage(sys.argv[1], "full")
worker = Worker(storage)
print(worker.run_id, flush=True)
for attempt in range(2):
    try:
        while True:
            worker.step(f"s{worker.number}")
            print(worker.number, flush=True)
    except Exception as error:
        print(type(error).__name__, flush=True)
"""


def test_a_file_whose_sync_failed_is_left_alone(home: Path) -> None:
    strace = ["strace", "-f", "-qq", "-o", "/dev/null"]
    if shutil.which("strace") is None or subprocess.run([*strace, "true"], check=False).returncode:
        pytest.skip("only on a machine where tests may trace processes")
    inject = ["-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=40"]
    done = subprocess.run(
        [*strace, *inject, sys.executable, "-c", FAILING_SYNC, str(home)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    run_id, *numbers, first, second = done.stdout.split()
    assert (first, second) == ("StorageDamagedError", "StorageDamagedError")
    assert numbers
    storage = SqliteStorage(home)
    found = seqs(storage, run_id)
    assert found == list(range(1, len(found) + 1))
    assert len(found) // 6 in (len(numbers), len(numbers) + 1)
    storage.dispose()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only on a machine where tests may mount")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mount was refused: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("durability", ["normal", "full"])
def test_a_full_disk_is_named_and_nothing_is_half_written(
    small_disk: Path, durability: str
) -> None:
    storage = SqliteStorage(small_disk, durability)
    worker = Worker(storage)
    worker.tell(EventType.RUN_START)
    (small_disk / "reserve").write_bytes(bytes(1 << 20))
    with pytest.raises(StorageFullError, match=str(small_disk)):
        deque((worker.step(f"s{number}") for number in count()), maxlen=0)
    found = len(seqs(storage, worker.run_id))
    assert found % 6 == 1
    with pytest.raises(StorageFullError):
        storage.run_storage.add_run(Run("a_job", run_config={"x": "x" * 100_000}))
    (small_disk / "reserve").unlink()
    assert worker.step("after").first_seq == found + 1
    worker.tell(EventType.RUN_SUCCESS)
    storage.dispose()
    again = SqliteStorage(small_disk)
    assert seqs(again, worker.run_id) == list(range(1, found + 8))
    again.dispose()
