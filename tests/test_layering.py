"""The imports follow the architecture, as written and as seen in a running process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Distribution

IMPORT_ALL_OF_THE_KERNEL = """
import importlib, pkgutil, sys
import plugwork
for module in pkgutil.walk_packages(plugwork.__path__, "plugwork."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(*sys.modules)
"""

IMPORT_THE_PLUGIN_MODULES = """
import importlib, sys
from importlib.metadata import distributions
for point in (point for found in distributions() for point in found.entry_points):
    group, _, kind = point.group.partition(".")
    if group == "plugwork" and kind not in ("names", "command"):
        importlib.import_module(point.module)
print(*sys.modules)
"""


def modules_after(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has imported after the code."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def contract(workspace: dict[str, Any], name: str) -> dict[str, Any]:
    contracts = workspace["tool"]["importlinter"]["contracts"]
    return next(one for one in contracts if one["id"] == name)


def test_the_import_rules_hold(root: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout


def test_the_import_rules_know_every_package(
    workspace: dict[str, Any], distributions: list[Distribution]
) -> None:
    packages = {one.package for one in distributions}
    assert set(workspace["tool"]["importlinter"]["root_packages"]) == packages
    plugins = packages - {"plugwork"}
    assert plugins <= set(contract(workspace, "kernel")["forbidden_modules"])
    assert set(contract(workspace, "public")["source_modules"]) == plugins


def test_a_module_of_the_kernel_is_public_or_forbidden_to_plugins(
    root: Path, workspace: dict[str, Any]
) -> None:
    public = {"abc", "clock", "errors", "model", "plugin"}
    folder = root / "core" / "src" / "plugwork"
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    forbidden = contract(workspace, "public")["forbidden_modules"]
    private = {name.removeprefix("plugwork.") for name in forbidden}
    assert (modules | packages) - public <= private
    assert not public & private


def test_the_whole_kernel_imports_no_plugin_and_no_database(
    distributions: list[Distribution],
) -> None:
    plugins = {one.package for one in distributions} - {"plugwork"}
    banned = {"sqlalchemy", "alembic", "grpc", *plugins}
    assert not modules_after(IMPORT_ALL_OF_THE_KERNEL) & banned


def test_announcing_components_imports_no_driver_and_no_engine() -> None:
    heavy = {"sqlalchemy", "grpc", "cattrs", "click", "rich", "multiprocessing"}
    heavy |= {f"plugwork.{name}" for name in ("definitions", "plan", "execution", "instance")}
    imported = modules_after(IMPORT_THE_PLUGIN_MODULES)
    assert "plugwork_sqlite.plugin" in imported
    assert not imported & heavy
