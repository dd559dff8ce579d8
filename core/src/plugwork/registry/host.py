"""The plugin host: one object through which a process finds, loads and calls its plugins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import attrs
import pluggy

from plugwork.abc.specs import KINDS, ComponentSpec, Kind
from plugwork.clock import SYSTEM_CLOCK, Clock
from plugwork.errors import CheckError, PluginError, PluginHookError
from plugwork.hookspecs import PROJECT
from plugwork.registry.catalogue import Catalogue
from plugwork.registry.entries import NAMES, PLUGIN, Entry
from plugwork.registry.facade import Hooks
from plugwork.registry.index import Index, installed_plugins
from plugwork.registry.loader import BrokenPlugin, Loader, plugin_name
from plugwork.registry.names import load_name
from plugwork.registry.notifier import Budget
from plugwork.registry.objects import import_object
from plugwork.registry.report import PluginRecord, PluginReport, examine, list_records


class PluginHost:
    """The plugins of one instance. Thread-safe; imports a plugin only when it is asked for.

    :param prefer: settles two distributions of one name: ``{"storage.postgres": "acme-pg"}``.
    :param block: distributions, life-cycle plugins or ``"storage.postgres"``, never to be loaded.
    :param index: what is installed; by default read from the metadata of this environment.
    :param budget: what the notifications of each plugin may cost.
    """

    def __init__(
        self,
        *,
        prefer: Mapping[str, str] | None = None,
        block: Iterable[str] = (),
        index: Index | None = None,
        budget: Budget | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._prefer = dict(prefer or {})
        self._block = tuple(block)
        self._index = index or installed_plugins()
        manager = pluggy.PluginManager(PROJECT)
        #: Calls the hooks of the loaded plugins.
        self.hooks = Hooks(manager, budget or Budget(), clock)
        self._loader = Loader(manager, self._index, self.hooks.refresh)
        self._catalogue = Catalogue(self._index, self._loader, self._prefer, self._block)
        self._enabled: dict[str, Entry] = {}

    @property
    def enabled(self) -> list[str]:
        """Return the names of the enabled life-cycle plugins, in the order of enabling."""
        return list(self._enabled)

    @property
    def broken(self) -> list[BrokenPlugin]:
        """Return the plugins that could not be loaded when they were asked for."""
        return self._loader.broken

    def names(self, kind: str) -> list[str]:
        """Return the installed names of a kind, sorted; imports nothing."""
        return self._catalogue.names(kind)

    def entry(self, kind: str, name: str) -> Entry:
        """Return who brings a component: distribution, version, module; imports nothing.

        :raises ComponentNotFoundError: nobody.
        :raises PluginConflictError: several distributions.
        :raises PluginBlockedError: a blocked one.
        """
        return self._catalogue.entry(kind, name)

    def spec(self, kind: str, name: str) -> ComponentSpec:
        """Return the spec of a component, importing the plugin module that brings it.

        :raises PluginError: as :meth:`entry`; or the plugin is broken or of another API.
        """
        return self._catalogue.spec(kind, name)

    def settings_for(self, kind: str, name: str) -> type | None:
        """Return the attrs class of a component's settings; None when it takes none.

        :param kind: a :class:`Kind`, or ``"plugin"`` for an enabled life-cycle plugin.
        :raises PluginError: as :meth:`spec`; or the class cannot be imported, or is none.
        """
        entry = self.entry(kind, name)
        if kind == PLUGIN:
            implementation = self._loader.load(entry).implementation
            named = getattr(implementation, "plugwork_settings", None)
        else:
            named = self.spec(kind, name).settings
        found = import_object(named, plugin_name(entry)) if isinstance(named, str) else named
        if found is not None and not (isinstance(found, type) and attrs.has(found)):
            raise PluginHookError(
                f"{plugin_name(entry)}: the settings of {entry.key} are {named!r}, "
                "expected an attrs class"
            )
        return found

    def create(self, kind: str, name: str, settings: object, context: object) -> Any:
        """Import a component's factory and let it make the component.

        What the factory raises passes through.

        :param settings: an instance of :meth:`settings_for`, or None.
        :param context: a ``ComponentContext``; for an executor its ``InitExecutorContext``.
        :raises PluginError: as :meth:`spec`; or what was made is not of the kind.
        """
        spec = self.spec(kind, name)
        owner = plugin_name(self.entry(kind, name))
        factory = spec.factory
        if isinstance(factory, str):
            factory = import_object(factory, owner)
        made = factory(settings, context)
        module, _, interface = KINDS[Kind(kind)].interface.partition(":")
        if not isinstance(made, getattr(import_module(module), interface)):
            raise PluginError(
                f"{owner}: the factory of {kind}.{name} made a {type(made).__name__}, "
                f"which is no plugwork.abc.{interface}"
            )
        return made

    def enable(self, plugins: Sequence[str | Mapping[str, Any]]) -> dict[str, Any]:
        """Load life-cycle plugins; installed ones that are not named here do nothing.

        :param plugins: each a name, or one name with its settings, as ``plugins: enable:`` has
            them.
        :return: name -> its settings as given, None where there are none; to be structured into
            the class of :meth:`settings_for` and handed over by ``hooks.configure``.
        :raises PluginError: one of them is missing, ambiguous, blocked or broken.
        """
        wanted = dict(map(_named, plugins))
        entries = {name: self.entry(PLUGIN, name) for name in wanted}
        for entry in entries.values():
            self._loader.load(entry, verify=False)
        for entry in entries.values():
            self._loader.verify(entry)
        self._enabled.update(entries)
        return wanted

    def public_name(self, name: str) -> Any:
        """Import a public name that a plugin brings.

        :raises PluginError: nobody brings it, or it cannot be imported.
        """
        return load_name(self.entry(NAMES, name))

    def records(self) -> list[PluginRecord]:
        """Tell what is installed, from metadata alone: nothing is imported."""
        return list_records(self._index, self._catalogue, self._enabled)

    def doctor(self) -> list[PluginReport]:
        """Import every plugin that is not blocked, and report how each one is.

        The hooks of plugins that are not enabled are not called: they are examined apart.
        """
        apart = PluginHost(prefer=self._prefer, block=self._block, index=self._index)
        return examine(self._index, apart._catalogue, apart._loader, self.hooks)


def _named(plugin: str | Mapping[str, Any]) -> tuple[str, Any]:
    if isinstance(plugin, str):
        return plugin, None
    if isinstance(plugin, Mapping) and len(plugin) == 1:
        ((name, settings),) = plugin.items()
        return name, settings
    raise CheckError(f"{plugin!r} is neither the name of a plugin nor one name with its settings")
