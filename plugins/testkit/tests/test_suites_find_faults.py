"""The conformance classes fail for components that are wrong in one way."""

from __future__ import annotations

import pytest

FILES = """
from functools import partial
import os
import uuid

import pytest
from plugwork_local import LocalFileHandle, LocalFileManager
from plugwork_testkit.file_manager import FileManagerConformance


class WritesInPlace(LocalFileManager):
    def _store(self, chunks, ext):
        path = os.path.join(self.base_dir, str(uuid.uuid4()) + (f".{ext}" if ext else ""))
        with open(path, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
        return LocalFileHandle(path)


class KeepsCopies(LocalFileManager):
    def delete_local_temp(self):
        pass


class NamesByContent(LocalFileManager):
    def write_data(self, data, ext=None):
        written = super().write_data(data, ext)
        path = os.path.join(self.base_dir, data.hex()[:20])
        os.replace(written.path, path)
        return LocalFileHandle(path)


class TestWrong(FileManagerConformance):
    @pytest.fixture
    def open_file_manager(self, tmp_path):
        return partial(WRONG, str(tmp_path))

    @pytest.fixture
    def stored_names(self, tmp_path):
        return lambda: [path for path in tmp_path.iterdir() if path.is_file()]
"""

LOGS = """
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial

import pytest
from plugwork.abc import CapturedLogContext, IOType
from plugwork_local import LocalComputeLogManager
from plugwork_testkit.compute_logs import ComputeLogsConformance


class SeesPythonAlone(LocalComputeLogManager):
    @contextmanager
    def capture_logs(self, log_key, echo=True):
        out = self.open_log_stream(log_key, IOType.STDOUT)
        err = self.open_log_stream(log_key, IOType.STDERR)
        with out as out, err as err, redirect_stdout(out), redirect_stderr(err):
            yield CapturedLogContext(log_key)


class IsAlwaysComplete(LocalComputeLogManager):
    def is_capture_complete(self, log_key):
        return True


class TestWrong(ComputeLogsConformance):
    @pytest.fixture
    def open_compute_logs(self, tmp_path):
        return partial(WRONG, str(tmp_path))
"""

VALUES = """
from functools import partial
import os
import pickle

import pytest
from plugwork.abc import IOManager
from plugwork_local.pickled_values import PickledValues
from plugwork_testkit.io_manager import IOManagerConformance


class WritesInPlace(IOManager):
    def __init__(self, root):
        self.root = root

    def path(self, context):
        return PickledValues(self.root).path(context.get_identifier())

    def handle_output(self, context, obj):
        os.makedirs(os.path.dirname(self.path(context)), exist_ok=True)
        with open(self.path(context), "wb") as file:
            pickle.dump(obj, file)

    def load_input(self, context):
        with open(self.path(context), "rb") as file:
            return pickle.load(file)


class TakesNamesAsPaths(WritesInPlace):
    def path(self, context):
        return os.path.join(self.root, *context.get_identifier())


class TestWrong(IOManagerConformance):
    @pytest.fixture
    def open_manager(self, tmp_path):
        return partial(WRONG, str(tmp_path / "values"))
"""

EXECUTOR = """
import pytest
from plugwork_testkit.executor import ExecutorConformance

NeverTriesAgain = {"in_process": {"retries": False}}


class TestWrong(ExecutorConformance):
    @pytest.fixture
    def executor(self):
        return WRONG
"""


@pytest.mark.parametrize(
    ("source", "wrong", "found_by"),
    [
        (
            FILES,
            "WritesInPlace",
            {"a_reader_that_fails_leaves_no_file", "a_writer_that_is_killed_leaves_no_file"},
        ),
        (FILES, "KeepsCopies", {"a_temporary_copy_is_the_managers_to_delete"}),
        (FILES, "NamesByContent", {"equal_contents_make_two_files"}),
        (
            LOGS,
            "SeesPythonAlone",
            {
                "all_that_a_process_writes_arrives_in_order",
                "a_killed_process_loses_nothing",
                "another_thread_is_refused",
            },
        ),
        (LOGS, "IsAlwaysComplete", {"a_capture_whose_body_raises_is_not_complete"}),
        (
            VALUES,
            "WritesInPlace",
            {
                "a_value_that_cannot_be_stored_leaves_the_one_before",
                "a_process_that_is_killed_leaves_the_value_before",
            },
        ),
        (VALUES, "TakesNamesAsPaths", {"no_name_leads_elsewhere_or_onto_another"}),
        (
            EXECUTOR,
            "NeverTriesAgain",
            {"a_step_that_fails_once_is_tried_again", "retries_come_to_an_end"},
        ),
    ],
)
def test_a_fault_is_found(
    pytester: pytest.Pytester, source: str, wrong: str, found_by: set[str]
) -> None:
    pytester.makepyfile(test_wrong=f"{source}\n\nWRONG = {wrong}\n")
    chosen = " or ".join(found_by)
    outcome = pytester.runpytest_subprocess("-k", chosen, timeout=100).parseoutcomes()
    assert outcome["failed"] == len(found_by)
    assert "passed" not in outcome
    assert "errors" not in outcome


def test_a_suite_says_which_fixture_it_wants(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_bare="""
        from plugwork_testkit.file_manager import FileManagerConformance

        class TestBare(FileManagerConformance):
            pass
        """
    )
    result = pytester.runpytest_subprocess("-k", "test_bytes_come_back", timeout=100)
    result.stdout.fnmatch_lines(["*give the fixture open_file_manager*"])
