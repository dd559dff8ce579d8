"""``in_process_executor``, for jobs that name their executor in code."""

from __future__ import annotations

from plugwork import ExecutorDefinition
from plugwork.abc import InitExecutorContext
from plugwork.plugin import executor_schema, executor_settings
from plugwork_inprocess.executor import InProcessExecutor
from plugwork_inprocess.settings import InProcessSettings


def _create(context: InitExecutorContext) -> InProcessExecutor:
    return InProcessExecutor(executor_settings(InProcessSettings, context.executor_config))


in_process_executor = ExecutorDefinition(
    "in_process",
    config_schema=executor_schema(InProcessSettings),
    executor_creation_fn=_create,
    description="Runs steps one after another in the process of the run.",
)
