"""The console script."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from plugwork.cli.group import CommandTable
from plugwork.cli.settings import Settings
from plugwork.cli.table import COMMANDS

if TYPE_CHECKING:
    from plugwork.registry.entries import Entry as PluginEntry

INTERRUPTED = 130
BROKEN_PIPE = 141
TERMINATED = 143


class Root(CommandTable):
    """All commands: ours, and those that plugins bring."""

    def __init__(self) -> None:
        super().__init__(
            "plugwork",
            COMMANDS,
            help="An orchestrator you assemble. Without a command: where you stand.",
            invoke_without_command=True,
            callback=_nothing_asked,
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *_brought()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS or cmd_name not in _brought():
            return super().get_command(ctx, cmd_name)
        from plugwork.cli.plugin_commands import load_command

        return load_command(cmd_name, ctx.obj)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_commands(ctx, formatter)
        brought = _brought()
        if brought:
            with formatter.section("Commands of plugins"):
                formatter.write_dl([(name, each.summary) for name, each in brought.items()])


def _brought() -> dict[str, PluginEntry]:
    """The commands that plugins bring, by name, from their metadata; ours win."""
    from plugwork.registry.entries import COMMAND
    from plugwork.registry.index import installed_plugins

    index = installed_plugins()
    names = [name for name in index.names(COMMAND) if name not in COMMANDS]
    return {name: index.find(COMMAND, name)[0] for name in names}


@click.pass_context
def _nothing_asked(ctx: click.Context) -> int | None:
    if ctx.invoked_subcommand is not None:
        return None
    from plugwork.cli.home import show_home

    return show_home(ctx.obj)


def run(args: Sequence[str]) -> int:
    """Run one command line, and return its exit code; errors are printed."""
    settings = Settings()
    color = False if os.environ.get("NO_COLOR") else None
    try:
        code = _invoke(Root(), list(args), settings, color)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; nothing must be written on the way out either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the last one to tell the user
        from plugwork.cli.failing import report

        return report(error, settings)
    return code


def _invoke(root: Root, args: list[str], settings: Settings, color: bool | None) -> int:
    try:
        with root.make_context("plugwork", args, obj=settings, color=color) as ctx:
            code = root.invoke(ctx)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return code if isinstance(code, int) else 0


def _terminate(signum: int, frame: FrameType | None) -> NoReturn:
    sys.exit(TERMINATED)


def main() -> NoReturn:
    """Run the command line of this process."""
    shell = os.environ.get("PLUGWORK_COMPLETE")
    if shell:
        from plugwork.cli.completing import answer

        sys.stdout.writelines(f"{line}\n" for line in answer(shell, sys.argv[1:]))
        sys.exit(0)
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
