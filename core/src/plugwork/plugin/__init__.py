"""The door for authors of plugins: what a plugin announces itself with, and what it drives.

Every name is imported when it is used, so that the module of a plugin that only announces
components is light. To add a name, add it to the table, then run
``python core/tests/public_stub.py``, which writes down the names for type checkers.
"""

from __future__ import annotations

from plugwork._lazy import lazily

#: Module -> the names of it that plugins use.
MODULES: dict[str, tuple[str, ...]] = {
    # To announce.
    "plugwork.hookspecs": ("SCOPES", "Scope", "hookimpl"),
    "plugwork.abc.specs": (
        "API_NUMBERS",
        "ComponentContext",
        "ComponentSpec",
        "ComputeLogManagerSpec",
        "CoordinatorSpec",
        "ExecutorSpec",
        "FileManagerSpec",
        "KINDS",
        "Kind",
        "KindInfo",
        "LauncherSpec",
        "LoopSpec",
        "PluginConfig",
        "SchedulerSpec",
        "StorageSpec",
    ),
    "plugwork.abc.executor": ("ExecutorRequirement", "InitExecutorContext", "RetryMode"),
    "plugwork.definitions.executor_settings": (
        "ExecutorSettings",
        "executor_schema",
        "executor_settings",
    ),
    "plugwork.definitions.file_names": ("file_name",),
    "plugwork.errors": ("Problem",),
    "plugwork.clock": ("Clock",),
    # To drive: what an executor, a launcher, a loop needs of the house.
    "plugwork.boundary": ("check_for_interrupt", "raise_execution_interrupts"),
    "plugwork.interruptible": ("Interruptible",),
    "plugwork.execution.contexts": ("PlanOrchestrationContext",),
    "plugwork.execution.step.step_runner": ("StepRunner",),
    "plugwork.execution.worker": ("execute_run",),
    "plugwork.journal.holder": ("current_holder", "is_alive", "is_gone"),
    "plugwork.plan": ("ActiveExecution", "ExecutionPlan", "ExecutionStep"),
}

__getattr__, __dir__, __all__ = lazily(globals(), MODULES)
