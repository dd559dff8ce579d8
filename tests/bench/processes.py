"""Child processes that are measured, one side after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs

_MEASURE = str(Path(__file__).with_name("measure.py"))
_TESTS = str(Path(__file__).parents[1])
#: Seconds after which a child is given up: nothing here takes a tenth of that.
_PATIENCE = 1800

T = TypeVar("T")


class MeasuringError(Exception):
    """A measured process failed."""


@attrs.frozen
class Usage:
    """What one process used, from its start to its end."""

    #: Seconds.
    wall: float
    #: Seconds in user mode. The kernel splits ``cpu`` by ticks, so of a short process it is rough.
    user: float
    #: Seconds in user mode and in the kernel.
    cpu: float
    #: Peak resident memory, MiB.
    rss: float
    output: str

    @property
    def answer(self) -> dict[str, Any]:
        """The JSON object that a module of ``bench.work`` printed."""
        found: dict[str, Any] = json.loads(self.output.splitlines()[-1])
        return found


@attrs.frozen
class Runner:
    """Starts processes of both sides.

    :param python: the interpreter with plugwork.
    :param reference: the one with Dagster; None leaves that side out.
    :param scratch: an empty directory; whatever is written goes below.
    :param rounds: how often the quick work is repeated; the slow work is repeated less.
    """

    python: str
    reference: str | None
    scratch: Path
    rounds: int
    quick: bool

    def sides(self) -> dict[str, str]:
        """Return the interpreter of each side that takes part."""
        both = {"plugwork": self.python, "dagster": self.reference}
        return {name: python for name, python in both.items() if python is not None}

    def run(self, command: Sequence[str], extra: Mapping[str, str] | None = None) -> Usage:
        """Run a command to its end.

        :param extra: environment variables.
        :raises MeasuringError: when it failed; with the end of what it printed.
        """
        file = self.scratch / "usage"
        ended = subprocess.run(
            [sys.executable, "-I", "-S", _MEASURE, str(file), *command],
            env={**self._environment(), **(extra or {})},
            cwd=self.scratch,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        if ended.returncode:
            raise MeasuringError(f"{' '.join(command)} failed:\n{ended.stderr[-2000:]}")
        wall, user, system, rss = map(float, file.read_text().split())
        return Usage(wall, user, user + system, rss, ended.stdout)

    def work(self, side: str, module: str, **settings: Any) -> Usage:
        """Run a module of ``bench.work`` in a side's environment."""
        command = [self.sides()[side], "-m", f"bench.work.{module}", json.dumps(settings)]
        return self.run(command, {"PYTHONPATH": _TESTS})

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "PLUGWORK_", "DAGSTER_", "NOX_"))
        }
        return {**kept, "XDG_CACHE_HOME": str(self.scratch / "cache")}


def alternate(
    rounds: int, sides: Mapping[str, Callable[[], T]], *, warm: bool = True
) -> dict[str, list[T]]:
    """Call each in turn, A B A B ..., and return what each gave.

    :param warm: call each once more before; that result does not count.
    """
    found: dict[str, list[T]] = {name: [] for name in sides}
    if warm:
        for call in sides.values():
            call()
    for _ in range(rounds):
        for name, call in sides.items():
            found[name].append(call())
    return found
