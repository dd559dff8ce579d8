"""The components of an instance, each made when it is first used."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugwork.abc.configurable import ConfigurableClass, ConfigurableClassData
from plugwork.abc.specs import KINDS, ComponentContext, Kind
from plugwork.config.settings import structure_settings
from plugwork.errors import InstanceDisposedError, PluginError

if TYPE_CHECKING:
    from plugwork.clock import Clock
    from plugwork.config.instance_config import InstanceConfig
    from plugwork.config.references import Resolver
    from plugwork.instance.instance import Instance
    from plugwork.registry.host import PluginHost

#: What an instance with a home has when its file names nothing else.
DEFAULTS: Mapping[Kind, str] = {
    Kind.STORAGE: "sqlite",
    Kind.LAUNCHER: "subprocess",
    Kind.COORDINATOR: "immediate",
    Kind.SCHEDULER: "daemon",
    Kind.COMPUTE_LOG_MANAGER: "local",
    Kind.FILE_MANAGER: "local",
}
#: What an ephemeral instance has.
EPHEMERAL: Mapping[Kind, str] = {
    Kind.STORAGE: "memory",
    Kind.LAUNCHER: "in_process",
    Kind.COORDINATOR: "immediate",
    Kind.COMPUTE_LOG_MANAGER: "none",
    Kind.FILE_MANAGER: "local",
}


class Components:
    """Makes each component once, whichever thread asks first.

    :param defaults: names for kinds that the configuration leaves out.
    """

    def __init__(
        self,
        host: PluginHost,
        config: InstanceConfig,
        resolver: Resolver,
        defaults: Mapping[Kind, str],
        clock: Clock,
        home: Path | None,
        storage_dir: Path,
    ) -> None:
        self._host = host
        self._config = config
        self._resolver = resolver
        self._defaults = defaults
        self._clock = clock
        self._home = home
        self._storage_dir = storage_dir
        self._made: dict[Kind, Any] = {}
        self._lock = threading.RLock()
        self._disposed = False

    def name_of(self, kind: Kind) -> str | None:
        """Return the name that is configured, or the default; None: the instance has none."""
        choice = self._config.components.get(KINDS[kind].key)
        if choice is None:
            return self._defaults.get(kind)
        if choice.class_data is not None:
            return f"{choice.class_data.module_name}.{choice.class_data.class_name}"
        return choice.name

    def get(self, kind: Kind, instance: Instance) -> Any:
        """Return the component, made now if need be.

        :raises InstanceDisposedError: after :meth:`dispose`.
        :raises PluginError: when it is not installed, or broken.
        """
        made = self._made.get(kind)
        if made is not None and not self._disposed:
            return made
        with self._lock:
            if self._disposed:
                raise InstanceDisposedError("this instance was disposed; open a new one")
            if kind not in self._made:
                self._made[kind] = self._make(kind, instance)
            return self._made[kind]

    def _make(self, kind: Kind, instance: Instance) -> Any:
        choice = self._config.components.get(KINDS[kind].key)
        if choice is not None and choice.class_data is not None:
            return self._from_class(kind, choice.class_data, instance)
        name = choice.name if choice is not None else self._defaults.get(kind)
        if name is None:
            raise PluginError(f"this instance has no {KINDS[kind].title}")
        settings = self.settings_of(kind, name)
        return self._host.create(kind, name, settings, self._context(kind, name, instance))

    def settings_of(self, kind: Kind, name: str, overrides: Mapping[str, Any] | None = None) -> Any:
        """Return a component's settings: those of the file, if it names this component.

        :param overrides: laid over them.
        :raises InvalidConfigError: with every problem.
        """
        choice = self._config.components.get(KINDS[kind].key)
        named = choice is not None and choice.name == name
        given = choice.settings if choice is not None and named else {}
        return structure_settings(
            self._host.settings_for(kind, name),
            {**given, **(overrides or {})},
            self._resolver,
            choice.path if choice is not None and named else (KINDS[kind].key, name),
            self._config.layered.positions if named and not overrides else None,
        )

    def _from_class(self, kind: Kind, data: ConfigurableClassData, instance: Instance) -> Any:
        module, _, interface = KINDS[kind].interface.partition(":")
        made = data.rehydrate(getattr(import_module(module), interface), self._resolver)
        if isinstance(made, ConfigurableClass):
            made.register_instance(weakref.proxy(instance))
        return made

    def _context(self, kind: Kind, name: str, instance: Instance) -> ComponentContext:
        return ComponentContext(
            kind=kind,
            name=name,
            home=self._home,
            storage_dir=self._storage_dir,
            durability=self._config.durability,
            lease_ttl=self._config.leases.ttl,
            clock=self._clock,
            instance=weakref.proxy(instance),
        )

    def dispose(self) -> None:
        """Dispose of what was made, the storage last; may be called again.

        What one of them raises is raised in the end: the others are disposed of before.
        """
        with self._lock:
            self._disposed = True
            made, self._made = self._made, {}
        storage = made.pop(Kind.STORAGE, None)
        with ExitStack() as stack:
            for component in (storage, *made.values()):
                if hasattr(component, "dispose"):
                    stack.callback(component.dispose)
