"""Errors as a user reads them: what, where, what to do next; and the exit code."""

from __future__ import annotations

import linecache
import os
import re
import traceback
from collections.abc import Iterator

import click

from plugwork.cli.frames import Frame, live_frames, shown_path, source_block, users
from plugwork.cli.group import UnknownCommandError
from plugwork.cli.settings import Settings
from plugwork.errors import (
    CheckError,
    FrameworkError,
    InvalidConfigError,
    Problem,
    UserCodeExecutionError,
)

_KEY_AND_VALUE = re.compile(r"""(?P<key>(?:- +)*(?:"[^"]*"|'[^']*'|[\w.-]+) *: +)(?P<value>.+)""")
USAGE = 2
DEFECT = 70


def report(error: Exception, settings: Settings) -> int:
    """Print an error, and return the exit code that goes with it."""
    for line in _lines(error):
        click.echo(line, err=True)
    if settings.full_trace or (settings.verbose and exit_code(error) == DEFECT):
        click.echo("".join(traceback.format_exception(error)).rstrip(), err=True)
    return exit_code(error)


def exit_code(error: Exception) -> int:
    """Return what a command that fails by this error exits with."""
    if isinstance(error, click.ClickException):
        return USAGE
    if isinstance(error, FrameworkError):
        return error.exit_code
    if isinstance(error, CheckError) and _place(error):
        return USAGE
    return DEFECT


def _lines(error: Exception) -> Iterator[str]:
    if isinstance(error, click.ClickException):
        yield from _usage(error)
    elif isinstance(error, InvalidConfigError) and error.errors:
        yield from problem_lines(error)
    elif isinstance(error, UserCodeExecutionError):
        yield from _user_code(error)
    elif exit_code(error) != DEFECT:
        yield from _mendable(error)
    else:
        yield from _defect(error)


def _usage(error: click.ClickException) -> Iterator[str]:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        yield error.format_message()
        return
    unknown = isinstance(error, UnknownCommandError)
    code = "PW-CLI-002" if unknown else "PW-CLI-001"
    yield head(code, _lowered(error.format_message()))
    if isinstance(error, UnknownCommandError) and error.close:
        yield f"  did you mean:  {' or '.join(error.close)}"
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    yield f"  see:           {ctx.command_path if ctx else 'plugwork'} --help"


def _lowered(message: str) -> str:
    """Return a sentence of click in our form."""
    return message[:1].lower() + message[1:].rstrip(".")


def problem_lines(error: InvalidConfigError) -> Iterator[str]:
    """Yield the problems of a configuration on at most five lines."""
    from plugwork.config.rendering import render_problems

    first, *rest = render_problems(error.errors).splitlines()
    yield _painted(first)
    if len(error.errors) == 1:
        yield from _source_and_caret(error.errors[0])
    for line in rest:
        yield line if line.startswith(" ") else _painted(line)


def _painted(line: str) -> str:
    """Let the code of a problem stand out."""
    return " ".join(
        click.style(word, fg="red", bold=True) if word.rstrip(":").startswith("PW-") else word
        for word in line.split(" ")
    )


def _source_and_caret(problem: Problem) -> Iterator[str]:
    if problem.source is None or problem.line is None or not os.path.isfile(problem.source):
        return
    linecache.checkcache(problem.source)
    text = linecache.getline(problem.source, problem.line).rstrip().replace("\t", " ")
    cut = len(text) - len(text.lstrip())
    shown = _without_secret(text.strip(), problem.message)
    if not shown:
        return
    yield f"    {shown}"
    if problem.column is not None and problem.column > cut:
        before = min(problem.column - 1 - cut, len(shown) - 1)
        yield f"    {' ' * before}{click.style('^', fg='red', bold=True)}"


def _without_secret(text: str, message: str) -> str:
    """Return a line of YAML; a value that the message does not show may be a secret."""
    found = _KEY_AND_VALUE.fullmatch(text)
    if found is None:
        return text if text.rstrip(":") in message or text.endswith(":") else "..."
    value = found["value"].strip("'\"")
    return text if value in message else f"{found['key']}..."


def head(code: str, sentence: str) -> str:
    """Return the first line of an error."""
    name = click.style(f"error {code}" if code else "error", fg="red", bold=True)
    return f"{name}: {sentence}"


def _mendable(error: Exception) -> Iterator[str]:
    code = getattr(error, "code", "")
    # What another process failed by comes with its traceback; --full-trace shows it.
    told = str(error).partition("\nTraceback ")[0]
    first, *rest = told.splitlines() or [type(error).__name__]
    yield head(code, first)
    yield from (f"  {line}" for line in rest)
    place = _place(error)
    if place is not None:
        yield from _shown(place)
    if code:
        yield f"  more: plugwork explain {code}"


def _user_code(error: UserCodeExecutionError) -> Iterator[str]:
    cause = error.user_exception
    doing = str(error).removeprefix("Error occurred while ").rstrip(": \n")
    told = " ".join(traceback.format_exception_only(cause)[-1].split())
    yield head(error.code, f"{doing}: {told}")
    place = _place(cause)
    if isinstance(cause, SyntaxError) and cause.filename:
        place = Frame(cause.filename, cause.lineno or 1, "<module>")
    if place is not None:
        yield from _shown(place)
    if error.code:
        yield f"  more: plugwork explain {error.code}"


def _place(error: BaseException) -> Frame | None:
    """Return the user's innermost frame below an error."""
    own = users(live_frames(error.__traceback__))
    return own[-1] if own else None


def _shown(frame: Frame) -> Iterator[str]:
    where = "" if frame.function == "<module>" else f"  in {frame.function}"
    yield f"    {frame.place()}{where}"
    for line in source_block(frame, around=0):
        yield f"  {line}"


def _defect(error: Exception) -> Iterator[str]:
    frames = live_frames(error.__traceback__)
    told = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    yield head("", f"plugwork itself failed: {told}")
    if frames:
        yield f"  at {shown_path(frames[-1].file)}:{frames[-1].line} in {frames[-1].function}"
    yield "  This is a defect of plugwork or of a plugin, not of your code or configuration."
    yield "  Run the command again with -v for the traceback, and report it with that output."
