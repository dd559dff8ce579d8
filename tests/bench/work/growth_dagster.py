"""Tell how the memory of this process grows with the events that it has stored."""

from __future__ import annotations

from typing import Any

import dagster  # type: ignore[import-not-found]  # in an environment of its own

from bench.work.answering import answer, resident_kib
from bench.work.shapes import build_job, build_talking_job
from bench.work.theirs import QUIET, opened


def main(runs: int, steps: int, lines: int) -> dict[str, Any]:
    job, talking = build_job(dagster, "chain", steps), build_talking_job(dagster)
    after = []
    with opened("sqlite") as instance:
        for _ in range(runs):
            job.execute_in_process(instance=instance, run_config=QUIET)
            after.append(resident_kib())
        said = [resident_kib()]
        for wanted in (lines // 10, lines):
            config = {**QUIET, "ops": {"talk": {"config": {"lines": wanted}}}}
            talking.execute_in_process(config, instance)
            said.append(resident_kib())
    return {"after runs": after, "after lines": said}


if __name__ == "__main__":
    answer(main)
