"""Components of an instance: made late, made once, named in two ways, disposed of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugwork import Instance, RunStatus
from plugwork.abc import ConfigurableClass
from plugwork.errors import ClassFormError, InstanceDisposedError, InvalidConfigError
from plugwork_local import LocalComputeLogManager, SubprocessRunLauncher

WriteHome = Callable[[str], Path]
THREADS = 20


def test_a_launcher_that_cannot_be_imported_is_told_at_its_first_use(
    write_home: WriteHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = write_home("run_launcher: {module: no_such_module, class: Launcher}\n")
    monkeypatch.setenv("PLUGWORK_HOME", str(home))
    with Instance.get() as instance:
        assert list(instance.get_runs()) == []
        with pytest.raises(ClassFormError, match=r"no_such_module\.Launcher"):
            _ = instance.run_launcher


def test_settings_whose_reference_leads_nowhere_are_told_at_the_first_use(
    write_home: WriteHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    home = write_home("compute_logs: {local: {base_dir: '${env:NOT_SET}'}}\n")
    with Instance.from_config(str(home)) as instance:
        assert list(instance.get_runs()) == []
        with pytest.raises(InvalidConfigError, match="NOT_SET"):
            _ = instance.compute_log_manager
        monkeypatch.setenv("NOT_SET", "logs")
    with Instance.from_config(str(home)) as instance:
        assert instance.compute_log_manager is not None


def test_many_threads_get_one_launcher(local: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(THREADS)
    made: list[object] = []
    got: list[object] = []
    build = local.host.create

    def create(*arguments: Any) -> Any:
        made.append(arguments[1])
        return build(*arguments)

    monkeypatch.setattr(local.host, "create", create)

    def ask() -> None:
        together.wait()
        got.append(local.run_launcher)

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["subprocess"]
    assert len(got) == THREADS
    assert len({id(one) for one in got}) == 1
    assert isinstance(got[0], SubprocessRunLauncher)


def test_many_threads_add_listeners_to_one_table(local: Instance) -> None:
    together = threading.Barrier(THREADS)
    found: list[object] = []

    def ask() -> None:
        together.wait()
        found.append(local.notices)

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1


def test_a_component_named_by_class_equals_the_one_named_by_its_plugin(
    tmp_path: Path,
) -> None:
    settings = {"base_dir": str(tmp_path / "logs")}
    by_name = {"compute_logs": {"local": settings}}
    by_class = {
        "compute_logs": {
            "module": "plugwork_local",
            "class": "LocalComputeLogManager",
            "config": settings,
        }
    }
    with Instance.local_temp(overrides=by_name) as first:
        named = first.compute_log_manager
        assert isinstance(named, LocalComputeLogManager)
        key = named.build_log_key_for_run("run", "step")
        with named.capture_logs(key):
            print("by name")
    with Instance.local_temp(overrides=by_class) as second:
        classed = second.compute_log_manager
        assert type(classed) is type(named)
        assert classed.get_log_data(key).stdout == b"by name\n"
        assert isinstance(classed, ConfigurableClass)
        assert classed.inst_data is not None
        assert classed.inst_data.config_dict == settings


def test_a_storage_is_named_by_class_with_references_of_the_instance(
    write_home: WriteHome,
) -> None:
    home = write_home(
        "storage:\n  module: by_class\n  class: ClassStorage\n"
        "  config: {text: '${file:secret.txt}'}\n"
    )
    (home / "secret.txt").write_text("from a file beside plugwork.yaml\n", encoding="utf-8")
    from by_class import ClassStorage, tiny

    with Instance.from_config(str(home)) as instance:
        storage = instance.storage
        assert isinstance(storage, ClassStorage)
        assert storage.text == "from a file beside plugwork.yaml"
        assert storage.instance.root_directory == str(home)
        assert tiny.execute_in_process(instance=instance).success
        shown = instance.resolver.secrets.mask({"text": storage.text})
        assert shown == {"text": "***"}


def test_an_executor_is_named_by_class(write_home: WriteHome) -> None:
    home = write_home("executor: {module: by_class, class: IdleExecutor, config: {text: so}}\n")
    from by_class import tiny

    from plugwork.model import CodeRef, JobOrigin
    from plugwork.plugin import execute_run

    with Instance.from_config(str(home)) as instance:
        origin = JobOrigin(CodeRef("module", "by_class", "tiny"), "tiny")
        run = instance.create_run_for_job(tiny, job_code_origin=origin)
        execute_run(instance, run.run_id)
        assert instance.require_run(run.run_id).status is RunStatus.FAILURE
        messages = [entry.message for entry in instance.all_logs(run.run_id)]
    assert "Idle: so." in messages
    assert any("without completing the plan" in message for message in messages)


USES = [
    "storage",
    "run_storage",
    "event_log_storage",
    "schedule_storage",
    "run_launcher",
    "run_coordinator",
    "compute_log_manager",
    "file_manager",
    "notices",
]


@pytest.mark.parametrize("used", USES)
@pytest.mark.parametrize("before", [False, True], ids=["unused", "used"])
def test_a_disposed_instance_says_so(tmp_path: Path, used: str, before: bool) -> None:
    instance = Instance.local_temp(str(tmp_path))
    if before:
        getattr(instance, used)
    instance.dispose()
    instance.dispose()
    with pytest.raises(InstanceDisposedError, match="disposed"):
        getattr(instance, used)


def test_every_method_of_a_disposed_instance_says_so(tmp_path: Path) -> None:
    from by_class import tiny

    instance = Instance.local_temp(str(tmp_path))
    run = instance.create_run_for_job(tiny)
    instance.dispose()
    calls: list[Callable[[], object]] = [
        lambda: instance.get_runs(),
        lambda: instance.create_run_for_job(tiny),
        lambda: instance.all_logs(run.run_id),
        lambda: instance.report_engine_event("text", run),
        lambda: instance.launch_run(run.run_id),
        lambda: instance.delete_run(run.run_id),
        lambda: instance.add_event_listener(run.run_id, print),
        lambda: instance.start_reaper(),
    ]
    for call in calls:
        with pytest.raises(InstanceDisposedError):
            call()


def test_all_components_are_disposed_of_the_storage_last_whatever_one_raises(
    local: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    disposed: list[str] = []

    def note(name: str, component: object, error: Exception | None = None) -> None:
        def dispose() -> None:
            disposed.append(name)
            if error is not None:
                raise error

        monkeypatch.setattr(component, "dispose", dispose)

    storage_dispose = local.storage.dispose
    note("storage", local.storage)
    note("launcher", local.run_launcher, ValueError("the launcher cannot stop"))
    note("logs", local.compute_log_manager)
    with pytest.raises(ValueError, match="cannot stop"):
        local.dispose()
    storage_dispose()
    assert sorted(disposed[:2]) == ["launcher", "logs"]
    assert disposed[2:] == ["storage"]
