"""``plugwork runs retry``: a run done again, its job found where it was found then."""

from __future__ import annotations

import click

from plugwork.cli.group import Command
from plugwork.cli.settings import Settings


@click.command(cls=Command)
@click.argument("run")
@click.option("--all", "all_steps", is_flag=True, help="All steps, not from the failure on.")
@click.option(
    "--select", metavar="STEPS", multiple=True, help="These steps instead: name, *name, name+."
)
@click.option(
    "--set", "sets", metavar="PATH=VALUE", multiple=True, help="Run config over that of RUN."
)
@click.option("--tag", "tags", metavar="KEY=VALUE", multiple=True, help="Tag the new run.")
@click.option("--dry-run", is_flag=True, help="Show what would run, and why.")
@click.option(
    "--progress",
    type=click.Choice(["tree", "lines", "json", "none"]),
    help="How progress is shown. Default: a tree on a terminal, else lines.",
)
@click.option("--detach", is_flag=True, help="Let the instance's launcher run it, and return.")
@click.pass_obj
def retry(
    settings: Settings,
    run: str,
    all_steps: bool,
    select: tuple[str, ...],
    sets: tuple[str, ...],
    tags: tuple[str, ...],
    dry_run: bool,
    progress: str | None,
    detach: bool,
) -> int:
    """Run again what failed in RUN, and what follows it, as a new run."""
    from plugwork.cli.opening import opened
    from plugwork.cli.preparing import RunRequest
    from plugwork.cli.run import carry_out
    from plugwork.cli.run_ids import find_run
    from plugwork.errors import CommandLineError, RunStateError

    if all_steps and select:
        raise CommandLineError("give --all or --select, not both")
    with opened(settings) as instance:
        parent = find_run(instance, run).run
        if parent.job_code_origin is None:
            raise RunStateError(
                f"run {parent.run_id} does not say where its job is found; name it: plugwork run "
                f"TARGET --from-failure {parent.run_id}"
            )
        request = RunRequest(
            parent.job_code_origin.code.describe(),
            parent.job_name,
            sets=sets,
            tags=tags,
            select=select,
            parent=parent,
            all_steps=all_steps,
            origin=parent.job_code_origin,
        )
        return carry_out(settings, instance, request, dry_run, detach, progress)
