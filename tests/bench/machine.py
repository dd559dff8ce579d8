"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.processes import Runner

#: Prints the version of a package, and whether it was compiled before its first import.
_INSTALLED = """
import importlib.metadata, importlib.util, os, sys
cached = importlib.util.find_spec(sys.argv[1]).cached
print(importlib.metadata.version(sys.argv[1]), end=" ")
print("byte-compiled" if os.path.exists(cached) else "not byte-compiled")
"""


def facts(runner: Runner, words: list[str]) -> dict[str, Any]:
    """Return the facts, by what they are called.

    :param words: of the command line.
    """
    found: dict[str, Any] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "command": " ".join(["nox -s bench", *(["--", *words] if words else [])]),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(),
        "file system": _file_system(runner.scratch),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load average at the start": load_average(),
        "plugwork": _installed(runner, runner.python, "plugwork"),
    }
    if runner.reference is not None:
        found["dagster"] = _installed(runner, runner.reference, "dagster")
    return found


def load_average() -> list[float]:
    """Return the load of the last 1, 5 and 15 minutes; figures of a busy machine are worth less."""
    return [round(load, 2) for load in os.getloadavg()]


def _installed(runner: Runner, python: str, name: str) -> str:
    return runner.run([python, "-c", _INSTALLED, name]).output.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _file_system(folder: Path) -> str:
    """Return the type of the file system that holds a folder, where the system tells."""
    real = f"{folder.resolve()}/"
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    holders = [
        (len(point), kind)
        for point, kind in (line.split(" ")[1:3] for line in mounts)
        if real.startswith(f"{point.rstrip('/')}/")
    ]
    return max(holders)[1] if holders else "unknown"
