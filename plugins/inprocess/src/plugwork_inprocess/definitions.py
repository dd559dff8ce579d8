"""``in_process_executor``, for jobs that name their executor in code."""

from __future__ import annotations

from plugwork import ExecutorDefinition, Field, Selector
from plugwork.abc import InitExecutorContext, RetryMode
from plugwork_inprocess.executor import InProcessExecutor

_SCHEMA = {
    "retries": Field(
        Selector({"enabled": {}, "disabled": {}}),
        default_value={"enabled": {}},
        description="Whether steps that ask for another attempt get one.",
    )
}


def _create(context: InitExecutorContext) -> InProcessExecutor:
    disabled = "disabled" in context.executor_config.get("retries", {})
    return InProcessExecutor(RetryMode.DISABLED if disabled else RetryMode.ENABLED)


in_process_executor = ExecutorDefinition(
    "in_process",
    config_schema=_SCHEMA,
    executor_creation_fn=_create,
    description="Runs steps one after another in the process of the run.",
)
