"""``plugwork check``: every mistake at once, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plugwork.cli.frames import shown_path
from plugwork.cli.group import Command
from plugwork.cli.output import emit, say
from plugwork.cli.settings import Settings

if TYPE_CHECKING:
    from plugwork.definitions.automation.automation_definition import AutomationDefinition
    from plugwork.definitions.definitions import Definitions

_REFUSED = 2


@click.command(cls=Command)
@click.argument("target", required=False)
@click.option("--job", "job_name", metavar="NAME", help="Which job, where the target has several.")
@click.option("--set", "sets", metavar="PATH=VALUE", multiple=True, help="Run config to check.")
@click.option("--config", "files", metavar="FILE", multiple=True, help="Run config to check.")
@click.pass_obj
def check(
    settings: Settings,
    target: str | None,
    job_name: str | None,
    sets: tuple[str, ...],
    files: tuple[str, ...],
) -> int:
    """List every mistake in the configuration, and in the code of TARGET."""
    errors: list[Exception] = []
    told: list[str] = []
    _collect(errors, told, lambda: _instance(settings))
    if target is not None:
        _collect(errors, told, lambda: _code(target, errors))
        if (job_name or sets or files) and not errors:
            _collect(errors, told, lambda: _run_config(target, job_name, files, sets))
    return _tell(settings, errors, told)


def _collect(errors: list[Exception], told: list[str], look: Callable[[], list[str]]) -> None:
    from plugwork.errors import CheckError, FrameworkError

    try:
        told += look()
    except (FrameworkError, CheckError) as error:
        errors.append(error)


def _instance(settings: Settings) -> list[str]:
    """Check the whole file; import what it names, and ask the plugins that it enables."""
    from plugwork.errors import InvalidConfigError
    from plugwork.instance.opening import open_located, plugin_config

    with open_located(settings.instance, settings.profile, thorough=True) as instance:
        config = plugin_config(instance, Path(instance.root_directory))
        problems = instance.hooks.check_config(config)
        if problems:
            raise InvalidConfigError("the configuration cannot be used:", problems)
        files = ", ".join(shown_path(str(file)) for file in instance.config.layered.files)
        return [f"configuration ok: {files}" if files else "configuration ok: defaults, no file"]


def _code(target: str, errors: list[Exception]) -> list[str]:
    from plugwork.cli.target import load_code_of

    definitions = load_code_of(target).definitions
    told: list[str] = []
    for name in definitions.job_names:
        _collect(errors, told, partial(_job, definitions, name))
    for one in (*definitions.schedules, *definitions.sensors):
        _collect(errors, told, partial(_automation, definitions, one))
    return told or [f"code ok: {target} has no jobs"]


def _job(definitions: Definitions, name: str) -> list[str]:
    job = definitions.get_job_def(name)
    job.check_resources()
    _ = job.run_config_schema  # made when first asked for
    return [f"job ok: {name}"]


def _automation(definitions: Definitions, one: AutomationDefinition) -> list[str]:
    definitions.check_automation(one)
    return [f"{one.what} ok: {one.name}"]


def _run_config(
    target: str, job_name: str | None, files: tuple[str, ...], sets: tuple[str, ...]
) -> list[str]:
    from plugwork.cli.preparing import Prepared, RunRequest

    prepared = Prepared(RunRequest(target, job_name, files, sets, ()))
    return [f"run config ok: job {prepared.target.job.name}"]


def _tell(settings: Settings, errors: list[Exception], told: list[str]) -> int:
    from plugwork.cli.failing import report

    if settings.json:
        emit("check/1", {"ok": not errors, "problems": [p for e in errors for p in _problems(e)]})
        return _REFUSED if errors else 0
    for line in told:
        say(line)
    for error in errors:
        report(error, settings)
    return _REFUSED if errors else 0


def _problems(error: Exception) -> Iterator[dict[str, Any]]:
    from plugwork.errors import InvalidConfigError

    if not isinstance(error, InvalidConfigError) or not error.errors:
        yield {"code": getattr(error, "code", ""), "message": str(error)}
        return
    for problem in error.errors:
        yield {
            "code": problem.code,
            "message": problem.message,
            "path": problem.path,
            "file": problem.source,
            "line": problem.line,
            "column": problem.column,
            "hint": problem.hint,
        }
