"""What every compute log manager that keeps bytes must do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plugwork.abc import ComputeLogManager, IOType
from plugwork.errors import CheckError, InvalidCursorError
from plugwork_testkit.captures import CaptureChecks, OpenComputeLogs, say

BAD_KEYS: list[list[str]] = [[], [".."], ["ns", ".."], ["a/b"], ["", "x"], ["."], ["x\0y"]]


class ComputeLogsConformance(CaptureChecks):
    """Subclass it as ``TestMine``, and give the fixture that raises here."""

    @pytest.fixture
    def open_compute_logs(self) -> OpenComputeLogs:
        """What makes a manager of one and the same, empty place whenever it is called.

        It is pickled and called in other processes, too: a class, a function of an installed
        module, or a ``functools.partial`` of one.
        """
        raise NotImplementedError("give the fixture open_compute_logs")

    @pytest.fixture
    def compute_logs(self, open_compute_logs: OpenComputeLogs) -> Iterator[ComputeLogManager]:
        manager = open_compute_logs()
        yield manager
        manager.dispose()

    @pytest.fixture(autouse=True)
    def console(self, capfd: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
        """Where the output of every test here is shown."""
        return capfd

    @pytest.fixture
    def key(self) -> list[str]:
        return [str(uuid.uuid4()), "compute_logs", "abcdefgh"]

    def test_cursors_count_bytes(self, compute_logs: ComputeLogManager, key: list[str]) -> None:
        with compute_logs.capture_logs(key):
            say("sixteen letters\n", "four")
        assert compute_logs.get_log_data(key).cursor == "16:4"
        data = compute_logs.get_log_data(key, cursor="0:2", max_bytes=1)
        assert (data.stdout, data.stderr, data.cursor) == (b"s", b"u", "1:3")
        rest = compute_logs.get_log_data(key, cursor=data.cursor)
        assert (rest.stdout, rest.stderr, rest.cursor) == (b"ixteen letters\n", b"r", "16:4")
        end = compute_logs.get_log_data(key, cursor=rest.cursor)
        assert (end.stdout, end.stderr, end.cursor) == (b"", b"", "16:4")
        assert compute_logs.get_log_data(key, cursor="x").cursor == "16:4"
        with pytest.raises(InvalidCursorError):
            compute_logs.get_log_data(key, cursor="a:b")

    def test_sizes_are_those_of_the_streams(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        with compute_logs.capture_logs(key):
            say("sixteen letters\n", "four")
            assert compute_logs.sizes(key) in (None, (16, 4))

    def test_an_unknown_key_has_no_data(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        data = compute_logs.get_log_data(key)
        assert (data.stdout, data.stderr, data.cursor) == (None, None, "0:0")
        assert compute_logs.get_log_data_for_type(key, IOType.STDOUT, 7) == (None, 7)

    def test_text_is_appended_through_a_stream(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        for text in ("héé\n", "more\n"):
            with compute_logs.open_log_stream(key, IOType.STDERR) as stream:
                if stream is not None:
                    stream.write(text)
        assert compute_logs.get_log_data(key).stderr in (None, "héé\nmore\n".encode())

    def test_keys_below_a_prefix_are_listed_in_order(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        prefix = key[:-1]
        for stem in ("second", "first"):
            with compute_logs.capture_logs([*prefix, stem]):
                say(stem)
        with compute_logs.capture_logs([*prefix, "deeper", "third"]):
            say("third")
        for io_type in IOType:
            listed = compute_logs.get_log_keys_for_log_key_prefix(prefix, io_type)
            assert [list(one) for one in listed] == [[*prefix, "first"], [*prefix, "second"]]

    def test_one_capture_is_deleted(self, compute_logs: ComputeLogManager, key: list[str]) -> None:
        other = [*key[:-1], "other"]
        for one in (key, other):
            with compute_logs.capture_logs(one):
                say("x")
        compute_logs.delete_logs(log_key=key)
        compute_logs.delete_logs(log_key=key)
        assert compute_logs.get_log_data(key).stdout is None
        assert not compute_logs.is_capture_complete(key)
        assert compute_logs.get_log_data(other).stdout == b"x"

    def test_all_below_a_prefix_is_deleted(
        self, compute_logs: ComputeLogManager, key: list[str]
    ) -> None:
        kept = [f"{key[0]}-not", "compute_logs", "abcdefgh"]
        for one in (key, kept):
            with compute_logs.capture_logs(one):
                say("x")
        compute_logs.delete_logs(prefix=key[:1])
        compute_logs.delete_logs(prefix=key[:1])
        assert compute_logs.get_log_data(key).stdout is None
        assert compute_logs.get_log_data(kept).stdout == b"x"

    def test_deleting_says_what(self, compute_logs: ComputeLogManager) -> None:
        with pytest.raises(CheckError):
            compute_logs.delete_logs()
        with pytest.raises(ValueError, match="log key"):
            compute_logs.delete_logs(prefix=[])

    @pytest.mark.parametrize("bad", BAD_KEYS)
    def test_a_key_that_leads_elsewhere_is_refused(
        self, compute_logs: ComputeLogManager, bad: list[str]
    ) -> None:
        uses: list[Callable[[list[str]], Any]] = [
            compute_logs.get_log_data,
            compute_logs.get_log_metadata,
            compute_logs.is_capture_complete,
            compute_logs.delete_logs,
        ]
        for use in uses:
            with pytest.raises(ValueError, match="log key"):
                use(bad)
        with pytest.raises(ValueError, match="log key"), compute_logs.capture_logs(bad):
            pass

    @pytest.mark.parametrize("letter", ["x", "é"])
    def test_a_long_name_is_found_again(
        self, compute_logs: ComputeLogManager, key: list[str], letter: str
    ) -> None:
        long = [*key[:-1], letter * 300]
        with compute_logs.capture_logs(long):
            say("found")
        assert compute_logs.get_log_data(long).stdout == b"found"
        assert compute_logs.is_capture_complete(long)
        assert compute_logs.get_log_data([*key[:-1], letter * 301]).stdout is None

    def test_the_place_is_told(self, compute_logs: ComputeLogManager, key: list[str]) -> None:
        told = compute_logs.get_log_metadata(key)
        assert told.stdout_location or told.stdout_download_url

    def test_a_run_has_keys_of_its_own(self, compute_logs: ComputeLogManager) -> None:
        assert list(compute_logs.build_log_key_for_run("run", "abcdefgh")) == [
            "run",
            "compute_logs",
            "abcdefgh",
        ]

    def test_disposing_twice_is_fine(self, compute_logs: ComputeLogManager) -> None:
        compute_logs.dispose()
        compute_logs.dispose()
