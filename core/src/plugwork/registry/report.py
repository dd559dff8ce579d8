"""What is installed, and how it is: for ``plugwork plugins list`` and ``doctor``."""

from __future__ import annotations

import enum
import traceback
from collections.abc import Collection, Iterable

import attrs

from plugwork.abc.specs import Kind
from plugwork.errors import PluginBlockedError, PluginConflictError, PluginError, PluginHookError
from plugwork.registry.catalogue import Catalogue
from plugwork.registry.entries import COMMAND, CONFIG_CLASSES, NAMES, PLUGIN, PREFIX, Entry
from plugwork.registry.facade import Hooks
from plugwork.registry.index import Index
from plugwork.registry.loader import Loader, plugin_name
from plugwork.registry.notifier import NotifierRecord
from plugwork.registry.objects import import_object

_REGISTERED = frozenset({*Kind, PLUGIN})
_IMPORTED = frozenset({NAMES, COMMAND, CONFIG_CLASSES})


class EntryState(enum.StrEnum):
    """How an installed name stands, as far as metadata and configuration tell."""

    INSTALLED = "installed"
    #: A life-cycle plugin that the configuration enables.
    ENABLED = "enabled"
    BLOCKED = "blocked"
    #: Several distributions bring the name, and nothing settles it.
    CONFLICT = "conflict"
    #: ``plugins: prefer:`` names another distribution.
    PASSED_OVER = "passed over"
    #: The distribution's metadata cannot be read.
    DAMAGED = "damaged"


@attrs.frozen
class PluginRecord:
    """One installed name."""

    kind: str
    name: str
    distribution: str
    version: str
    summary: str
    target: str
    state: EntryState


@attrs.frozen
class PluginReport:
    """How one plugin module is."""

    distribution: str
    version: str
    module: str
    #: What it announces: ``"storage.sqlite"``.
    entries: tuple[str, ...]
    #: ``(code, message)`` of all that is wrong; empty when the plugin is fine or blocked.
    problems: tuple[tuple[str, str], ...] = ()
    blocked: bool = False
    #: Of the error that broke it; empty when none did.
    traceback: str = ""
    #: What its ``plugwork_doctor`` says, when it is loaded in this process.
    health: tuple[str, ...] = ()
    #: What its notifications have cost in this process; None when it had none.
    notifications: NotifierRecord | None = None

    @property
    def ok(self) -> bool:
        """Return whether nothing is wrong with it."""
        return not self.problems


def list_records(
    index: Index, catalogue: Catalogue, enabled: Collection[str]
) -> list[PluginRecord]:
    """Return the installed names; imports nothing."""
    told = [
        PluginRecord(
            kind=entry.kind,
            name=entry.name,
            distribution=entry.distribution,
            version=entry.version,
            summary=entry.summary,
            target=entry.target,
            state=_state(entry, catalogue, enabled),
        )
        for entry in index.entries
    ]
    damaged = [
        PluginRecord("", "", each.name, each.version, each.problem, "", EntryState.DAMAGED)
        for each in index.damaged
    ]
    return told + damaged


def _state(entry: Entry, catalogue: Catalogue, enabled: Collection[str]) -> EntryState:
    if catalogue.is_blocked(entry):
        return EntryState.BLOCKED
    try:
        chosen = catalogue.entry(entry.kind, entry.name)
    except PluginConflictError:
        return EntryState.CONFLICT
    if chosen != entry:
        return EntryState.PASSED_OVER
    if entry.kind == PLUGIN and entry.name in enabled:
        return EntryState.ENABLED
    return EntryState.INSTALLED


def examine(index: Index, catalogue: Catalogue, loader: Loader, hooks: Hooks) -> list[PluginReport]:
    """Import everything, and report.

    :param loader: one of its own, so that nothing is registered with the hooks in use.
    :param hooks: the hooks in use: health and costs are theirs.
    """
    modules: dict[tuple[str, str], list[Entry]] = {}
    for entry in index.entries:
        modules.setdefault((entry.distribution, _module(entry)), []).append(entry)
    for entry in index.entries:
        _load_without_verifying(entry, catalogue, loader)
    examiner = _Examiner(catalogue, loader, hooks)
    reports = [examiner.report(entries) for entries in modules.values()]
    for each in index.damaged:
        problems = ((PluginError.code, each.problem),)
        reports.append(PluginReport(each.name, each.version, "", (), problems))
    return sorted(reports, key=lambda report: (report.distribution, report.module))


def _module(entry: Entry) -> str:
    return entry.target.partition(":")[0]


def _load_without_verifying(entry: Entry, catalogue: Catalogue, loader: Loader) -> None:
    # A plugin may implement hooks that another one adds: all are there before any is verified.
    if entry.kind not in _REGISTERED or catalogue.is_blocked(entry):
        return
    try:
        loader.load(entry, verify=False)
    except PluginError:
        # It is met again, and told, when the entry is examined.
        return


class _Examiner:
    def __init__(self, catalogue: Catalogue, loader: Loader, hooks: Hooks) -> None:
        self._catalogue = catalogue
        self._loader = loader
        self._health = hooks.doctor()
        self._costs = {record.plugin: record for record in hooks.records()}

    def report(self, entries: list[Entry]) -> PluginReport:
        first = entries[0]
        errors = [error for entry in entries for error in self._errors(entry)]
        health = [line for name in _plugins(entries) for line in self._health.get(name, ())]
        costs = [self._costs[name] for name in _plugins(entries) if name in self._costs]
        return PluginReport(
            distribution=first.distribution,
            version=first.version,
            module=_module(first),
            entries=tuple(entry.key for entry in entries),
            problems=tuple(dict.fromkeys((error.code, str(error)) for error in errors)),
            blocked=all(map(self._catalogue.is_blocked, entries)),
            traceback=_trace(errors),
            health=tuple(health),
            notifications=costs[0] if costs else None,
        )

    def _errors(self, entry: Entry) -> list[PluginError]:
        errors: list[PluginError] = []
        for check in (self._check_name, self._check_content):
            try:
                check(entry)
            except PluginBlockedError:
                return []
            except PluginError as error:
                errors.append(error)
        return errors

    def _check_name(self, entry: Entry) -> None:
        self._catalogue.entry(entry.kind, entry.name)

    def _check_content(self, entry: Entry) -> None:
        if self._catalogue.is_blocked(entry):
            return
        if entry.kind in _REGISTERED:
            self._loader.verify(entry)
            if entry.kind != PLUGIN:
                self._loader.spec(entry)
        elif entry.kind in _IMPORTED:
            import_object(entry.target, plugin_name(entry))
        else:
            groups = ", ".join(sorted(PREFIX + kind for kind in _REGISTERED | _IMPORTED))
            raise PluginHookError(
                f"{plugin_name(entry)}: there is no entry-point group {PREFIX}{entry.kind}; "
                f"there are {groups}"
            )


def _plugins(entries: list[Entry]) -> Iterable[str]:
    return dict.fromkeys(map(plugin_name, entries))


def _trace(errors: list[PluginError]) -> str:
    for error in errors:
        if error.__cause__ is not None:
            return "".join(traceback.format_exception(error.__cause__))
    return ""
