"""``plugwork run --dry-run``: what would run, why, and by which executor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.cli.output import dim, emit, say, table
from plugwork.cli.preparing import Prepared, RunRequest
from plugwork.cli.settings import Settings
from plugwork.cli.words import counted

if TYPE_CHECKING:
    from plugwork.abc import Executor
    from plugwork.instance import Instance
    from plugwork.plan import ExecutionPlan


def show_plan(settings: Settings, instance: Instance, request: RunRequest) -> int:
    """Print the plan of a run; nothing is stored, and no user code but the definitions runs."""
    from plugwork.execution.choosing import choose_executor
    from plugwork.model import Run

    prepared = Prepared(request, instance)
    job = prepared.target.job
    run = Run(job.name, job_code_origin=prepared.target.origin)
    choice = choose_executor(instance, job, run, prepared.plan.resolved_config, job.executor_def)
    steps = _steps(prepared.plan)
    kept: list[dict[str, Any]] = []
    if prepared.again is not None and prepared.again.continuation is not None:
        kept = _explain(steps, prepared.plan, prepared.again.continuation.why())
    routed = _add_routes(steps, prepared.plan, choice.executor)
    if settings.json:
        executor = {"name": choice.name, "reason": choice.reason}
        emit("plan/1", {"job": job.name, "executor": executor, "steps": steps, "kept": kept})
        return 0
    beside = f", {len(kept)} would not" if kept else ""
    say(
        f"{counted(len(steps), 'step')} would run{beside}, with executor {choice.name} "
        f"({choice.reason})"
    )
    rows = [["run", step["key"], _op(step), dim(step["why"])] for step in steps]
    rows += [["skip", step["key"], _op(step), dim(step["why"])] for step in kept]
    heads = ["", "STEP", "OP", "WHY"]
    if routed:
        heads.insert(3, "EXECUTOR")
        for row, step in zip(rows, [*steps, *kept], strict=True):
            row.insert(3, _executor(step))
    table(heads, rows)
    return 0


def _add_routes(steps: list[dict[str, Any]], plan: ExecutionPlan, executor: Executor) -> bool:
    """Add to each step where it would run, and why; return whether they differ at all."""
    from plugwork.execution.routing import RoutedExecutor

    if not isinstance(executor, RoutedExecutor):
        return False
    for step in steps:
        found = executor.destination(plan.step(step["key"]))
        step["executor"] = {"name": found.executor, "reason": found.reason}
    return True


def _explain(
    steps: list[dict[str, Any]], plan: ExecutionPlan, why: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Say why each step runs again; return the steps that do not."""
    for step in steps:
        step["why"] = why.get(step["key"], step["why"])
    chosen = {step["key"] for step in steps}
    return [
        {"key": key, "op": plan.step(key).op_def.name, "why": told}
        for key, told in why.items()
        if key not in chosen
    ]


def _steps(plan: ExecutionPlan) -> list[dict[str, Any]]:
    return [
        {
            "key": step.key,
            "op": step.op_def.name,
            "upstream": list(plan.deps[step.key]),
            "why": _why(step.key, plan.deps),
        }
        for step in plan.steps
    ]


def _op(step: Mapping[str, Any]) -> str:
    return "" if step["op"] == step["key"] else str(step["op"])


def _executor(step: Mapping[str, Any]) -> str:
    chosen = step.get("executor")
    return f"{chosen['name']} {dim('(' + chosen['reason'] + ')')}" if chosen else ""


def _why(key: str, deps: Mapping[str, tuple[str, ...]]) -> str:
    upstream = deps[key]
    after = f"after {', '.join(upstream)}" if upstream else "needs no other step"
    return f"{after}, once for each of its dynamic outputs" if key.endswith("[?]") else after
