"""The authors' pages name every kind, hook, field, method and error that there is."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import pytest

from plugwork import hookspecs
from plugwork.abc import InitExecutorContext
from plugwork.errors import CODES
from plugwork.hookspecs import SCOPES, Scope
from plugwork.plugin import (
    API_NUMBERS,
    KINDS,
    ComponentContext,
    ComponentSpec,
    ExecutorSpec,
    Kind,
    KindInfo,
    LoopSpec,
    PluginConfig,
)

AUTHORS = Path(__file__).parents[2] / "docs" / "authors"
#: The testkit's classes for each kind; a new kind brings one, or says here that it has none.
CONFORMANCE: dict[Kind, tuple[str, ...]] = {
    Kind.EXECUTOR: ("executor.ExecutorConformance",),
    Kind.STORAGE: ("storage.StorageConformance", "storage.PersistentStorageConformance"),
    Kind.LAUNCHER: ("launcher.LauncherConformance",),
    Kind.COORDINATOR: ("coordinator.CoordinatorConformance",),
    Kind.SCHEDULER: (),
    Kind.COMPUTE_LOG_MANAGER: ("compute_logs.ComputeLogsConformance",),
    Kind.FILE_MANAGER: ("file_manager.FileManagerConformance",),
}
every_kind = pytest.mark.parametrize("info", KINDS.values(), ids=lambda info: str(info.kind))


def page(name: str) -> str:
    return (AUTHORS / name).read_text(encoding="utf-8")


def rows(text: str) -> dict[str, list[str]]:
    """Return the rows of a page's tables: the first cell, without backticks -> the others."""
    found = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {cells[0].strip("`"): [cell.strip() for cell in cells[1:]] for cells in found}


def fields(cls: Any) -> set[str]:
    return {field.name for field in attrs.fields(cls)}


def processes(hook: str) -> str:
    return ", ".join(scope for scope in Scope if scope in SCOPES[hook])


@every_kind
def test_each_kind_has_a_page_with_its_parts(info: KindInfo) -> None:
    table = rows(page(f"kinds/{info.kind}.md"))
    classes = ", ".join(f"`plugwork_testkit.{name}`" for name in CONFORMANCE[info.kind])
    assert {key: table[key] for key in table if key in PARTS} == {
        "interface": [f"`{info.interface.replace(':', '.')}`"],
        "spec": [f"`plugwork.plugin.{info.spec.__name__}`, `api={API_NUMBERS[info.kind]}`"],
        "hook": [f"`{info.hook}`"],
        "called in": [processes(info.hook)],
        "entry-point group": [f"`{info.group}`"],
        "key": [f"`{info.key}`"],
        "conformance": [classes or "none yet"],
    }


PARTS = ("interface", "spec", "hook", "called in", "entry-point group", "key", "conformance")


@every_kind
def test_a_kinds_page_names_every_method_and_key(info: KindInfo) -> None:
    text = page(f"kinds/{info.kind}.md")
    for key, path in info.keys.items():
        module, _, name = path.partition(":")
        interface = getattr(import_module(module), name)
        assert f"`{key}`" in text
        missing = {each for each in interface.__abstractmethods__ if f"`{each}`" not in text}
        assert missing == set(), name


@every_kind
def test_the_conformance_classes_exist(info: KindInfo) -> None:
    for name in CONFORMANCE[info.kind]:
        module, _, cls = name.partition(".")
        assert inspect.isclass(getattr(import_module(f"plugwork_testkit.{module}"), cls))


@every_kind
def test_the_list_of_kinds_leads_to_each_page(info: KindInfo) -> None:
    text = page("index.md")
    assert f"| [{info.title}](kinds/{info.kind}.md) |" in text
    assert f"| `{info.key}` |" in text


@every_kind
def test_the_fields_of_a_spec_are_told(info: KindInfo) -> None:
    common = rows(page("index.md"))
    own = rows(page(f"kinds/{info.kind}.md"))
    assert fields(info.spec) - fields(ComponentSpec) <= own.keys()
    assert fields(ComponentSpec) <= common.keys()


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (ComponentContext, "index.md"),
        (ExecutorSpec, "kinds/executor.md"),
        (LoopSpec, "kinds/loop.md"),
        (PluginConfig, "kinds/plugin.md"),
    ],
)
def test_the_fields_of_a_record_are_told(cls: Any, name: str) -> None:
    told = rows(page(name)).keys()
    assert fields(cls) - fields(ComponentSpec) <= told
    assert cls is not LoopSpec or fields(cls) <= told


def test_what_an_executors_factory_gets_is_told() -> None:
    told = rows(page("kinds/executor.md")).keys()
    assert set(inspect.signature(InitExecutorContext.__init__).parameters) - {"self"} <= told


def test_each_hook_is_told_with_its_arguments_and_processes() -> None:
    told = {row: cells[0] for row, cells in rows(page("hooks.md")).items() if "plugwork_" in row}
    assert told == {
        f"{hook}({', '.join(inspect.signature(getattr(hookspecs, hook)).parameters)})": processes(
            hook
        )
        for hook in SCOPES
    }


def test_each_error_of_plugins_is_told() -> None:
    told = set(re.findall(r"PW-PLG-\d+", page("errors.md")))
    assert told == {code for code in CODES if code.startswith("PW-PLG-")}
