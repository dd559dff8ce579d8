"""``plugwork instance``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plugwork.cli.group import Command
from plugwork.cli.output import dim, emit, facts, say, table
from plugwork.cli.settings import Settings
from plugwork.cli.words import counted

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.model import ConcurrencyKeyInfo


@click.command(cls=Command)
@click.pass_obj
def info(settings: Settings) -> None:
    """Show home, file, components, and what the storage holds."""
    from plugwork.cli.frames import shown_path
    from plugwork.cli.opening import opened
    from plugwork.cli.pools import all_pools, pool_document

    with opened(settings) as instance:
        layered = instance.config.layered
        components = _components(instance)
        storage = {key: str(value) for key, value in instance.storage.info().items()}
        document: dict[str, Any] = {
            "home": instance.root_directory,
            "chosen_by": layered.place.chosen_by,
            "files": [str(file) for file in layered.files],
            "profile": layered.profile,
            "durability": instance.config.durability,
            "components": components,
            "storage": storage,
            "runs": instance.get_runs_count(),
        }
        pools = all_pools(instance)
        if pools:
            document["pools"] = [pool_document(pool) for pool in pools]
    if settings.json:
        emit("instance/1", document)
        return
    files = ", ".join(shown_path(file) for file in document["files"])
    facts(
        [
            ("home", f"{document['home']}  {dim('(' + layered.place.chosen_by + ')')}"),
            ("file", files or "none: defaults"),
            *([("profile", layered.profile)] if layered.profile else []),
            ("durability", document["durability"]),
            ("runs", f"{document['runs']:,}"),
            *((f"pool {pool.concurrency_key}", _shown(pool)) for pool in pools),
            *((f"storage {key}", value) for key, value in storage.items()),
        ]
    )
    say()
    table(
        ["KIND", "NAME", "FROM"],
        [[each["kind"].replace("_", " "), each["name"], each["from"]] for each in components],
    )


def _shown(pool: ConcurrencyKeyInfo) -> str:
    from plugwork.cli.pools import fullness

    waits = f", {counted(len(pool.pending_steps), 'step')} waiting" if pool.pending_steps else ""
    return f"{fullness(pool)} used{waits}"


def _components(instance: Instance) -> list[dict[str, str]]:
    from plugwork.abc.specs import KINDS
    from plugwork.errors import PluginError

    found = []
    for kind in KINDS:
        name = instance.configured_name(kind)
        if name is None:
            found.append({"kind": kind.value, "name": "as the job says", "from": ""})
            continue
        try:
            origin = instance.host.entry(kind, name).origin
        except PluginError:
            # A class that the file names, or a default that no installed plugin brings.
            origin = "not installed" if kind.value in _missing(instance) else "the file"
        found.append({"kind": kind.value, "name": name, "from": origin})
    return found


def _missing(instance: Instance) -> set[str]:
    """Return the kinds whose component is a default, named by no file."""
    from plugwork.abc.specs import KINDS

    named = instance.config.components
    return {kind.value for kind, info in KINDS.items() if info.key not in named}


@click.command(cls=Command)
@click.option("--provenance", is_flag=True, help="Show every value with what gave it.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the file.")
@click.pass_obj
def config(settings: Settings, provenance: bool, schema: bool) -> None:
    """Show the configuration with its defaults; secrets are masked."""
    if schema:
        _schema(settings)
        return
    from plugwork.config.listing import list_settings, settings_tree
    from plugwork.config.places import dotted
    from plugwork.instance.opening import open_located

    with open_located(settings.instance, settings.profile) as instance:
        shown = list_settings(instance.config)
        tree = settings_tree(instance.config)
    if settings.json:
        listed = [
            {"path": dotted(each.path), "value": each.value, "source": str(each.source)}
            for each in shown
        ]
        emit("config/1", {"config": tree, "settings": listed})
    elif provenance:
        from plugwork.config.places import show

        table(
            ["SETTING", "VALUE", "FROM"],
            [[dotted(each.path), show(each.value), str(each.source)] for each in shown],
        )
    else:
        import yaml

        say(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True).rstrip())


def _schema(settings: Settings) -> None:
    import json

    from plugwork.abc.specs import Kind
    from plugwork.cli.plugins import installed
    from plugwork.config.json_schema import InstalledComponent, instance_json_schema
    from plugwork.errors import PluginError
    from plugwork.registry.entries import PLUGIN

    host, _ = installed(settings)
    found = []
    for kind in (*Kind, PLUGIN):
        for name in host.names(kind):
            try:
                cls = host.settings_for(kind, name)
                summary = "" if kind == PLUGIN else host.spec(kind, name).summary
            except PluginError:
                continue  # 'plugins doctor' tells of it
            found.append(InstalledComponent(str(kind), name, summary, cls))
    say(json.dumps(instance_json_schema(found), indent=2))
