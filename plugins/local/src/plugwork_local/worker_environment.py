"""What a run worker inherits of the environment: what is on a list, and nothing else."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

#: Patterns of variables that every worker gets: where things are, in which language and time
#: zone, how Python and the network are set up.
INHERITED = (
    "PLUGWORK_*",
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "TMPDIR",
    "XDG_*",
    "PYTHON*",
    "VIRTUAL_ENV",
    "CONDA_*",
    "LD_LIBRARY_PATH",
    "DYLD_*",
    "SSL_CERT_*",
    "[hH][tT][tT][pP]_[pP][rR][oO][xX][yY]",
    "[hH][tT][tT][pP][sS]_[pP][rR][oO][xX][yY]",
    "[nN][oO]_[pP][rR][oO][xX][yY]",
)
_REFERENCE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)")


def worker_environment(
    environ: Mapping[str, str], patterns: Iterable[str], *configs: Mapping[str, Any]
) -> dict[str, str]:
    """Choose a worker's variables.

    :param patterns: of further names; ``*`` stands for any characters.
    :param configs: what the worker resolves itself; the variables that they refer to are chosen.
    """
    wanted = [*INHERITED, *patterns]
    named = {name for config in configs for name in _referred(config)}
    return {
        name: value
        for name, value in environ.items()
        if name in named or any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted)
    }


def _referred(value: Any) -> Iterator[str]:
    """Find ``${env:NAME}`` in text, and ``{env: NAME}``."""
    if isinstance(value, str):
        yield from _REFERENCE.findall(value)
    elif isinstance(value, Mapping):
        if len(value) == 1 and isinstance(value.get("env"), str):
            yield value["env"]
        for inner in value.values():
            yield from _referred(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _referred(inner)
