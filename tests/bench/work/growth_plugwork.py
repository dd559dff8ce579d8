"""Tell how the memory of this process grows with the events that it has stored."""

from __future__ import annotations

from typing import Any

import plugwork
from bench.work.answering import answer, resident_kib
from bench.work.ours import opened
from bench.work.shapes import build_job, build_talking_job


def main(runs: int, steps: int, lines: int) -> dict[str, Any]:
    job, talking = build_job(plugwork, "chain", steps), build_talking_job(plugwork)
    after = []
    with opened("normal") as instance:
        for _ in range(runs):
            job.execute_in_process(instance=instance)
            after.append(resident_kib())
        said = [resident_kib()]
        for wanted in (lines // 10, lines):
            config = {"ops": {"talk": {"config": {"lines": wanted}}}}
            talking.execute_in_process(config, instance)
            said.append(resident_kib())
    return {"after runs": after, "after lines": said}


if __name__ == "__main__":
    answer(main)
