"""Import a plugin when it is needed, check it, and register it."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping

import attrs
import pluggy

from plugwork.abc.specs import KINDS, ComponentSpec, Kind
from plugwork.errors import PluginError, PluginHookError, PluginRequirementError
from plugwork.hookspecs import SCOPES
from plugwork.registry.entries import Entry
from plugwork.registry.index import Index
from plugwork.registry.objects import describe, import_object
from plugwork.registry.provided import check_api, read_specs
from plugwork.registry.versions import satisfies

#: The hooks of ours around which a wrapper makes sense.
WRAPPABLE = frozenset(
    {"plugwork_resolve_reference", "plugwork_select_executor", "plugwork_execute_step"}
)


@attrs.frozen(eq=False)
class LoadedPlugin:
    """A plugin that is imported and registered."""

    #: Its name in the plugin manager, and in messages.
    name: str
    #: The module, or the object that its entry point names.
    implementation: object
    #: The specs that it provides, of the kinds that its entry points announce.
    specs: Mapping[tuple[str, str], ComponentSpec]


@attrs.frozen(eq=False)
class BrokenPlugin:
    """A plugin that cannot be used: fatal only to who asks for it by name."""

    name: str
    distribution: str
    version: str
    target: str
    error: PluginError
    traceback: str


class Loader:
    """Loads each plugin once. Thread-safe.

    :param registered: called after each change of what is registered.
    """

    def __init__(
        self, manager: pluggy.PluginManager, index: Index, registered: Callable[[], None]
    ) -> None:
        self._manager = manager
        self._index = index
        self._registered = registered
        self._lock = threading.RLock()
        self._known: dict[tuple[str, str], LoadedPlugin | BrokenPlugin] = {}

    @property
    def broken(self) -> list[BrokenPlugin]:
        """Return the plugins that failed so far."""
        with self._lock:
            return [each for each in self._known.values() if isinstance(each, BrokenPlugin)]

    def load(self, entry: Entry, *, verify: bool = True) -> LoadedPlugin:
        """Import and register the plugin of an entry, unless that has been done.

        :param verify: refuse hooks of no specification; False while others that may add
            specifications are still to be loaded, then call :meth:`verify`.
        :raises PluginError: it cannot be used. Asking again gives the same error.
        """
        with self._lock:
            key = (entry.distribution, entry.target)
            if key not in self._known:
                self._known[key] = self._attempt(entry, verify)
            known = self._known[key]
        if isinstance(known, BrokenPlugin):
            raise known.error.with_traceback(None)
        return known

    def verify(self, entry: Entry) -> None:
        """Refuse a loaded plugin that implements hooks of no specification.

        :raises PluginHookError: it does; it is unregistered, and a broken one from now on.
        """
        plugin = self.load(entry)
        try:
            self._check_hooks(plugin.name, plugin.implementation)
        except PluginHookError as error:
            self._manager.unregister(plugin.implementation)
            self._registered()
            with self._lock:
                self._known[entry.distribution, entry.target] = _broken(entry, error)
            raise

    def spec(self, entry: Entry) -> ComponentSpec:
        """Return the spec that an entry announces.

        :raises PluginError: the plugin is broken.
        :raises PluginHookError: it does not provide what it announces.
        :raises PluginApiError: the spec's interface number is not served.
        """
        plugin = self.load(entry)
        spec = plugin.specs.get((entry.kind, entry.name))
        info = KINDS[Kind(entry.kind)]
        if spec is None:
            names = ", ".join(sorted(name for kind, name in plugin.specs if kind == entry.kind))
            raise PluginHookError(
                f"{plugin.name}: announces the {info.title} {entry.name!r}, but its hook "
                f"{info.hook} does not provide it (it provides: {names or 'nothing'})"
            )
        check_api(spec, info.title, plugin.name)
        return spec

    def _attempt(self, entry: Entry, verify: bool) -> LoadedPlugin | BrokenPlugin:
        try:
            self._check_requirement(entry)
            implementation = import_object(entry.target, plugin_name(entry))
            return self._register(entry, implementation, verify)
        except PluginError as error:
            return _broken(entry, error)

    def _check_requirement(self, entry: Entry) -> None:
        version = self._index.kernel_version
        try:
            fits = not version or satisfies(version, entry.requires)
        except ValueError:
            # The installer understood a requirement that we do not: it has judged already.
            return
        if not fits:
            raise PluginRequirementError(
                f"{plugin_name(entry)}: needs plugwork {entry.requires}, this is {version}: "
                f"pip install --upgrade plugwork {entry.distribution}"
            )

    def _register(self, entry: Entry, implementation: object, verify: bool) -> LoadedPlugin:
        name = plugin_name(entry)
        try:
            self._manager.register(implementation, name)
            if verify:
                self._check_hooks(name, implementation)
            specs = self._read(entry, name, implementation)
        except PluginError:
            self._withdraw(name)
            raise
        except pluggy.PluginValidationError as error:
            self._withdraw(name)
            raise PluginHookError(f"{name}: {_last_line(error)}") from error
        except (Exception, SystemExit) as error:
            self._withdraw(name)
            raise PluginHookError(
                f"{name}: raised while it was registered: {describe(error)}"
            ) from error
        self._registered()
        return LoadedPlugin(name, implementation, specs)

    def _withdraw(self, name: str) -> None:
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)
        self._registered()

    def _check_hooks(self, name: str, implementation: object) -> None:
        for caller in self._manager.get_hookcallers(implementation) or ():
            for each in caller.get_hookimpls():
                if each.plugin is not implementation:
                    continue
                if not caller.has_spec() and not each.optionalhook:
                    raise PluginHookError(f"{name}: {_unknown_hook(caller.name)}")
                if _is_wrapper(each) and caller.name in SCOPES.keys() - WRAPPABLE:
                    raise PluginHookError(f"{name}: hook {caller.name} takes no wrappers")

    def _read(
        self, entry: Entry, name: str, implementation: object
    ) -> dict[tuple[str, str], ComponentSpec]:
        announced = {each.kind for each in self._index.sharing(entry)}
        specs: dict[tuple[str, str], ComponentSpec] = {}
        for kind in (kind for kind in Kind if kind in announced):
            info = KINDS[kind]
            for spec in read_specs(self._manager, implementation, name, info.hook, info.spec):
                if (kind.value, spec.name) in specs:
                    raise PluginHookError(
                        f"{name}: hook {info.hook} provides {spec.name!r} more than once"
                    )
                specs[kind.value, spec.name] = spec
        return specs


def plugin_name(entry: Entry) -> str:
    """Return what messages call a plugin: its module and its distribution."""
    return f"plugin {entry.target} ({entry.origin})"


def _broken(entry: Entry, error: PluginError) -> BrokenPlugin:
    return BrokenPlugin(
        name=plugin_name(entry),
        distribution=entry.distribution,
        version=entry.version,
        target=entry.target,
        error=error,
        traceback="".join(traceback.format_exception(error.__cause__ or error)),
    )


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(lines[1:] or lines)


def _unknown_hook(hook: str) -> str:
    import difflib

    near = difflib.get_close_matches(hook, SCOPES, n=1)
    return f"there is no hook {hook}" + (f"; did you mean {near[0]}?" if near else "")


def _is_wrapper(implementation: pluggy.HookImpl) -> bool:
    return implementation.wrapper or implementation.hookwrapper
