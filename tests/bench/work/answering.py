"""How a measured process is told what to do, and tells what it found."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any


def answer(main: Callable[..., dict[str, Any]]) -> None:
    """Call with the settings of the command line, and print the result."""
    print(json.dumps(main(**json.loads(sys.argv[1]))))


class Stopwatch:
    """Seconds since it was made, by the wall and of this process's CPU time."""

    def __init__(self) -> None:
        self._wall, self._cpu = perf_counter(), process_time()

    def read(self) -> dict[str, float]:
        return {"wall": perf_counter() - self._wall, "cpu": process_time() - self._cpu}


def peak_mib() -> float:
    """Return the most memory that this process has had so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def resident_kib() -> float:
    """Return the resident memory of this process now, in KiB."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4
