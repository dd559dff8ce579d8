"""The executors, for jobs that name their own in code."""

from __future__ import annotations

from plugwork import ExecutorDefinition
from plugwork.abc import InitExecutorContext
from plugwork.plugin import executor_schema, executor_settings
from plugwork_inprocess.asynchronous import AsyncExecutor
from plugwork_inprocess.executor import InProcessExecutor
from plugwork_inprocess.settings import AsyncSettings, InProcessSettings, ThreadsSettings
from plugwork_inprocess.threads import ThreadsExecutor


def _in_process(context: InitExecutorContext) -> InProcessExecutor:
    return InProcessExecutor(executor_settings(InProcessSettings, context.executor_config))


def _threads(context: InitExecutorContext) -> ThreadsExecutor:
    return ThreadsExecutor(executor_settings(ThreadsSettings, context.executor_config))


def _async(context: InitExecutorContext) -> AsyncExecutor:
    return AsyncExecutor(executor_settings(AsyncSettings, context.executor_config))


in_process_executor = ExecutorDefinition(
    "in_process",
    config_schema=executor_schema(InProcessSettings),
    executor_creation_fn=_in_process,
    description="Runs steps one after another in the process of the run.",
)
threads_executor = ExecutorDefinition(
    "threads",
    config_schema=executor_schema(ThreadsSettings),
    executor_creation_fn=_threads,
    description="Runs steps side by side in threads of the run's process.",
)
async_executor = ExecutorDefinition(
    "async",
    config_schema=executor_schema(AsyncSettings),
    executor_creation_fn=_async,
    description="Runs async steps on one event loop, others in threads beside it.",
)
