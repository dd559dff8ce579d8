"""The check of a home finds what it looks for: each harm is done by hand."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from faultkit.checks import check_instance
from faultkit.homes import Home


@pytest.fixture
def told(home: Home) -> list[dict[str, Any]]:
    """A home with one whole run; return its events."""
    command = home.start_run("work.py:work")
    assert command.wait() == 0, command.errors()
    assert check_instance(home.path, command.acknowledged()) == []
    return command.acknowledged()


def execute(home: Home, sql: str) -> None:
    connection = sqlite3.connect(home.path / "plugwork.db")
    with connection:
        connection.execute(sql)
    connection.close()


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("DELETE FROM events WHERE seq = 7", "its events are"),
        ("DELETE FROM events WHERE seq > 120", "but its log says"),
        ("DELETE FROM events WHERE type = 'STEP_SUCCESS'", "left open"),
        ("UPDATE step_attempts SET status = 'IN_PROGRESS'", "is in progress"),
        ("UPDATE runs SET status = 'STARTED'", "it is STARTED"),
        ("UPDATE runs SET status = 'FAILURE'", "without a cause"),
        ("UPDATE events SET time = time + 1000000 WHERE seq = 9", "event 9"),
    ],
)
def test_a_spoiled_row_is_found(
    home: Home, told: list[dict[str, Any]], sql: str, found: str
) -> None:
    execute(home, sql)
    assert found in "".join(check_instance(home.path, told))


@pytest.mark.parametrize("pattern", ["storage/*/*/result", "storage/file_manager/*.summed"])
def test_a_half_file_is_found(home: Home, told: list[dict[str, Any]], pattern: str) -> None:
    file = next(home.path.glob(pattern))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert f"{file} is not whole" in "".join(check_instance(home.path, told))


def test_a_missing_output_is_found(home: Home, told: list[dict[str, Any]]) -> None:
    next(home.path.glob("storage/*/third/result")).unlink()
    assert "output result of third is not there" in "".join(check_instance(home.path, told))


def test_a_lost_run_is_found(home: Home, told: list[dict[str, Any]], tmp_path: Path) -> None:
    with Home(tmp_path / "other") as other:
        assert other.start_run("work.py:work").wait() == 0
        assert "is lost" in "".join(check_instance(other.path, told))
