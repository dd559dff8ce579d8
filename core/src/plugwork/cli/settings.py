"""The options that every command takes, before or after its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import click


class Settings:
    """What the global options say."""

    def __init__(self) -> None:
        #: A home directory or a ``plugwork.yaml``.
        self.instance: str | None = None
        self.profile: str | None = None
        #: Print one JSON document instead of text for people.
        self.json = False
        #: Nothing on standard error but errors.
        self.quiet = False
        self.verbose = 0
        #: Tracebacks with all frames.
        self.full_trace = False


@cache
def global_options() -> tuple[click.Option, ...]:
    """Return the options; their values go to the context's :class:`Settings`."""
    return (
        _option("--instance", metavar="PATH", help="Home directory, or a plugwork.yaml."),
        _option("--profile", metavar="NAME", help="Lay plugwork.NAME.yaml over the file."),
        _option("--json", is_flag=True, help="Print JSON, where a command has something to show."),
        _option("--quiet", "-q", is_flag=True, help="Only results and errors."),
        _option("--verbose", "-v", count=True, help="Tell more."),
        _option("--full-trace", is_flag=True, help="Show all frames of tracebacks."),
        _option("--no-color", is_flag=True, callback=_no_color, help="No colours."),
    )


def _option(*names: str, **more: Any) -> click.Option:
    callback: Callable[..., None] = more.pop("callback", _keep)
    return click.Option(names, expose_value=False, callback=callback, **more)


def _keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value and param.name:
        setattr(ctx.obj, param.name, value)


def _no_color(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    above: click.Context | None = ctx
    while value and above is not None:
        above.color = False
        above = above.parent
