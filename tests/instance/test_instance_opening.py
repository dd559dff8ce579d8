"""How an instance is opened, and how it is told that it cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from plugwork import Instance
from plugwork.abc.specs import Kind
from plugwork.errors import (
    EphemeralInstanceError,
    HomeNotSetError,
    InvalidConfigError,
    InvariantViolationError,
)
from plugwork.instance import InstanceRef

WriteHome = Callable[[str], Path]
READ = """
import json, sys
from plugwork.instance import Instance, InstanceRef
with Instance.from_ref(InstanceRef.from_dict(json.load(sys.stdin))) as instance:
    print(*instance.get_run_ids())
"""


def test_an_empty_home_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUGWORK_HOME", "")
    with pytest.raises(HomeNotSetError, match="PLUGWORK_HOME"):
        Instance.get()


@pytest.mark.parametrize("home", ["relative/home", "/no/such/folder"])
def test_a_home_that_is_no_absolute_directory_is_refused(
    monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("PLUGWORK_HOME", home)
    with pytest.raises(InvariantViolationError, match=home):
        Instance.get()


def test_an_empty_directory_is_a_home_with_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLUGWORK_HOME", str(tmp_path))
    with Instance.get() as instance:
        assert instance.is_persistent
        assert instance.root_directory == str(tmp_path)
        names = {kind: instance.configured_name(kind) for kind in Kind}
        assert names == {
            Kind.EXECUTOR: None,
            Kind.STORAGE: "sqlite",
            Kind.LAUNCHER: "subprocess",
            Kind.COORDINATOR: "immediate",
            Kind.SCHEDULER: "daemon",
            Kind.COMPUTE_LOG_MANAGER: "local",
            Kind.FILE_MANAGER: "local",
        }
        leases = instance.config.leases
        assert (leases.heartbeat, leases.ttl, leases.reap) == (5.0, 15.0, 5.0)
        assert instance.config.durability == "normal"


def test_an_unknown_key_is_named(write_home: WriteHome) -> None:
    with pytest.raises(InvalidConfigError, match="bogus"):
        Instance.from_config(str(write_home("bogus: 1\n")))


def test_a_storage_beside_a_part_of_one_is_refused(write_home: WriteHome) -> None:
    home = write_home("storage: sqlite\nrun_storage: {module: a, class: B}\n")
    with pytest.raises(InvalidConfigError, match="run_storage"):
        Instance.from_config(str(home))


def test_a_file_of_another_name_is_read(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("storage: memory\n", encoding="utf-8")
    with Instance.from_config(str(tmp_path), "other.yaml") as instance:
        assert instance.configured_name(Kind.STORAGE) == "memory"


def test_overrides_lie_over_the_file(write_home: WriteHome) -> None:
    home = write_home("storage: sqlite\ndurability: full\nleases: {ttl: 20s}\n")
    overrides = {"storage": "memory", "leases": {"heartbeat": "2s"}}
    with Instance.local_temp(str(home), overrides=overrides) as instance:
        assert instance.configured_name(Kind.STORAGE) == "memory"
        assert instance.config.durability == "full"
        assert (instance.config.leases.ttl, instance.config.leases.heartbeat) == (20.0, 2.0)


def test_a_wrong_override_names_where_it_came_from(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfigError, match="bogus"):
        Instance.local_temp(str(tmp_path), overrides={"bogus": 1})


def test_a_temporary_directory_goes_with_the_instance() -> None:
    with Instance.local_temp() as instance:
        instance.storage.info()
        home = Path(instance.root_directory)
        assert (home / "plugwork.db").exists()
    assert not home.exists()


def test_a_given_directory_stays(tmp_path: Path) -> None:
    with Instance.local_temp(str(tmp_path)) as instance:
        instance.storage.info()
    assert (tmp_path / "plugwork.db").exists()


def test_an_instance_that_cannot_be_opened_leaves_no_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(InvalidConfigError):
        Instance.local_temp(overrides={"bogus": 1})
    with pytest.raises(InvalidConfigError):
        Instance.ephemeral(settings={"plugins": {"enable": [{"example_notes": {"path": 7}}]}})
    assert list(tmp_path.iterdir()) == []


def test_another_process_opens_the_same_instance_by_its_ref(local: Instance) -> None:
    from by_class import tiny

    run = local.create_run_for_job(tiny)
    done = subprocess.run(
        [sys.executable, "-c", READ],
        input=json.dumps(local.get_ref().to_dict()),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == [run.run_id], done.stderr


def test_a_ref_survives_its_way_as_text_and_is_equal_by_content(local: Instance) -> None:
    ref = local.get_ref()
    assert InstanceRef.from_dict(json.loads(json.dumps(ref.to_dict()))) == ref
    with Instance.from_ref(ref) as again:
        assert again.get_ref() == ref


def test_a_ref_carries_references_and_no_secrets(
    write_home: WriteHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_FOLDER", "hidden-value")
    home = write_home("compute_logs: {local: {base_dir: '${env:SECRET_FOLDER}'}}\n")
    with Instance.from_config(str(home)) as instance:
        assert instance.compute_log_manager is not None
        text = json.dumps(instance.get_ref().to_dict())
        assert "hidden-value" not in text
        assert "${env:SECRET_FOLDER}" in text
        assert instance.resolver.secrets.mask("in hidden-value") == "in ***"


def test_a_ref_of_another_release_is_refused_before_anything_is_made(
    local: Instance, tmp_path: Path
) -> None:
    ref = local.get_ref()
    (part,) = (one for one in ref.components if one.kind == "storage")
    assert part.distribution == "plugwork-sqlite"
    older = attrs.evolve(part, version="0.0.1")
    elsewhere = tmp_path / "elsewhere"
    changed = attrs.evolve(ref, components=(older,), home=str(elsewhere))
    with pytest.raises(InvariantViolationError, match=r"'sqlite'.*0\.0\.1"):
        Instance.from_ref(changed)
    assert not elsewhere.exists()


def test_an_ephemeral_instance_has_no_ref() -> None:
    with (
        Instance.ephemeral() as instance,
        pytest.raises(EphemeralInstanceError, match="PLUGWORK_HOME"),
    ):
        instance.get_ref()


def test_two_ephemeral_instances_share_nothing() -> None:
    from by_class import tiny

    with Instance.ephemeral() as first, Instance.ephemeral() as second:
        run = first.create_run_for_job(tiny)
        assert first.has_run(run.run_id)
        assert not second.has_run(run.run_id)
        assert first.root_directory != second.root_directory
