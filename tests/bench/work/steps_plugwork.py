"""Define and run a job of no-op steps in this process."""

from __future__ import annotations

from typing import Any

import plugwork
from bench.work.answering import Stopwatch, answer, peak_mib
from bench.work.ours import opened
from bench.work.shapes import build_job


def main(
    shape: str, steps: int, store: str, disk: bool = False, warm_up: int = 10
) -> dict[str, Any]:
    options = {"resource_defs": {"io_manager": plugwork.fs_io_manager}} if disk else {}
    with opened(store) as instance:
        build_job(plugwork, shape, warm_up, **options).execute_in_process(instance=instance)
        defining = Stopwatch()
        job = build_job(plugwork, shape, steps, **options)
        defined = defining.read()
        running = Stopwatch()
        result = job.execute_in_process(instance=instance)
        # Reading the log back, to count it, is no part of the work.
        ran, peak = running.read(), peak_mib()
        stored = len(instance.all_logs(result.run_id))
    return {"define": defined, "run": ran, "peak": peak, "events": stored}


if __name__ == "__main__":
    answer(main)
