"""What every file manager must do."""

from __future__ import annotations

import io
import os
import pickle
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

import attrs
import pytest

from plugwork.abc import FileHandle, FileManager
from plugwork.errors import ParameterCheckError
from plugwork_testkit.processes import call_elsewhere, running_elsewhere

OpenFileManager = Callable[[], FileManager]


class BrokenReader(io.BytesIO):
    """Gives some bytes, and then fails."""

    def __init__(self) -> None:
        super().__init__()
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads += 1
        if self._reads > 1:
            raise OSError("the reader broke")
        return b"half"


class StuckReader(io.BytesIO):
    """Gives some bytes, says so on standard output, and then waits for good."""

    def __init__(self) -> None:
        super().__init__()
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads += 1
        if self._reads > 1:
            print("half", flush=True)
            threading.Event().wait()
        return b"half"


@attrs.frozen
class StrangeHandle(FileHandle):
    """A handle of no file manager."""

    @property
    def path_desc(self) -> str:
        return "nowhere"


def _read_elsewhere(open_file_manager: OpenFileManager, handle: FileHandle) -> bytes:
    return open_file_manager().read_data(handle)


def _write_for_good(open_file_manager: OpenFileManager) -> None:
    open_file_manager().write(StuckReader())


class FileManagerConformance:
    """Subclass it as ``TestMine``, and give the two fixtures that raise here."""

    @pytest.fixture
    def open_file_manager(self) -> OpenFileManager:
        """What makes a manager of one and the same, empty place whenever it is called.

        It is pickled and called in other processes, too: a class, a function of an installed
        module, or a ``functools.partial`` of one.
        """
        raise NotImplementedError("give the fixture open_file_manager")

    @pytest.fixture
    def stored_names(self) -> Callable[[], Collection[str]]:
        """What tells the names of all whole files that are stored now."""
        raise NotImplementedError("give the fixture stored_names")

    @pytest.fixture
    def file_manager(self, open_file_manager: OpenFileManager) -> FileManager:
        return open_file_manager()

    def test_bytes_come_back(self, file_manager: FileManager) -> None:
        handle = file_manager.write_data(b"foo")
        assert file_manager.read_data(handle) == b"foo"
        assert isinstance(handle.path_desc, str)

    def test_a_file_may_be_empty(self, file_manager: FileManager) -> None:
        handle = file_manager.write(io.BytesIO())
        assert file_manager.exists(handle)
        assert file_manager.read_data(handle) == b""

    @pytest.mark.parametrize("ext", ["txt", ".txt"])
    def test_a_name_ends_with_one_dot_and_the_extension(
        self, file_manager: FileManager, ext: str
    ) -> None:
        name = file_manager.write_data(b"x", ext=ext).path_desc
        assert name.endswith(".txt")
        assert not name.endswith("..txt")

    @pytest.mark.parametrize("ext", ["../x", "/etc/x", "a/b", "x\0y", "x" * 5000])
    def test_an_extension_is_no_path(
        self, file_manager: FileManager, stored_names: Callable[[], Collection[str]], ext: str
    ) -> None:
        with pytest.raises(ParameterCheckError):
            file_manager.write_data(b"x", ext=ext)
        assert not stored_names()

    def test_equal_contents_make_two_files(self, file_manager: FileManager) -> None:
        first, second = (file_manager.write_data(b"same") for _ in range(2))
        assert first != second
        file_manager.delete(first)
        assert file_manager.read_data(second) == b"same"

    @pytest.mark.parametrize("data", ["foo", None, 7, io.BytesIO(b"foo")])
    def test_data_that_is_not_bytes_is_refused_and_nothing_is_made(
        self, file_manager: FileManager, stored_names: Callable[[], Collection[str]], data: Any
    ) -> None:
        with pytest.raises(ParameterCheckError):
            file_manager.write_data(data)
        assert not stored_names()

    def test_text_is_stored_as_utf_8(self, file_manager: FileManager) -> None:
        handle = file_manager.write(io.StringIO("héé"), mode="w", ext="t")
        assert file_manager.read_data(handle) == b"h\xc3\xa9\xc3\xa9"
        with file_manager.read(handle, "r") as stream:
            assert stream.read() == "héé"

    def test_what_was_read_already_is_not_copied(self, file_manager: FileManager) -> None:
        source = io.BytesIO(b"head and tail")
        source.seek(9)
        assert file_manager.read_data(file_manager.write(source)) == b"tail"

    def test_a_large_file_comes_back_whole(self, file_manager: FileManager) -> None:
        data = bytes(range(256)) * 20_000
        assert file_manager.read_data(file_manager.write(io.BytesIO(data))) == data

    @pytest.mark.parametrize(("content", "mode"), [("text", "wb"), (b"bytes", "w")])
    def test_the_mode_must_fit_the_object(
        self,
        file_manager: FileManager,
        stored_names: Callable[[], Collection[str]],
        content: str | bytes,
        mode: str,
    ) -> None:
        source: IO[Any] = io.StringIO(content) if isinstance(content, str) else io.BytesIO(content)
        with pytest.raises(TypeError):
            file_manager.write(source, mode=mode)
        assert not stored_names()

    @pytest.mark.parametrize("mode", ["a", "r+", "x", "wt", ""])
    def test_other_modes_of_writing_are_refused(
        self, file_manager: FileManager, stored_names: Callable[[], Collection[str]], mode: str
    ) -> None:
        with pytest.raises(ParameterCheckError):
            file_manager.write(io.BytesIO(b"x"), mode=mode)
        assert not stored_names()

    def test_what_cannot_be_read_is_refused(self, file_manager: FileManager) -> None:
        path: Any = "some/path"
        with pytest.raises(ParameterCheckError):
            file_manager.write(path)

    @pytest.mark.parametrize("mode", ["w", "rw", "a", ""])
    def test_other_modes_of_reading_are_refused(self, file_manager: FileManager, mode: str) -> None:
        handle = file_manager.write_data(b"x")
        with pytest.raises(ParameterCheckError):
            file_manager.read(handle, mode)
        assert file_manager.read_data(handle) == b"x"

    def test_a_stream_is_used_with_and_without_a_context(self, file_manager: FileManager) -> None:
        handle = file_manager.write_data(b"foo")
        stream = file_manager.read(handle)
        assert stream.read() == b"foo"
        stream.close()
        with file_manager.read(handle) as inside:
            assert inside.read() == b"foo"
        assert inside.closed

    def test_a_handle_of_another_kind_is_refused(self, file_manager: FileManager) -> None:
        for use in (file_manager.read, file_manager.read_data, file_manager.exists):
            with pytest.raises(ParameterCheckError):
                use(StrangeHandle())

    def test_a_deleted_file_is_gone(self, file_manager: FileManager) -> None:
        handle = file_manager.write_data(b"foo")
        assert file_manager.exists(handle)
        file_manager.delete(handle)
        file_manager.delete(handle)
        assert not file_manager.exists(handle)
        for use in (file_manager.read, file_manager.read_data):
            with pytest.raises(FileNotFoundError):
                use(handle)

    def test_a_temporary_copy_is_the_managers_to_delete(self, file_manager: FileManager) -> None:
        handle = file_manager.write_data(b"foo")
        path = file_manager.copy_handle_to_local_temp(handle)
        assert path != handle.path_desc
        with open(path, "rb") as copy:
            assert copy.read() == b"foo"
        file_manager.delete_local_temp()
        assert not os.path.exists(path)
        file_manager.delete_local_temp()
        assert file_manager.read_data(handle) == b"foo"

    def test_a_manager_is_usable_after_its_copies_were_deleted(
        self, file_manager: FileManager
    ) -> None:
        handle = file_manager.write_data(b"foo")
        file_manager.copy_handle_to_local_temp(handle)
        file_manager.delete_local_temp()
        with open(file_manager.copy_handle_to_local_temp(handle), "rb") as copy:
            assert copy.read() == b"foo"
        file_manager.delete_local_temp()

    def test_a_handle_is_read_in_another_process(
        self, file_manager: FileManager, open_file_manager: OpenFileManager
    ) -> None:
        handle = file_manager.write_data(b"from here")
        assert pickle.loads(pickle.dumps(handle)) == handle
        assert call_elsewhere(_read_elsewhere, open_file_manager, handle) == b"from here"

    def test_fifty_threads_write_a_thousand_files(self, file_manager: FileManager) -> None:
        def write(number: int) -> list[FileHandle]:
            return [file_manager.write_data(b"%d-%d" % (number, n)) for n in range(20)]

        with ThreadPoolExecutor(50) as pool:
            handles = [handle for some in pool.map(write, range(50)) for handle in some]
        expected = [b"%d-%d" % (number, n) for number in range(50) for n in range(20)]
        assert len({handle.path_desc for handle in handles}) == 1000
        assert [file_manager.read_data(handle) for handle in handles] == expected

    def test_threads_copy_and_delete_temporary_files(self, file_manager: FileManager) -> None:
        handle = file_manager.write_data(b"foo")

        def copy(_: int) -> str:
            return file_manager.copy_handle_to_local_temp(handle)

        with ThreadPoolExecutor(8) as pool:
            paths = list(pool.map(copy, range(40)))
        assert len(set(paths)) == 40
        file_manager.delete_local_temp()
        assert not any(os.path.exists(path) for path in paths)

    def test_a_reader_that_fails_leaves_no_file(
        self, file_manager: FileManager, stored_names: Callable[[], Collection[str]]
    ) -> None:
        with pytest.raises(OSError, match="the reader broke"):
            file_manager.write(BrokenReader())
        assert not stored_names()

    def test_a_writer_that_is_killed_leaves_no_file(
        self, open_file_manager: OpenFileManager, stored_names: Callable[[], Collection[str]]
    ) -> None:
        with running_elsewhere(_write_for_good, open_file_manager) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"half\n"
            assert not stored_names()
            writer.kill()
        assert not stored_names()
        manager = open_file_manager()
        assert manager.read_data(manager.write_data(b"next")) == b"next"
