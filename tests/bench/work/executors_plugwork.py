"""Run a job of small steps on one of the executors of one process."""

from __future__ import annotations

from typing import Any

import plugwork
from bench.work.answering import Stopwatch, answer, peak_mib
from bench.work.ours import opened
from bench.work.shapes import build_job
from plugwork.execution.starting import RunExecution
from plugwork.journal.holder import current_holder
from plugwork.plan import create_plan


def main(shape: str, steps: int, store: str, executor: str, warm_up: int = 10) -> dict[str, Any]:
    definitions = {
        "in_process": plugwork.in_process_executor,
        "threads": plugwork.threads_executor,
        "async": plugwork.async_executor.configured({"max_concurrent": 200}),
    }
    options = {
        "executor_def": definitions[executor],
        "resource_defs": {"io_manager": plugwork.mem_io_manager},
    }
    with opened(store) as instance:
        _run(instance, build_job(plugwork, shape, warm_up, **options))
        job = build_job(plugwork, shape, steps, **options)
        running = Stopwatch()
        run_id = _run(instance, job)
        ran, peak = running.read(), peak_mib()
        stored = len(instance.all_logs(run_id))
        status = str(instance.require_run(run_id).status)
    return {"run": ran, "peak": peak, "events": stored, "status": status}


def _run(instance: plugwork.Instance, job: plugwork.JobDefinition) -> str:
    plan = create_plan(job, None)
    run, lease = instance.create_held_run(job, plan, holder=current_holder())
    if lease is None:
        raise RuntimeError("the run has no lease")
    for _ in RunExecution(instance, job, plan, run, lease).events():
        pass
    return run.run_id


if __name__ == "__main__":
    answer(main)
