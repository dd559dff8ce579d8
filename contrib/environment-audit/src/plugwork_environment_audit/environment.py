"""The environment to audit: whose interpreter, which folders, which marker values."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from plugwork_environment_audit import probe

METADATA_SUFFIXES = (".dist-info", ".egg-info")
PROBE_SECONDS = 60.0


class EnvironmentUnknownError(ValueError):
    """The environment that the config names is not there, or its interpreter does not answer."""


@attrs.frozen
class EnvironmentFacts:
    """What the audit needs to know of an environment, beside its files."""

    #: Path of the interpreter; None when only folders were named.
    interpreter: str | None
    #: Root of the environment, for people.
    prefix: str
    #: Folders that hold installed distributions, in the order of the import path.
    paths: tuple[str, ...]
    #: Values of environment markers: ``python_version``, ``sys_platform`` ...
    markers: Mapping[str, str]
    #: Top-level modules of the standard library.
    standard_modules: frozenset[str]

    @property
    def python(self) -> str:
        """Name and version of the interpreter, for people."""
        implementation = self.markers["platform_python_implementation"]
        return f"{implementation} {self.markers['python_full_version']}"


def describe_environment(
    interpreter: str | None = None, site_packages: Sequence[str] = ()
) -> EnvironmentFacts:
    """Describe the environment that runs this code, or the one that is named.

    :param interpreter: path of another environment's interpreter; it is run once.
    :param site_packages: folders to audit instead of those on the interpreter's path.
    :raises EnvironmentUnknownError: if a path does not exist or the interpreter does not answer.
    """
    answer = _ask(interpreter) if interpreter else probe.describe()
    folders = [_existing(folder) for folder in site_packages] or answer["paths"]
    folders = list(dict.fromkeys(folders))
    paths = tuple(folder for folder in folders if site_packages or holds_distributions(folder))
    if site_packages and not interpreter:
        return _facts_of_folders(paths, answer)
    return EnvironmentFacts(
        interpreter=answer["interpreter"],
        prefix=answer["prefix"],
        paths=paths,
        markers=answer["markers"],
        standard_modules=frozenset(answer["standard_modules"]),
    )


def holds_distributions(folder: str) -> bool:
    """Say whether a folder of the import path has distributions installed in it."""
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(METADATA_SUFFIXES) for entry in entries)
    except OSError:
        return False


def _ask(interpreter: str) -> dict[str, Any]:
    """Run the probe with another interpreter, without the variables that steer ours."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(
            [interpreter, probe.__file__],
            env=environ,
            capture_output=True,
            check=True,
            text=True,
            timeout=PROBE_SECONDS,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except OSError as error:
        message = f"no interpreter at {interpreter}: {error.strerror}; name a Python executable"
        raise EnvironmentUnknownError(message) from error
    except (subprocess.SubprocessError, ValueError) as error:
        message = f"{interpreter} does not answer like a Python interpreter: {error}"
        raise EnvironmentUnknownError(message) from error
    return answer


def _existing(folder: str) -> str:
    path = Path(folder).expanduser()
    if not path.is_dir():
        message = f"no folder at {path}; name the site-packages folder of an environment"
        raise EnvironmentUnknownError(message)
    return str(path.resolve())


def _facts_of_folders(paths: tuple[str, ...], ours: Mapping[str, Any]) -> EnvironmentFacts:
    """Take our interpreter's facts, with the Python version that the folder's path tells."""
    markers = dict(ours["markers"])
    told = re.search(r"python(\d+\.\d+)", paths[0])
    if told and told[1] != markers["python_version"]:
        markers |= {"python_version": told[1], "python_full_version": f"{told[1]}.0"}
    return EnvironmentFacts(
        interpreter=None,
        prefix=paths[0],
        paths=paths,
        markers=markers,
        standard_modules=frozenset(ours["standard_modules"]),
    )
