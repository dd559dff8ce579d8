"""``plugwork plugins``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from plugwork.cli.group import Command
from plugwork.cli.output import bold, colored, dim, emit, facts, note, say, table
from plugwork.cli.settings import Settings
from plugwork.cli.words import counted

if TYPE_CHECKING:
    from plugwork.registry.host import PluginHost
    from plugwork.registry.report import PluginRecord, PluginReport

_BROKEN = 1
_COLORS = {"conflict": "red", "damaged": "red", "blocked": "yellow", "enabled": "green"}


@click.command("list", cls=Command)
@click.pass_obj
def list_plugins(settings: Settings) -> None:
    """List components and plugins; nothing is imported."""
    _, records = installed(settings)
    if settings.json:
        emit("plugins/1", {"plugins": [_document(each) for each in records]})
        return
    if not records:
        say("no plugins are installed: pip install 'plugwork[local]'")
        return
    # Names that plugins add to the package are no components: few want to see them.
    shown = [each for each in records if each.kind != "names" or settings.verbose]
    table(["KIND", "NAME", "FROM", "STATE", "SUMMARY"], [_row(each) for each in shown])


@click.command(cls=Command)
@click.argument("name")
@click.pass_obj
def show(settings: Settings, name: str) -> None:
    """Show NAME (sqlite, or storage.sqlite): who brings it, and its settings."""
    import difflib

    from plugwork.errors import ComponentNotFoundError, PluginError

    host, records = installed(settings)
    found = [each for each in records if name in (each.name, f"{each.kind}.{each.name}")]
    found = found or [each for each in records if name == each.distribution]
    if not found:
        names = sorted({each.name for each in records})
        close = difflib.get_close_matches(name, names, n=1)
        better = f'; did you mean "{close[0]}"?' if close else ""
        raise ComponentNotFoundError(f'nothing installed is called "{name}"{better}')
    told = []
    for each in found:
        try:
            fields = _settings(host, each)
        except PluginError as error:
            fields, problem = [], str(error)
        else:
            problem = ""
        told.append((each, fields, problem))
    if settings.json:
        documents = [
            {**_document(each), "settings": fields, "problem": problem or None}
            for each, fields, problem in told
        ]
        emit("plugin/1", {"plugins": documents})
        return
    for each, fields, problem in told:
        _show(each, fields, problem)


@click.command(cls=Command)
@click.pass_obj
def doctor(settings: Settings) -> int:
    """Import every plugin, and name what is broken."""
    reports = _examine(settings)
    broken = [each for each in reports if not each.ok]
    if settings.json:
        emit("doctor/1", {"ok": not broken, "plugins": [_report(each) for each in reports]})
        return _BROKEN if broken else 0
    for each in reports:
        _tell(each, settings)
    say()
    say(f"{counted(len(reports), 'plugin module')}, {len(broken)} broken")
    return _BROKEN if broken else 0


def installed(settings: Settings) -> tuple[PluginHost, list[PluginRecord]]:
    """Return the plugins as the configuration arranges them; imports none of them.

    A configuration that cannot be read is told, and left aside.
    """
    import attrs

    from plugwork.config.instance_schema import read_plugins
    from plugwork.registry.entries import PLUGIN
    from plugwork.registry.host import PluginHost
    from plugwork.registry.report import EntryState

    value = _configuration(settings)
    prefer, block = read_plugins(value)
    host = PluginHost(prefer=prefer, block=block)
    enabled = set(_enabled(value))
    records = [
        attrs.evolve(each, state=EntryState.ENABLED)
        if each.kind == PLUGIN and each.name in enabled and each.state is EntryState.INSTALLED
        else each
        for each in host.records()
    ]
    return host, records


def _configuration(settings: Settings) -> Mapping[str, Any]:
    import os
    from pathlib import Path

    from plugwork.config.layers import load_layers
    from plugwork.config.place import locate
    from plugwork.errors import FrameworkError

    cwd = Path.cwd()
    try:
        place = locate(settings.instance, os.environ, cwd)
        return load_layers(place, settings.profile, os.environ, cwd).value
    except FrameworkError as error:
        note(settings, f"the configuration is left aside: {str(error).splitlines()[0]}")
        return {}


def _enabled(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names under ``plugins: enable:`` of a file that is not checked yet."""
    section = value.get("plugins")
    listed = section.get("enable") if isinstance(section, Mapping) else None
    for each in listed if isinstance(listed, list) else ():
        yield from (each if isinstance(each, Mapping) else [str(each)])


def _examine(settings: Settings) -> list[PluginReport]:
    """Examine the plugins of the open instance, whose hooks tell of their health too."""
    from plugwork.errors import FrameworkError
    from plugwork.instance.opening import open_located

    try:
        with open_located(settings.instance, settings.profile) as instance:
            return instance.host.doctor()
    except FrameworkError as error:
        note(settings, f"the instance cannot be opened: {str(error).splitlines()[0]}")
        return installed(settings)[0].doctor()


def _row(record: PluginRecord) -> list[str]:
    state = str(record.state)
    return [
        record.kind.replace("_", " "),
        record.name,
        f"{record.distribution} {record.version}",
        colored(state, _COLORS.get(state)),
        record.summary,
    ]


def _document(record: PluginRecord) -> dict[str, Any]:
    return {
        "kind": record.kind,
        "name": record.name,
        "distribution": record.distribution,
        "version": record.version,
        "summary": record.summary,
        "module": record.target,
        "state": str(record.state),
    }


def _settings(host: PluginHost, record: PluginRecord) -> list[str]:
    from plugwork.abc.specs import Kind
    from plugwork.config.class_shape import settings_schema
    from plugwork.registry.entries import PLUGIN

    if record.kind not in {*Kind, PLUGIN}:
        return []
    cls = host.settings_for(record.kind, record.name)
    if cls is None:
        return []
    fields: dict[str, Any] = getattr(settings_schema(cls), "fields", {})
    return [field.schema_line(name) for name, field in fields.items()]


def _show(record: PluginRecord, fields: list[str], problem: str) -> None:
    say(f"{bold(f'{record.kind}.{record.name}')}  {record.summary}".rstrip())
    facts(
        [
            ("from", f"{record.distribution} {record.version}"),
            ("module", record.target),
            ("state", str(record.state)),
        ],
        "  ",
    )
    if problem:
        say(f"  {colored('broken', 'red')}  {problem}")
    elif fields:
        say("  settings")
        for field in fields:
            say(f"    {field}")


def _report(report: PluginReport) -> dict[str, Any]:
    import attrs

    costs = attrs.asdict(report.notifications) if report.notifications else None
    return {
        "distribution": report.distribution,
        "version": report.version,
        "module": report.module,
        "entries": list(report.entries),
        "ok": report.ok,
        "blocked": report.blocked,
        "problems": [{"code": code, "message": text} for code, text in report.problems],
        "health": list(report.health),
        "notifications": costs,
    }


def _tell(report: PluginReport, settings: Settings) -> None:
    state = "blocked" if report.blocked else "ok" if report.ok else "broken"
    color = {"ok": "green", "blocked": "yellow"}.get(state, "red")
    say(
        f"{colored(state.ljust(7), color)}  {report.distribution} {report.version}  "
        f"{dim(', '.join(report.entries) or report.module)}"
    )
    for code, message in report.problems:
        say(f"         {code}  {message}")
    for line in report.health:
        say(f"         {line}")
    costs = report.notifications
    if costs is not None and (costs.errors or costs.dropped):
        say(
            f"         notifications {costs.state}: {costs.calls} calls, {costs.errors} errors, "
            f"{costs.dropped} dropped; {costs.last_error}"
        )
    if report.traceback and (settings.verbose or settings.full_trace):
        for line in report.traceback.rstrip().splitlines():
            say(f"         {line}")
