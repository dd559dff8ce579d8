"""``plugwork init``: a small project that runs."""

from __future__ import annotations

from pathlib import Path

import click

from plugwork.cli.group import Command
from plugwork.cli.output import dim, emit, say
from plugwork.cli.settings import Settings

_TEMPLATES = Path(__file__).parent / "templates"


@click.command(cls=Command)
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option(
    "--template",
    type=click.Choice(["min", "etl"]),
    default="min",
    show_default=True,
    help="min: three steps. etl: a CSV file, one step per day, a report.",
)
@click.pass_obj
def init(settings: Settings, directory: Path, template: str) -> None:
    """Make a small project in DIRECTORY. Nothing is overwritten."""
    made = _copy(_TEMPLATES / template, directory)
    if settings.json:
        emit("init/1", {"directory": str(directory.absolute()), "files": made})
        return
    say(f"made {', '.join(made)} in {directory}")
    if directory != Path():
        say(f"  {dim('next')}  cd {directory}")
    say(f"  {dim('next')}  plugwork run jobs.py")


def _copy(template: Path, directory: Path) -> list[str]:
    """Copy the files of a template; all or none.

    :raises ProjectExistsError: when one of them is there already.
    """
    from plugwork.errors import ProjectExistsError

    files = {_name(file): file for file in sorted(template.iterdir()) if file.is_file()}
    present = [name for name in files if (directory / name).exists()]
    if present:
        raise ProjectExistsError(
            f"{directory / present[0]} is there already; choose another directory: "
            "plugwork init my_project"
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, file in files.items():
            (directory / name).write_bytes(file.read_bytes())
    except OSError as error:
        raise ProjectExistsError(
            f"{error.filename or directory} cannot be written: {error.strerror}"
        ) from error
    return list(files)


def _name(file: Path) -> str:
    return ".gitignore" if file.name == "gitignore" else file.name
