"""Commands that plugins bring: click commands, imported when they are called."""

from __future__ import annotations

import click

from plugwork.cli.plugins import installed
from plugwork.cli.settings import Settings
from plugwork.errors import PluginHookError
from plugwork.registry.entries import COMMAND
from plugwork.registry.loader import plugin_name
from plugwork.registry.objects import import_object


def load_command(name: str, settings: Settings) -> click.Command:
    """Import a command of the distribution that the configuration prefers.

    :raises PluginError: several distributions bring it, it cannot be imported, or is no command.
    """
    entry = installed(settings)[0].entry(COMMAND, name)
    found = import_object(entry.target, plugin_name(entry))
    if not isinstance(found, click.Command):
        raise PluginHookError(
            f"{plugin_name(entry)}: the command {name!r} is a {type(found).__name__}, expected a "
            "click command"
        )
    return found
