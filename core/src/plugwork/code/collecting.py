"""Collections made of what modules hold at their top level."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from plugwork.definitions.definitions import Definitions
from plugwork.definitions.job import JobDefinition
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.abc import Executor
    from plugwork.definitions.executor import ExecutorDefinition
    from plugwork.definitions.logger import LoggerDefinition


def collect(members: Iterable[Any], **defaults: Any) -> Definitions:
    """Make a collection of the jobs, schedules and sensors among these, each once.

    :param defaults: further arguments of :class:`Definitions`.
    """
    found = list({id(one): one for one in members}.values())
    return Definitions(
        jobs=[one for one in found if isinstance(one, JobDefinition)],
        schedules=_automations(found, "schedule"),
        sensors=_automations(found, "sensor"),
        **defaults,
    )


def _automations(members: Iterable[Any], what: str) -> list[Any]:
    """Return the schedules or the sensors.

    Whoever has made one has imported its module; to look for them imports nothing.
    """
    module = sys.modules.get(f"plugwork.definitions.automation.{what}")
    if module is None:
        return []
    kind = getattr(module, f"{what.title()}Definition")
    return [one for one in members if isinstance(one, kind)]


def load_definitions_from_modules(
    modules: Iterable[ModuleType],
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, LoggerDefinition] | None = None,
    executor: ExecutorDefinition | Executor | None = None,
) -> Definitions:
    """Return the jobs, schedules and sensors that stand at the top level of modules.

    What a module imports from another one counts once. A :class:`Definitions` in a module is not
    looked into.

    :param resources: for every job, schedule and sensor.
    :param loggers: for every job that has none.
    :param executor: for every job that names none.
    :raises InvalidDefinitionError: for what is no module.
    """
    given = list(modules)
    for one in given:
        if not isinstance(one, ModuleType):
            raise InvalidDefinitionError(f"{one!r} is no module; import it, and give it here")
    members = (value for one in given for value in vars(one).values())
    return collect(members, resources=resources, loggers=loggers, executor=executor)


def load_definitions_from_module(
    module: ModuleType,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, LoggerDefinition] | None = None,
    executor: ExecutorDefinition | Executor | None = None,
) -> Definitions:
    """Do as :func:`load_definitions_from_modules` for one module."""
    return load_definitions_from_modules([module], resources, loggers, executor)


def load_definitions_from_current_module(
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, LoggerDefinition] | None = None,
    executor: ExecutorDefinition | Executor | None = None,
) -> Definitions:
    """Do as :func:`load_definitions_from_modules` for the module that calls.

    Only what stands above the call is found.

    :raises InvalidDefinitionError: when the caller is no module that was imported.
    """
    name = sys._getframe(1).f_globals.get("__name__", "")
    module = sys.modules.get(name)
    if module is None:
        raise InvalidDefinitionError(
            "load_definitions_from_current_module() is called at the top level of a module"
        )
    return load_definitions_from_modules([module], resources, loggers, executor)


def load_definitions_from_package_module(
    package_module: ModuleType,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, LoggerDefinition] | None = None,
    executor: ExecutorDefinition | Executor | None = None,
) -> Definitions:
    """Do as :func:`load_definitions_from_modules` for a package and every module below it.

    All of them are imported; what one of them raises passes through.
    """
    if not isinstance(package_module, ModuleType):
        raise InvalidDefinitionError(
            f"{package_module!r} is no module; import it, and give it here"
        )
    modules = _with_submodules(package_module)
    return load_definitions_from_modules(modules, resources, loggers, executor)


def load_definitions_from_package_name(
    package_name: str,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, LoggerDefinition] | None = None,
    executor: ExecutorDefinition | Executor | None = None,
) -> Definitions:
    """Do as :func:`load_definitions_from_package_module` for a package by its dotted name."""
    package = importlib.import_module(package_name)
    return load_definitions_from_package_module(package, resources, loggers, executor)


def _with_submodules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in sorted(
        pkgutil.walk_packages(getattr(package, "__path__", ()), f"{package.__name__}."),
        key=lambda one: one.name,
    ):
        yield importlib.import_module(found.name)
