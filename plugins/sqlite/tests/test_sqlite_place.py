from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugwork.clock import SYSTEM_CLOCK
from plugwork.errors import StoragePlaceError
from plugwork.model import Run
from plugwork.plugin import ComponentContext, Kind
from plugwork_sqlite import SqliteStorage, place
from plugwork_sqlite.settings import SqliteSettings
from plugwork_sqlite.storage import open_storage

NOBODY = 65534


@pytest.fixture
def shut() -> Iterator[Path]:
    """A directory that the current user may read only."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        if os.geteuid() == 0:
            directory.chmod(0o755)
            os.seteuid(NOBODY)
        else:
            directory.chmod(0o500)
        yield directory
        if os.getuid() == 0:
            os.seteuid(0)
        directory.chmod(0o700)


def test_the_files_are_for_their_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    storage = SqliteStorage(home)
    storage.run_storage.add_run(Run("a_job"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert modes.pop("plugwork.db") == 0o600
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    storage.dispose()


def test_a_directory_that_cannot_be_written_is_refused(shut: Path) -> None:
    with pytest.raises(StoragePlaceError) as caught:
        SqliteStorage(shut)
    assert str(shut) in str(caught.value)
    assert "mode dr-x" in str(caught.value) or "mode drwxr-xr-x" in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_directory_that_cannot_be_made_is_refused(shut: Path) -> None:
    with pytest.raises(StoragePlaceError, match="cannot be made"):
        SqliteStorage(shut / "deeper")


def test_a_file_of_another_owner_is_refused(tmp_path: Path) -> None:
    SqliteStorage(tmp_path).dispose()
    path = tmp_path / "plugwork.db"
    path.chmod(0o400)
    if os.geteuid() != 0:
        with pytest.raises(StoragePlaceError, match="mode -r--------"):
            SqliteStorage(tmp_path)
        return
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o777)
        SqliteStorage(home).dispose()
        (home / "plugwork.db.lock").chmod(0o666)
        os.seteuid(NOBODY)
        try:
            with pytest.raises(StoragePlaceError, match=r"mode -rw-------, owner 0"):
                SqliteStorage(home)
        finally:
            os.seteuid(0)


def test_a_lock_file_of_another_owner_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        (tmp_path / "plugwork.db.lock").touch(mode=0o400)
        with pytest.raises(StoragePlaceError, match=r"plugwork\.db\.lock"):
            SqliteStorage(tmp_path)
        return
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o777)
        SqliteStorage(home).dispose()
        os.seteuid(NOBODY)
        try:
            with pytest.raises(StoragePlaceError, match=r"plugwork\.db\.lock"):
                SqliteStorage(home)
        finally:
            os.seteuid(0)


def test_a_directory_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plugwork.db").mkdir()
    with pytest.raises(StoragePlaceError, match="is not a file"):
        SqliteStorage(tmp_path)


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs"])
def test_a_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"root / ext4 rw 0 0\nserver:/share {tmp_path} {kind} rw 0 0\n")
    monkeypatch.setattr(place, "MOUNTS", str(mounts))
    with pytest.raises(StoragePlaceError, match=f"network file system \\({kind}\\).*base_dir"):
        SqliteStorage(tmp_path / "home")
    assert not (tmp_path / "home" / "plugwork.db").exists()


def test_the_file_system_is_that_of_the_deepest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    deep = tmp_path / "a b" / "c"
    deep.mkdir(parents=True)
    (tmp_path / "link").symlink_to(deep)
    spaced = str(tmp_path / "a b").replace(" ", "\\040")
    mounts.write_text(
        f"root / ext4 rw 0 0\nx {spaced} nfs rw 0 0\ny {spaced}/c tmpfs rw 0 0\n"
        f"z {spaced}/c xfs rw 0 0\nother {spaced}/cc cifs rw 0 0\n"
    )

    def find(path: Path) -> str | None:
        return place.find_file_system(path, str(mounts))

    assert find(deep) == "xfs"
    assert find(tmp_path / "link" / "deeper") == "xfs"
    assert find(tmp_path / "a b") == "nfs"
    assert find(tmp_path / "a b c") == "ext4"
    assert place.find_file_system(deep, str(tmp_path / "nothing")) is None


def context(home: Path, durability: str = "normal") -> ComponentContext:
    return ComponentContext(
        kind=Kind.STORAGE,
        name="sqlite",
        home=home,
        storage_dir=home / "storage",
        durability=durability,
        lease_ttl=15.0,
        clock=SYSTEM_CLOCK,
    )


@pytest.mark.parametrize(("durability", "pragma"), [("normal", 1), ("full", 2)])
def test_the_instance_says_where_and_how_durable(
    tmp_path: Path, durability: str, pragma: int
) -> None:
    storage = open_storage(SqliteSettings(), context(tmp_path, durability))
    assert (tmp_path / "plugwork.db").exists()
    with storage.database.write() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (pragma,)
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert storage.info()["durability"] == durability
    storage.dispose()


def test_a_setting_chooses_another_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    storage = open_storage(SqliteSettings(base_dir="~/elsewhere"), context(tmp_path / "home"))
    assert (tmp_path / "elsewhere" / "plugwork.db").exists()
    storage.dispose()
