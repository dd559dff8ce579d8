"""The kinds of components, and the records with which plugins announce components.

A kind is an interface in :mod:`plugwork.abc`, a hookspec, an entry-point group, a spec record
and a key of ``plugwork.yaml``; :data:`KINDS` holds the five together.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from plugwork.abc.executor import ExecutorRequirement as ExecutorRequirement

if TYPE_CHECKING:
    from plugwork.clock import Clock


class Kind(enum.StrEnum):
    """What a component can be."""

    EXECUTOR = "executor"
    STORAGE = "storage"
    LAUNCHER = "launcher"
    COORDINATOR = "coordinator"
    SCHEDULER = "scheduler"
    COMPUTE_LOG_MANAGER = "compute_log_manager"
    FILE_MANAGER = "file_manager"


@attrs.frozen(kw_only=True)
class ComponentSpec:
    """A component that a plugin brings. Each kind has a class of its own."""

    kind: ClassVar[Kind]
    #: The number of the kind's interface that this kernel offers.
    API: ClassVar[int] = 1

    #: The name that ``plugwork.yaml`` selects it by.
    name: str
    #: Makes the component: ``factory(settings, context)``. As ``"package.module:callable"`` it is
    #: imported when the component is first used.
    factory: str | Callable[..., Any]
    #: The attrs class of the component's YAML block, or ``"package.module:Class"``; None takes no
    #: settings.
    settings: str | type | None = None
    #: One line for ``plugwork plugins list``.
    summary: str = ""
    #: The number of the kind's interface that the component was written for. Required: the loader
    #: refuses a spec without it, naming the plugin.
    api: int | None = None


@attrs.frozen(kw_only=True)
class ExecutorSpec(ComponentSpec):
    """Announces an executor; its factory gets ``(settings, InitExecutorContext)``."""

    kind: ClassVar[Kind] = Kind.EXECUTOR
    requirements: tuple[ExecutorRequirement, ...] = ()


@attrs.frozen(kw_only=True)
class StorageSpec(ComponentSpec):
    """Announces a storage."""

    kind: ClassVar[Kind] = Kind.STORAGE


@attrs.frozen(kw_only=True)
class LauncherSpec(ComponentSpec):
    """Announces a run launcher."""

    kind: ClassVar[Kind] = Kind.LAUNCHER


@attrs.frozen(kw_only=True)
class CoordinatorSpec(ComponentSpec):
    """Announces a run coordinator."""

    kind: ClassVar[Kind] = Kind.COORDINATOR


@attrs.frozen(kw_only=True)
class SchedulerSpec(ComponentSpec):
    """Announces a scheduler."""

    kind: ClassVar[Kind] = Kind.SCHEDULER


@attrs.frozen(kw_only=True)
class ComputeLogManagerSpec(ComponentSpec):
    """Announces a compute log manager."""

    kind: ClassVar[Kind] = Kind.COMPUTE_LOG_MANAGER


@attrs.frozen(kw_only=True)
class FileManagerSpec(ComponentSpec):
    """Announces a file manager."""

    kind: ClassVar[Kind] = Kind.FILE_MANAGER


@attrs.frozen(kw_only=True)
class LoopSpec:
    """Announces a loop that long-lived processes run under a lease."""

    API: ClassVar[int] = 1

    #: The key of the loop's lease; one process at a time leads the loop of this name.
    name: str
    #: ``"package.module:callable"`` or a callable: ``factory(instance)`` returns the loop, or None
    #: when this instance does not ask for it.
    factory: str | Callable[..., Any]
    summary: str = ""
    #: As :attr:`ComponentSpec.api`.
    api: int | None = None


@attrs.frozen(kw_only=True)
class ComponentContext:
    """What a component is told at its making: the second argument of all factories but an
    executor's.
    """

    kind: Kind
    name: str
    #: The instance's home directory; None for an ephemeral instance.
    home: Path | None
    #: Where the component may keep files; for an ephemeral instance a temporary directory.
    storage_dir: Path
    #: ``"normal"`` or ``"full"``.
    durability: str
    #: Seconds after which a lease that was not renewed has expired.
    lease_ttl: float
    clock: Clock
    #: A weak proxy of the instance; None when the component is made without one.
    instance: Any = None


@attrs.frozen(kw_only=True)
class PluginConfig:
    """What enabled plugins are told by ``plugwork_configure`` and ``plugwork_check_config``."""

    #: By the name under which the plugin is enabled: an instance of the class that the plugin
    #: module gives as ``plugwork_settings``, or None when it gives none.
    settings: Mapping[str, Any]
    #: The instance's home directory; None for an ephemeral instance.
    home: Path | None = None


@attrs.frozen(kw_only=True)
class KindInfo:
    """Where the parts of a kind are found."""

    kind: Kind
    spec: type[ComponentSpec]
    #: The keys of ``plugwork.yaml`` that name a component of the kind, the usual one first, each
    #: with the interface it must fulfil: ``"plugwork.abc:RunStorage"``.
    keys: Mapping[str, str]

    @property
    def key(self) -> str:
        """Return the usual key of ``plugwork.yaml``."""
        return next(iter(self.keys))

    @property
    def interface(self) -> str:
        """Return the dotted path of the interface: ``"plugwork.abc:Storage"``."""
        return self.keys[self.key]

    @property
    def group(self) -> str:
        """Return the entry-point group."""
        return f"plugwork.{self.kind}"

    @property
    def hook(self) -> str:
        """Return the name of the hook that provides the specs."""
        return f"plugwork_{self.kind}s"

    @property
    def api(self) -> int:
        """Return the interface number that this kernel offers; the one before is served too."""
        return self.spec.API

    @property
    def title(self) -> str:
        """Return the kind in words: ``"compute log manager"``."""
        return self.kind.replace("_", " ")


def _kind(spec: type[ComponentSpec], **keys: str) -> KindInfo:
    return KindInfo(
        kind=spec.kind,
        spec=spec,
        keys={key: f"plugwork.abc:{interface}" for key, interface in keys.items()},
    )


KINDS: Mapping[Kind, KindInfo] = {
    info.kind: info
    for info in (
        _kind(ExecutorSpec, executor="Executor"),
        _kind(
            StorageSpec,
            storage="Storage",
            run_storage="RunStorage",
            event_log_storage="EventLogStorage",
            schedule_storage="ScheduleStorage",
        ),
        _kind(LauncherSpec, run_launcher="RunLauncher"),
        _kind(CoordinatorSpec, run_coordinator="RunCoordinator"),
        _kind(SchedulerSpec, scheduler="Scheduler"),
        _kind(ComputeLogManagerSpec, compute_logs="ComputeLogManager"),
        _kind(FileManagerSpec, file_manager="FileManager"),
    )
}

#: The interface numbers that this kernel offers; it serves the one before each, too.
API_NUMBERS: Mapping[Kind, int] = {info.kind: info.api for info in KINDS.values()}
