from __future__ import annotations

import pytest

from plugwork.abc import CapturedLogMetadata, IOType
from plugwork.errors import CheckError
from plugwork_local.no_compute_logs import NoOpComputeLogManager

KEY = ["run", "compute_logs", "stem"]


def test_nothing_is_captured_and_the_console_shows_it(capfd: pytest.CaptureFixture[str]) -> None:
    manager = NoOpComputeLogManager()
    with manager.capture_logs(KEY) as context:
        print("shown")
    assert context.log_key == tuple(KEY)
    assert capfd.readouterr().out == "shown\n"
    data = manager.get_log_data(KEY)
    assert (data.stdout, data.stderr, data.cursor) == (None, None, "0:0")
    assert manager.is_capture_complete(KEY)
    assert manager.sizes(KEY) is None


def test_there_is_no_stream_no_place_and_no_key() -> None:
    manager = NoOpComputeLogManager()
    with manager.open_log_stream(KEY, IOType.STDOUT) as stream:
        assert stream is None
    assert manager.get_log_metadata(KEY) == CapturedLogMetadata()
    assert manager.get_log_keys_for_log_key_prefix(["run"], IOType.STDOUT) == []


def test_bad_arguments_are_refused_all_the_same() -> None:
    manager = NoOpComputeLogManager()
    manager.delete_logs(log_key=KEY)
    with pytest.raises(CheckError):
        manager.delete_logs()
    with pytest.raises(ValueError, match="log key"), manager.capture_logs([]):
        pass
