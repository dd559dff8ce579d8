from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import pytest

from plugwork.errors import FileHandleError
from plugwork_local.file_manager import LocalFileHandle, LocalFileManager
from plugwork_local.whole_files import GROWING
from plugwork_testkit.file_manager import FileManagerConformance, OpenFileManager, StuckReader
from plugwork_testkit.processes import running_elsewhere


@pytest.fixture
def base_dir(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "files"


@pytest.fixture
def manager(base_dir: Path) -> LocalFileManager:
    return LocalFileManager(base_dir)


def names(base_dir: Path) -> list[str]:
    if not base_dir.exists():
        return []
    return sorted(path.name for path in base_dir.iterdir() if path.is_file())


class TestLocalFileManager(FileManagerConformance):
    @pytest.fixture
    def open_file_manager(self, base_dir: Path) -> OpenFileManager:
        return partial(LocalFileManager, str(base_dir))

    @pytest.fixture
    def stored_names(self, base_dir: Path) -> Callable[[], Collection[str]]:
        return partial(names, base_dir)


class TestLocalFileManagerOfFullDurability(TestLocalFileManager):
    @pytest.fixture
    def open_file_manager(self, base_dir: Path) -> OpenFileManager:
        return partial(LocalFileManager, str(base_dir), "full")


def write_for_good(base_dir: str) -> None:
    LocalFileManager(base_dir).write(StuckReader())


def test_a_name_is_a_uuid(manager: LocalFileManager, base_dir: Path) -> None:
    path = Path(manager.write_data(b"foo").path)
    assert path.parent == base_dir
    assert str(uuid.UUID(path.name)) == path.name


def test_an_empty_extension_is_none(manager: LocalFileManager) -> None:
    assert "." not in Path(manager.write_data(b"foo", ext="").path).name


def test_nothing_is_made_before_the_first_write(manager: LocalFileManager, base_dir: Path) -> None:
    with pytest.raises(FileNotFoundError):
        manager.read_data(LocalFileHandle(str(base_dir / "missing")))
    assert not base_dir.exists()


def test_files_and_directories_are_closed_to_others(
    manager: LocalFileManager, base_dir: Path
) -> None:
    before = os.umask(0)
    try:
        path = Path(manager.write_data(b"foo").path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (base_dir, base_dir.parent, base_dir / GROWING):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_relative_directory_is_that_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    manager = LocalFileManager("files")
    monkeypatch.chdir("/")
    assert Path(manager.write_data(b"foo").path).parent == tmp_path / "files"


@pytest.mark.parametrize(
    "path", ["{base}/../secret", "{base}/link", "{outside}", "{base}", "{base}/.growing/x"]
)
def test_a_handle_that_leads_outside_is_refused(
    manager: LocalFileManager, base_dir: Path, tmp_path: Path, path: str
) -> None:
    outside = tmp_path / "deep" / "secret"
    manager.write_data(b"foo")
    outside.write_bytes(b"secret")
    (base_dir / "link").symlink_to(outside)
    handle = LocalFileHandle(path.format(base=base_dir, outside=outside))
    for use in (manager.read_data, manager.exists, manager.delete):
        with pytest.raises(FileHandleError, match="set base_dir"):
            use(handle)
    assert outside.read_bytes() == b"secret"


@pytest.mark.parametrize("path", ["relative", "", "/a\0b"])
def test_a_handle_that_is_no_absolute_path_is_refused(manager: LocalFileManager, path: str) -> None:
    with pytest.raises(FileHandleError):
        manager.read_data(LocalFileHandle(path))


def test_a_handle_of_another_directory_is_refused(
    manager: LocalFileManager, tmp_path: Path
) -> None:
    handle = LocalFileManager(tmp_path / "other").write_data(b"foo")
    with pytest.raises(FileHandleError):
        manager.read_data(handle)


def test_a_directory_behind_a_link_is_the_same_directory(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    handle = LocalFileManager(tmp_path / "link").write_data(b"foo")
    assert LocalFileManager(tmp_path / "real").read_data(handle) == b"foo"


def test_what_a_killed_writer_left_is_swept_and_what_grows_is_not(
    base_dir: Path, manager: LocalFileManager
) -> None:
    growing = base_dir / GROWING
    with (
        running_elsewhere(write_for_good, str(base_dir)) as killed,
        running_elsewhere(write_for_good, str(base_dir)) as alive,
    ):
        for writer in (killed, alive):
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"half\n"
        assert len(list(growing.iterdir())) == 2
        killed.kill()
        killed.wait()
        manager.write_data(b"foo")
        assert len(list(growing.iterdir())) == 1
        alive.kill()
    assert len(names(base_dir)) == 1


def test_a_full_disk_leaves_nothing_behind(
    manager: LocalFileManager, base_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        manager.write_data(b"foo")
    assert not names(base_dir)
    assert not list((base_dir / GROWING).iterdir())
