"""Announces the executors."""

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
        ),
        ExecutorSpec(
            name="threads",
            factory="plugwork_inprocess.threads:make_executor",
            settings="plugwork_inprocess.settings:ThreadsSettings",
            summary="Runs steps side by side in threads of the run's process.",
            api=1,
        ),
        ExecutorSpec(
            name="async",
            factory="plugwork_inprocess.asynchronous:make_executor",
            settings="plugwork_inprocess.settings:AsyncSettings",
            summary="Runs async steps on one event loop, others in threads beside it.",
            api=1,
        ),
    ]
