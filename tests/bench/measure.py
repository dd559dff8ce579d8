"""Run a command, and write what it cost as JSON: ``measure.py <file> <command> ...``.

A process of its own, without the site module: the peak memory that the system tells of a child is
never below that of the process which started it, so that process must be smaller than any Python.
"""

from __future__ import annotations

import os
import sys
from time import perf_counter

started = perf_counter()
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(pid, 0)
wall = perf_counter() - started
code = os.waitstatus_to_exitcode(status)
# In KiB on Linux, in bytes on macOS.
peak = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
with open(sys.argv[1], "w", encoding="ascii") as answer:
    answer.write(f"{wall} {used.ru_utime} {used.ru_stime} {peak}")
sys.exit(code if code >= 0 else 128 - code)
