from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from plugwork_environment_audit.environment import EnvironmentUnknownError, describe_environment


def test_the_default_is_the_environment_that_runs_us() -> None:
    facts = describe_environment()
    assert facts.interpreter == sys.executable
    assert "sys" in facts.standard_modules
    assert any(Path(path).name == "site-packages" for path in facts.paths)


def test_another_interpreter_is_asked_for_its_own_paths(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "intruder-1.0.dist-info").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    facts = describe_environment(sys.executable)
    assert facts.paths == describe_environment().paths
    assert facts.python.endswith(".".join(map(str, sys.version_info[:3])))


def test_a_missing_interpreter_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnknownError, match=r"no interpreter at .*nothing"):
        describe_environment(str(tmp_path / "nothing"))


def test_a_program_that_is_no_python_is_named(tmp_path: Path) -> None:
    program = tmp_path / "liar"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    with pytest.raises(EnvironmentUnknownError, match="does not answer like a Python"):
        describe_environment(str(program))


def test_an_interpreter_that_fails_is_named(tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text(textwrap.dedent("#!/bin/sh\nexit 3\n"))
    program.chmod(0o755)
    with pytest.raises(EnvironmentUnknownError, match="exit status 3"):
        describe_environment(str(program))


def test_named_folders_are_audited_as_the_python_that_their_path_tells(tmp_path: Path) -> None:
    folder = tmp_path / "lib" / "python3.8" / "site-packages"
    folder.mkdir(parents=True)
    facts = describe_environment(site_packages=[str(folder)])
    assert facts.paths == (str(folder),)
    assert facts.interpreter is None
    assert facts.markers["python_version"] == "3.8"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnknownError, match="no folder at"):
        describe_environment(site_packages=[str(tmp_path / "gone")])


def test_a_folder_named_twice_is_audited_once(site: Any) -> None:
    facts = describe_environment(site_packages=[str(site.path), f"{site.path}/."])
    assert facts.paths == (str(site.path),)
