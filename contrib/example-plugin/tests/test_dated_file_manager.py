from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import pytest

from plugwork.clock import SystemClock
from plugwork.errors import ParameterCheckError
from plugwork.plugin import ComponentContext, Kind
from plugwork_example.file_manager import (
    DatedFileManager,
    DatedHandle,
    DatedSettings,
    open_file_manager,
)
from plugwork_testkit.clock import ManualClock
from plugwork_testkit.file_manager import FileManagerConformance, OpenFileManager


def whole_files(base_dir: Path) -> list[str]:
    return [str(path) for path in base_dir.glob("[0-9]*/*/*/*")]


class TestDatedFileManager(FileManagerConformance):
    @pytest.fixture
    def open_file_manager(self, tmp_path: Path) -> OpenFileManager:
        return partial(DatedFileManager, tmp_path / "files", SystemClock())

    @pytest.fixture
    def stored_names(self, tmp_path: Path) -> Callable[[], Collection[str]]:
        return partial(whole_files, tmp_path / "files")


def test_a_file_lies_in_the_folder_of_its_day(tmp_path: Path, clock: ManualClock) -> None:
    manager = DatedFileManager(tmp_path, clock)
    assert manager.write_data(b"x").name.startswith("2024/01/01/")
    clock.advance(24 * 60 * 60)
    assert manager.write_data(b"x").name.startswith("2024/01/02/")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "2024/01/01/../../../secret", ""])
def test_a_handle_never_leads_outside(tmp_path: Path, clock: ManualClock, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    manager = DatedFileManager(tmp_path / "files", clock)
    for use in (manager.read_data, manager.exists, manager.delete):
        with pytest.raises(ParameterCheckError):
            use(DatedHandle(str(tmp_path), name))
    assert (tmp_path / "secret").exists()


def test_a_relative_folder_begins_at_the_home(tmp_path: Path, clock: ManualClock) -> None:
    context = ComponentContext(
        kind=Kind.FILE_MANAGER,
        name="dated",
        home=tmp_path,
        storage_dir=tmp_path / "storage",
        durability="normal",
        lease_ttl=15,
        clock=clock,
    )
    manager = open_file_manager(DatedSettings(base_dir="kept"), context)
    manager.write_data(b"x")
    assert whole_files(tmp_path / "kept")
