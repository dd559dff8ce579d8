"""Commands that are imported when they are called, and groups of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from plugwork.cli.settings import global_options
from plugwork.cli.table import Entry


class Command(click.Command):
    """A command that takes the global options too."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *global_options()]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(super().get_params(ctx), ctx, formatter)


class UnknownCommandError(click.UsageError):
    """There is no such command; it carries what may have been meant."""

    def __init__(self, name: str, close: Sequence[str], ctx: click.Context) -> None:
        super().__init__(f'there is no command "{ctx.command_path} {name}"', ctx)
        #: The nearest commands, as a user types them.
        self.close = [f"{ctx.command_path} {each}" for each in close]


class CommandTable(click.Group):
    """A group whose commands are known from a table."""

    def __init__(self, name: str, entries: Mapping[str, Entry], **more: Any) -> None:
        super().__init__(name, **more)
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        if entry.commands:
            return CommandTable(cmd_name, entry.commands, help=entry.help)
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            self._refuse(ctx, args[0])
        return super().resolve_command(ctx, args)

    def _refuse(self, ctx: click.Context, name: str) -> NoReturn:
        import difflib

        close = difflib.get_close_matches(name, self.list_commands(ctx), n=2, cutoff=0.5)
        raise UnknownCommandError(name, close, ctx)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *global_options()]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        write_options(super().get_params(ctx), ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _line(each)) for name, each in self._entries.items()])


def _line(entry: Entry) -> str:
    if not entry.commands:
        return entry.help
    return f"{entry.help} ({', '.join(entry.commands)})"


def write_options(
    own: Sequence[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    """Write a command's own options, then the global ones."""
    for title, params in (("Options", own), ("Global options", global_options())):
        records = [each.get_help_record(ctx) for each in params]
        told = [record for record in records if record is not None]
        if told:
            with formatter.section(title):
                formatter.write_dl(told)
