"""``plugwork run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plugwork.cli.group import Command
from plugwork.cli.settings import Settings

if TYPE_CHECKING:
    from plugwork.cli.preparing import RunRequest
    from plugwork.instance import Instance


@click.command(cls=Command)
@click.argument("target")
@click.option("--job", "job_name", metavar="NAME", help="Which job, where the target has several.")
@click.option(
    "--set", "sets", metavar="PATH=VALUE", multiple=True, help="Run config: ops.check.threshold=5."
)
@click.option("--config", "files", metavar="FILE", multiple=True, help="Run config from YAML.")
@click.option("--tag", "tags", metavar="KEY=VALUE", multiple=True, help="Tag the run.")
@click.option(
    "--from-failure",
    metavar="RUN",
    help="Run again what failed in RUN, and what follows; read the rest from it.",
)
@click.option(
    "--select",
    metavar="OPS",
    multiple=True,
    help="Only these: name, *name, name+. With --from-failure, steps of that run.",
)
@click.option("--dry-run", is_flag=True, help="Show what would run, and by which executor.")
@click.option(
    "--progress",
    type=click.Choice(["tree", "lines", "json", "none"]),
    help="How progress is shown. Default: a tree on a terminal, else lines.",
)
@click.option("--detach", is_flag=True, help="Let the instance's launcher run it, and return.")
@click.pass_obj
def run(
    settings: Settings,
    target: str,
    job_name: str | None,
    sets: tuple[str, ...],
    files: tuple[str, ...],
    tags: tuple[str, ...],
    from_failure: str | None,
    select: tuple[str, ...],
    dry_run: bool,
    progress: str | None,
    detach: bool,
) -> int:
    """Run the job TARGET: file.py, file.py:name, a module, or module:name."""
    from plugwork.cli.opening import opened
    from plugwork.cli.preparing import RunRequest

    request = RunRequest(target, job_name, files, sets, tags, select)
    with opened(settings) as instance:
        if from_failure is not None:
            from plugwork.cli.run_ids import find_run

            request.parent = find_run(instance, from_failure).run
        return carry_out(settings, instance, request, dry_run, detach, progress)


def carry_out(
    settings: Settings,
    instance: Instance,
    request: RunRequest,
    dry_run: bool,
    detach: bool,
    progress: str | None,
) -> int:
    """Show what would run, or submit it, or execute it here."""
    if dry_run:
        from plugwork.cli.dry_run import show_plan

        return show_plan(settings, instance, request)
    if detach:
        from plugwork.cli.running import submit

        return submit(settings, instance, request)
    from plugwork.cli.running import execute

    return execute(settings, instance, request, progress)
