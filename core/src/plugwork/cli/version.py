"""``plugwork version``."""

from __future__ import annotations

import click

from plugwork.cli.group import Command
from plugwork.cli.output import emit, say
from plugwork.cli.settings import Settings


@click.command(cls=Command)
@click.pass_obj
def version(settings: Settings) -> None:
    """Print the version."""
    import platform

    from plugwork.registry.index import installed_plugins

    index = installed_plugins()
    number = index.kernel_version or "unknown: plugwork is not installed"
    plugins = {entry.distribution: entry.version for entry in index.entries}
    if settings.json:
        emit(
            "version/1",
            {"version": number, "python": platform.python_version(), "plugins": plugins},
        )
        return
    say(f"plugwork {number} (Python {platform.python_version()})")
    if settings.verbose:
        for name, release in sorted(plugins.items()):
            say(f"{name} {release}")
