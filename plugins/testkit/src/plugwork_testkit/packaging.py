"""What every distribution with plugins must be like."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import attrs
import pytest

from plugwork.plugin import KINDS, ComponentSpec, KindInfo

#: What a module that only announces must not import, besides what its distribution requires.
HEAVY = frozenset(
    {"asyncio", "cattrs", "click", "grpc", "multiprocessing", "rich", "sqlalchemy", "sqlite3"}
    | {f"plugwork.{name}" for name in ("definitions", "execution", "instance", "plan")}
)
#: Groups whose entry points name what is imported when it is used.
_LAZY = frozenset({"plugwork.names", "plugwork.command", "plugwork.config_classes"})
_PRINT_MODULES = "import sys; __import__(sys.argv[1]); print(*sys.modules)"
#: Real seconds for importing one module.
_TIMEOUT = 60


class PackagingConformance:
    """Subclass it as ``TestPackaging``, and give the fixture that raises here.

    The distribution must be installed.
    """

    #: Settings that can have no default, as ``"Class.field"``.
    required_settings: ClassVar[frozenset[str]] = frozenset()

    @pytest.fixture
    def distribution(self) -> str:
        """The distribution's name."""
        raise NotImplementedError("give the fixture distribution")

    def test_it_requires_plugwork(self, distribution: str) -> None:
        required = [_name(text) for text in metadata.requires(distribution) or ()]
        assert "plugwork" in required, f"add plugwork to the dependencies of {distribution}"

    def test_it_announces_something(self, distribution: str) -> None:
        assert list(_entry_points(distribution)), "no entry point in a group of plugwork"

    def test_an_entry_point_is_a_module(self, distribution: str) -> None:
        for point in _plugin_points(distribution):
            assert isinstance(point.load(), ModuleType), f"{point.value} is no module"

    def test_announcing_imports_nothing_heavy(self, distribution: str) -> None:
        banned = HEAVY | _required_modules(distribution)
        for point in _plugin_points(distribution):
            imported = _modules_after_importing(point.module)
            assert not imported & banned, (
                f"{point.module} imports {sorted(imported & banned)}: name the factory as text, and"
                " import where it is used"
            )

    def test_every_announced_name_is_provided(self, distribution: str) -> None:
        for info, point in _component_points(distribution):
            names = [spec.name for spec in _specs(info, point)]
            assert point.name in names, (
                f"{point.module} announces the {info.title} {point.name!r}, and {info.hook}"
                f" returns {names}"
            )

    def test_every_component_is_announced(self, distribution: str) -> None:
        announced = {(info.kind, point.name) for info, point in _component_points(distribution)}
        for info, spec in _all_specs(distribution):
            assert (info.kind, spec.name) in announced, (
                f"{spec.name!r} is not found: add it to the entry points of {info.group}"
            )

    def test_every_component_says_what_it_was_written_for(self, distribution: str) -> None:
        for info, spec in _all_specs(distribution):
            assert isinstance(spec, info.spec), f"{spec.name!r} is no {info.spec.__name__}"
            assert spec.api in (info.api, info.api - 1), (
                f"{spec.name!r} has api={spec.api!r}; this kernel serves {info.api}"
            )
            assert spec.summary, f"{spec.name!r} has no summary for 'plugwork plugins list'"

    def test_every_factory_is_found(self, distribution: str) -> None:
        for _, spec in _all_specs(distribution):
            assert callable(_resolve(spec.factory)), f"{spec.factory!r} cannot be called"

    def test_every_setting_has_help_and_a_default(self, distribution: str) -> None:
        for _, spec in _all_specs(distribution):
            if spec.settings is not None:
                self._check_settings(_resolve(spec.settings))

    def _check_settings(self, cls: Any) -> None:
        assert attrs.has(cls), f"{cls!r} is no attrs class"
        attrs.resolve_types(cls)
        for field in attrs.fields(cls):
            place = f"{cls.__name__}.{field.name}"
            assert field.metadata.get("help"), f"{place} has no help: add metadata={{'help': ...}}"
            assert field.default is not attrs.NOTHING or place in self.required_settings, (
                f"{place} has no default; if there can be none, add it to required_settings"
            )
            if isinstance(field.type, type) and attrs.has(field.type):
                self._check_settings(field.type)

    def test_its_packages_are_typed(self, distribution: str) -> None:
        for package in {point.module.partition(".")[0] for point in _entry_points(distribution)}:
            (place,) = import_module(package).__path__
            assert (Path(place) / "py.typed").exists(), f"{package} has no py.typed"


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _entry_points(distribution: str) -> Iterator[metadata.EntryPoint]:
    for point in metadata.distribution(distribution).entry_points:
        if point.group == "plugwork" or point.group.startswith("plugwork."):
            yield point


def _plugin_points(distribution: str) -> Iterator[metadata.EntryPoint]:
    return (point for point in _entry_points(distribution) if point.group not in _LAZY)


def _component_points(distribution: str) -> Iterator[tuple[KindInfo, metadata.EntryPoint]]:
    groups = {info.group: info for info in KINDS.values()}
    for point in _entry_points(distribution):
        if point.group in groups:
            yield groups[point.group], point


def _specs(info: KindInfo, point: metadata.EntryPoint) -> list[ComponentSpec]:
    hook = getattr(import_module(point.module), info.hook, None)
    assert hook is not None, f"{point.module} has no function {info.hook}"
    assert hasattr(hook, "plugwork_impl"), f"{point.module}.{info.hook} is not marked @hookimpl"
    found: list[ComponentSpec] = list(hook())
    return found


def _all_specs(distribution: str) -> Iterator[tuple[KindInfo, ComponentSpec]]:
    seen: set[tuple[str, str]] = set()
    for info, point in _component_points(distribution):
        if (info.hook, point.module) not in seen:
            seen.add((info.hook, point.module))
            yield from ((info, spec) for spec in _specs(info, point))


def _resolve(target: object) -> Any:
    if not isinstance(target, str):
        return target
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def _required_modules(distribution: str) -> set[str]:
    """Return the modules of what a distribution requires, other than plugwork's own."""
    wanted = {_name(text) for text in metadata.requires(distribution) or ()}
    light = {"plugwork", "attrs", "pluggy", "importlib-metadata"}
    return {
        module
        for module, owners in metadata.packages_distributions().items()
        if {_name(owner) for owner in owners} & (wanted - light)
    }


def _modules_after_importing(module: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _PRINT_MODULES, module],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())
