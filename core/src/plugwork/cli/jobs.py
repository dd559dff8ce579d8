"""``plugwork jobs``: the jobs of a file or module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from plugwork.cli.group import Command
from plugwork.cli.output import bold, dim, emit, say, table
from plugwork.cli.settings import Settings

if TYPE_CHECKING:
    from plugwork.config.schema import Field, Shape
    from plugwork.definitions.job import JobDefinition


@click.command("list", cls=Command)
@click.argument("target")
@click.pass_obj
def list_jobs(settings: Settings, target: str) -> None:
    """List the jobs of TARGET: a file, or a module."""
    from plugwork.cli.target import load_code_of

    jobs = load_code_of(target).definitions.resolve_all_job_defs()
    if settings.json:
        emit("jobs/1", {"jobs": [_document(job) for job in jobs]})
        return
    table(["JOB", "STEPS", "DESCRIPTION"], [_row(job) for job in jobs])


@click.command(cls=Command)
@click.argument("target")
@click.option("--job", "job_name", metavar="NAME", help="Which job, where the target has several.")
@click.pass_obj
def show(settings: Settings, target: str, job_name: str | None) -> None:
    """Show the steps of the job TARGET."""
    from plugwork.cli.target import load_target

    job = load_target(target, job_name).job
    if settings.json:
        emit("job/1", _document(job))
        return
    say(f"{bold(job.name)}  {_summary(job)}".rstrip())
    nodes = job.graph_def.nodes.values()
    table(
        ["NODE", "OF", "AFTER"],
        [[node.name, node.definition.name, ", ".join(_upstream(node))] for node in nodes],
    )


@click.command(cls=Command)
@click.argument("target")
@click.option("--job", "job_name", metavar="NAME", help="Which job, where the target has several.")
@click.pass_obj
def config(settings: Settings, target: str, job_name: str | None) -> None:
    """Show what run config the job TARGET takes, as a scaffold."""
    from plugwork.cli.target import load_target

    job = load_target(target, job_name).job
    lines = list(_scaffold(job.run_config_schema, 0))
    if settings.json:
        emit("job_config/1", {"job": job.name, "fields": _fields(job.run_config_schema)})
        return
    for line, is_needed in lines:
        say(line if is_needed else dim(f"# {line}"))


def _row(job: JobDefinition) -> list[str]:
    return [job.name, str(len(job.graph_def.nodes)), _summary(job)]


def _summary(job: JobDefinition) -> str:
    return (job.description or "").strip().partition("\n")[0]


def _document(job: JobDefinition) -> dict[str, Any]:
    nodes = job.graph_def.nodes.values()
    return {
        "name": job.name,
        "description": job.description,
        "tags": job.tags,
        "nodes": [
            {"name": node.name, "of": node.definition.name, "after": _upstream(node)}
            for node in nodes
        ],
    }


def _upstream(node: Any) -> list[str]:
    from plugwork.definitions.node import Collect, Dependency, FanIn, NodeOutput

    def names(source: Dependency) -> Iterator[str]:
        if isinstance(source, NodeOutput):
            yield source.node
        elif isinstance(source, Collect):
            yield from names(source.source)
        elif isinstance(source, FanIn):
            for each in source.sources:
                yield from names(each)

    return list(dict.fromkeys(name for source in node.inputs.values() for name in names(source)))


def _scaffold(schema: Shape, depth: int) -> Iterator[tuple[str, bool]]:
    """Yield YAML lines, and whether each is needed."""
    from plugwork.config.schema import Shape

    pad = "  " * depth
    for name, field in schema.fields.items():
        inner = field.config_type
        if not isinstance(inner, Shape):
            yield f"{pad}{field.schema_line(name)}", field.is_required
            continue
        lines = list(_scaffold(inner, depth + 1))
        if lines:
            yield f"{pad}{name}:", any(is_needed for _, is_needed in lines)
            yield from lines


def _fields(schema: Shape, path: str = "") -> list[dict[str, Any]]:
    from plugwork.config.schema import Shape

    found: list[dict[str, Any]] = []
    for name, field in schema.fields.items():
        if isinstance(field.config_type, Shape):
            found += _fields(field.config_type, f"{path}{name}.")
        else:
            found.append(_field(f"{path}{name}", field))
    return found


def _field(path: str, field: Field) -> dict[str, Any]:
    return {
        "path": path,
        "type": field.config_type.label,
        "required": field.is_required,
        "description": field.description,
    }
