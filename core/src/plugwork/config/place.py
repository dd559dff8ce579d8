"""Which instance is meant: its home directory, and its file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import attrs

from plugwork.errors import HomeNotSetError, InvalidHomeError

FILE_NAME = "plugwork.yaml"
HOME_NAME = ".plugwork"
HOME_VARIABLE = "PLUGWORK_HOME"


@attrs.frozen
class Place:
    """Where an instance lives."""

    home: Path
    #: ``plugwork.yaml``; None when there is none, and defaults hold.
    file: Path | None
    #: What named the place, for ``plugwork instance info``.
    chosen_by: str

    @property
    def folder(self) -> Path:
        """Where the file stands, or would; relative paths in it are counted from here."""
        return self.file.parent if self.file else self.home

    def make_home(self) -> None:
        """Make the home directory if it is not there.

        :raises InvalidHomeError: when it cannot be made.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidHomeError(
                f"the home directory {self.home} cannot be made: {error.strerror};"
                f" set {HOME_VARIABLE} to a directory that you can write"
            ) from error


def locate(instance: str | None, environ: Mapping[str, str], cwd: Path) -> Place:
    """Find the instance: ``--instance``, PLUGWORK_HOME, the nearest file upward, ``./.plugwork``.

    Nothing is made; see :meth:`Place.make_home`.

    :param instance: what ``--instance`` gave: a home directory, or a ``plugwork.yaml``.
    :raises InvalidHomeError: when what is named explicitly is not there.
    :raises HomeNotSetError: when PLUGWORK_HOME is set and empty.
    """
    if instance is not None:
        return _named(instance, cwd)
    if HOME_VARIABLE in environ:
        return _from_environment(environ[HOME_VARIABLE])
    for folder in (cwd, *cwd.parents):
        file = folder / FILE_NAME
        if os.path.lexists(file):
            return Place(folder / HOME_NAME, file, f"the nearest {FILE_NAME}")
    return _of_home(cwd / HOME_NAME, "default")


def _named(instance: str, cwd: Path) -> Place:
    path = Path(os.path.normpath(cwd / Path(instance).expanduser()))
    if instance and path.is_dir():
        return _of_home(path, "--instance")
    if path.is_file():
        return Place(path.parent / HOME_NAME, path, "--instance")
    raise InvalidHomeError(
        f"--instance {instance}: there is no such directory or file;"
        f" name a home directory or a {FILE_NAME}"
    )


def _from_environment(text: str) -> Place:
    if not text:
        raise HomeNotSetError(
            f"{HOME_VARIABLE} is set and empty; set it to a directory, or unset it"
        )
    home = Path(text).expanduser()
    if not home.is_absolute():
        raise InvalidHomeError(
            f"{HOME_VARIABLE} must be an absolute path, got {text}: set it to {Path.cwd() / home}"
        )
    if not home.is_dir():
        raise InvalidHomeError(
            f"{HOME_VARIABLE} names {home}, which is no directory: make it, or correct the variable"
        )
    return _of_home(home, HOME_VARIABLE)


def _of_home(home: Path, chosen_by: str) -> Place:
    file = home / FILE_NAME
    return Place(home, file if os.path.lexists(file) else None, chosen_by)
