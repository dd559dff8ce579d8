"""The components as runs use them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

import plugwork
from plugwork import Instance, OpExecutionContext, RunStatus, job, op
from plugwork.errors import InvalidConfigError
from plugwork.model import ComputeLogsCaptureData, EventType
from plugwork.plugin import current_holder, execute_run
from plugwork_local.file_manager import LocalFileHandle
from plugwork_testkit.instances import open_instance
from plugwork_testkit.jobs import failing, quick, store_run
from plugwork_testkit.launcher import types_of


@pytest.fixture
def persistent(tmp_path: Path) -> Iterator[Instance]:
    with open_instance(tmp_path / "home", executor="in_process") as instance:
        yield instance


@op(required_resource_keys={"file_manager"})
def write_file(context: OpExecutionContext) -> LocalFileHandle:
    written: LocalFileHandle = context.resources.file_manager.write_data(b"foo", ext="txt")
    context.resources.file_manager.copy_handle_to_local_temp(written)
    return written


@op(required_resource_keys={"file_manager"})
def read_file(context: OpExecutionContext, file: LocalFileHandle) -> bytes:
    content: bytes = context.resources.file_manager.read_data(file)
    return content


@job
def files_of_the_instance() -> None:
    read_file(write_file())


@job(resource_defs={"file_manager": plugwork.local_file_manager})
def files_of_the_job() -> None:
    read_file(write_file())


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob("plugwork-*.txt"))


def test_a_job_that_binds_no_file_manager_has_that_of_the_instance(persistent: Instance) -> None:
    result = files_of_the_instance.execute_in_process(instance=persistent)
    assert result.output_for_node("read_file") == b"foo"
    path = Path(result.output_for_node("write_file").path)
    assert path.parent == Path(persistent.storage_directory()) / "file_manager"


def test_the_instance_deletes_temporary_copies_with_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_instance(tmp_path / "home") as instance:
        files_of_the_instance.execute_in_process(instance=instance)
        assert leftovers(tmp_path)
    assert not leftovers(tmp_path)


def test_the_resource_keeps_files_in_the_storage_directory_and_deletes_its_copies(
    persistent: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = files_of_the_job.execute_in_process(instance=persistent)
    path = Path(result.output_for_node("write_file").path)
    assert path.parent == Path(persistent.storage_directory()) / "file_manager"
    assert not leftovers(tmp_path)


def test_the_resource_is_configured_in_code_and_by_the_environment(
    persistent: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILES", str(tmp_path / "mine"))
    for config in ({"base_dir": str(tmp_path / "mine")}, {"base_dir": {"env": "FILES"}}):
        bound = plugwork.local_file_manager.configured(config)
        result = files_of_the_job.execute_in_process(
            instance=persistent, resources={"file_manager": bound}
        )
        assert Path(result.output_for_node("write_file").path).parent == tmp_path / "mine"


def test_a_variable_that_is_not_set_is_told_before_the_run_starts(persistent: Instance) -> None:
    config = {"resources": {"file_manager": {"config": {"base_dir": {"env": "NOT_SET_HERE"}}}}}
    with pytest.raises(InvalidConfigError, match="NOT_SET_HERE"):
        files_of_the_job.execute_in_process(config, persistent)
    assert persistent.get_runs_count() == 0


def test_outputs_of_a_stored_run_are_files_of_its_own(persistent: Instance) -> None:
    run = store_run(persistent)
    assert execute_run(persistent, run.run_id) == 0
    folder = Path(persistent.storage_directory()) / run.run_id
    assert (folder / "one" / "result").is_file()
    assert (folder / "add_one" / "result").is_file()


def test_a_process_has_one_capture_that_leads_to_what_its_steps_printed(
    persistent: Instance, capfd: pytest.CaptureFixture[str]
) -> None:
    @op
    def prints() -> None:
        print("from the op")
        subprocess.run(["echo", "from a child"], check=True)

    @op(ins={"after": plugwork.In(plugwork.Nothing)})
    def prints_too() -> None:
        os.write(2, b"a complaint")

    @job
    def printing() -> None:
        prints_too(after=prints())

    run_id = printing.execute_in_process(instance=persistent).run_id
    (captured,) = persistent.all_logs(run_id, EventType.LOGS_CAPTURED)
    data = captured.get_event().event_specific_data
    assert isinstance(data, ComputeLogsCaptureData)
    assert set(data.step_keys) == {"prints", "prints_too"}
    logs = persistent.compute_log_manager
    found = logs.get_log_data(logs.build_log_key_for_run(run_id, data.file_key))
    assert found.stdout == b"from the op\nfrom a child\n"
    assert found.stderr == b"a complaint"
    first, second = persistent.event_log_storage.get_step_attempts(run_id)
    assert first.logs is not None
    assert (first.logs.stdout_start, first.logs.stdout_end) == (0, len(found.stdout))
    assert second.logs is not None
    assert (second.logs.stderr_start, second.logs.stderr_end) == (0, len(found.stderr))


def test_logs_that_cannot_be_captured_fail_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    logs = {"local": {"base_dir": str(tmp_path / "file" / "below")}}
    with open_instance(tmp_path / "home", compute_logs=logs) as instance:
        result = quick.execute_in_process(instance=instance)
        assert result.success
        (told,) = [
            entry
            for entry in instance.all_logs(result.run_id, EventType.ENGINE_EVENT)
            if "Capturing" in (entry.message or "")
        ]
        assert "Not a directory" in str(told.get_event().event_specific_data)


@pytest.mark.parametrize(
    ("class_name", "config", "captured"),
    [
        ("LocalComputeLogManager", {"base_dir": {"env": "LOGS"}}, 1),
        ("NoOpComputeLogManager", {}, 0),
    ],
)
def test_log_managers_are_named_by_their_class_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    class_name: str,
    config: dict[str, object],
    captured: int,
) -> None:
    monkeypatch.setenv("LOGS", str(tmp_path / "logs"))
    logs = {"module": "plugwork_local", "class": class_name, "config": config}
    with open_instance(tmp_path / "home", compute_logs=logs) as instance:
        result = quick.execute_in_process(instance=instance)
        assert result.success
        assert type(instance.compute_log_manager).__name__ == class_name
    assert len(list(tmp_path.glob("logs/*/compute_logs/*.complete"))) == captured


def test_a_killed_capture_is_complete_when_its_run_has_ended(persistent: Instance) -> None:
    run = store_run(persistent)
    key = persistent.compute_log_manager.build_log_key_for_run(run.run_id, "abcdefgh")
    assert not persistent.compute_log_manager.is_capture_complete(key)
    execute_run(persistent, run.run_id)
    assert persistent.compute_log_manager.is_capture_complete(key)


def test_a_run_that_cannot_be_launched_has_failed_and_says_why(tmp_path: Path) -> None:
    with open_instance(tmp_path / "home") as instance:
        run = store_run(instance)
        elsewhere = attrs.evolve(current_holder(), host="elsewhere")
        assert instance.storage.acquire_lease("run", run.run_id, elsewhere, 15) is not None
        with pytest.raises(plugwork.FrameworkError, match="held by"):
            instance.submit_run(run.run_id)
        assert instance.require_run(run.run_id).status is RunStatus.FAILURE
        types = types_of(instance, run.run_id)
        assert types[-2:] == [EventType.ENGINE_EVENT, EventType.RUN_FAILURE]


def test_an_ephemeral_instance_launches_in_its_own_process(instance: Instance) -> None:
    good = instance.submit_run(store_run(instance).run_id)
    assert good.status is RunStatus.SUCCESS
    bad = instance.submit_run(store_run(instance, failing).run_id)
    assert bad.status is RunStatus.FAILURE
