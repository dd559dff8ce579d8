"""Inject the faults with a watch in hand, and publish the seconds: a program.

``python tests/faults/measure.py`` takes about two minutes, and writes ``docs/internals/faults.md``.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from faultkit.measures import measure_all
from faultkit.timing import Row

PAGE = Path(__file__).parents[2] / "docs" / "internals" / "faults.md"
HEAD = """# Faults, measured

The fault tests (`pytest tests/faults`) inject faults into real runs and wait for what must follow;
they assert no time. This page adds the seconds. It is written by

```
python tests/faults/measure.py
```

After each fault the home is checked as a whole (`check_instance` in `tests/faults/faultkit`):

1. every run is terminal, or queued;
2. its log has one end, and nothing of an older attempt after it;
3. a terminal run has a cause, no open step and no lease;
4. what was acknowledged is there as it was told, and `seq` is 1 to n;
5. what stands under a final name is whole, what an event calls stored is there, and SQLite's own
   check finds nothing.

Leases last 2 s unless a row says otherwise. Seconds are the median of several times with the worst
in brackets; a figure without brackets is of one time. The end of a process is seen up to 0.05 s
late. Where a command is timed, compare it with the first row.
"""
COLUMNS = ["fault", "injected by", "what held", "from where to where", "seconds"]


def page(rows: list[Row]) -> str:
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(row.cells() for row in rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    machine = (
        f"Measured with Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" {platform.system()} on {os.cpu_count()} cores."
    )
    return f"{HEAD}\n{table}\n\n{machine}\n"


if __name__ == "__main__":
    PAGE.write_text(page(list(measure_all(print))), encoding="utf-8")
    print(f"written: {PAGE}")
