"""Define and run a job of no-op steps in this process."""

from __future__ import annotations

from typing import Any

import dagster  # type: ignore[import-not-found]  # in an environment of its own

from bench.work.answering import Stopwatch, answer, peak_mib
from bench.work.shapes import build_job
from bench.work.theirs import QUIET, opened


def main(shape: str, steps: int, store: str, warm_up: int = 10) -> dict[str, Any]:
    with opened(store) as instance:
        warm = build_job(dagster, shape, warm_up)
        warm.execute_in_process(instance=instance, run_config=QUIET)
        defining = Stopwatch()
        job = build_job(dagster, shape, steps)
        defined = defining.read()
        running = Stopwatch()
        result = job.execute_in_process(instance=instance, run_config=QUIET)
        # Reading the log back, to count it, is no part of the work.
        ran, peak = running.read(), peak_mib()
        stored = len(instance.all_logs(result.run_id))
    return {"define": defined, "run": ran, "peak": peak, "events": stored}


if __name__ == "__main__":
    answer(main)
