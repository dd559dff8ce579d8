from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import plugwork
import plugwork.plugin
from plugwork import _public
from plugwork.registry.known import DISTRIBUTIONS, NAMES

STUBS = Path(__file__).parents[1] / "public_stub.py"


def modules_after(program: str) -> set[str]:
    """Return the modules of the house that a fresh interpreter has after the program."""
    ending = "\nimport json, sys; print(json.dumps(list(sys.modules)))"
    command = [sys.executable, "-c", program + ending]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_importing_plugwork_imports_nothing_of_the_house() -> None:
    before = modules_after("")
    new = modules_after("import plugwork") - before
    assert {name for name in new if not name.startswith("__")} == {"plugwork"}


def test_the_door_opens_without_the_house() -> None:
    loaded = modules_after("from plugwork.plugin import StorageSpec, hookimpl")
    heavy = {"plugwork.definitions", "plugwork.execution", "plugwork.instance", "plugwork.config"}
    assert not {name for name in loaded if any(name.startswith(each) for each in heavy)}
    assert not {"yaml", "click", "cattrs", "importlib_metadata"} & loaded


@pytest.mark.parametrize("name", sorted(_public.HOMES))
def test_every_public_name_is_found(name: str) -> None:
    assert name in plugwork.__all__
    assert getattr(plugwork, name) is not None


def test_no_public_name_has_two_homes() -> None:
    names = [name for names in _public.MODULES.values() for name in names]
    assert len(names) == len(set(names))
    assert not set(names) & set(NAMES)


def test_every_name_of_the_door_is_found() -> None:
    for name in plugwork.plugin.__all__:
        assert getattr(plugwork.plugin, name) is not None
    assert set(plugwork.plugin.__all__) <= set(dir(plugwork.plugin))


def test_a_name_that_nobody_knows_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'teleport'"):
        plugwork.teleport  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'teleport'"):
        plugwork.plugin.teleport  # noqa: B018


def test_a_name_of_a_missing_plugin_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugwork.registry import names
    from plugwork.registry.index import Index

    monkeypatch.setattr(names, "installed_plugins", lambda: Index(()))
    for name, distribution in NAMES.items():
        monkeypatch.delitem(vars(plugwork), name, raising=False)
        with pytest.raises(ImportError, match=f"pip install {distribution}"):
            getattr(plugwork, name)


def test_the_version_is_that_of_the_installed_kernel() -> None:
    assert plugwork.__version__.count(".") == 2


def test_type_checkers_are_told_the_same_names() -> None:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("public_stub", STUBS)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    for file, text in module.stubs().items():
        assert file.read_text(encoding="utf-8") == text, f"run: python {STUBS}"


def test_the_offline_tables_are_sorted() -> None:
    assert list(DISTRIBUTIONS) == sorted(DISTRIBUTIONS)
    assert list(NAMES) == sorted(NAMES)
