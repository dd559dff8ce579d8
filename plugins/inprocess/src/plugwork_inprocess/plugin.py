"""Announces the executor."""

from __future__ import annotations

from plugwork.plugin import ExecutorSpec, hookimpl


@hookimpl
def plugwork_executors() -> list[ExecutorSpec]:
    return [
        ExecutorSpec(
            name="in_process",
            factory="plugwork_inprocess.executor:make_executor",
            settings="plugwork_inprocess.settings:InProcessSettings",
            summary="Runs steps one after another in the process of the run.",
            api=1,
        )
    ]
