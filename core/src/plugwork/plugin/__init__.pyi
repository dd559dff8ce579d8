"""The door for authors of plugins, for type checkers.

Made by core/tests/public_stub.py; the table is in plugwork/plugin.
"""

# ruff: noqa: I001 - in the order of the alphabet

from __future__ import annotations

from plugwork.abc.executor import ExecutorRequirement as ExecutorRequirement
from plugwork.abc.executor import InitExecutorContext as InitExecutorContext
from plugwork.abc.executor import RetryMode as RetryMode
from plugwork.abc.specs import API_NUMBERS as API_NUMBERS
from plugwork.abc.specs import ComponentContext as ComponentContext
from plugwork.abc.specs import ComponentSpec as ComponentSpec
from plugwork.abc.specs import ComputeLogManagerSpec as ComputeLogManagerSpec
from plugwork.abc.specs import CoordinatorSpec as CoordinatorSpec
from plugwork.abc.specs import ExecutorSpec as ExecutorSpec
from plugwork.abc.specs import FileManagerSpec as FileManagerSpec
from plugwork.abc.specs import KINDS as KINDS
from plugwork.abc.specs import Kind as Kind
from plugwork.abc.specs import KindInfo as KindInfo
from plugwork.abc.specs import LauncherSpec as LauncherSpec
from plugwork.abc.specs import LoopSpec as LoopSpec
from plugwork.abc.specs import PluginConfig as PluginConfig
from plugwork.abc.specs import SchedulerSpec as SchedulerSpec
from plugwork.abc.specs import StorageSpec as StorageSpec
from plugwork.boundary import check_for_interrupt as check_for_interrupt
from plugwork.boundary import raise_execution_interrupts as raise_execution_interrupts
from plugwork.clock import Clock as Clock
from plugwork.definitions.executor_settings import ExecutorSettings as ExecutorSettings
from plugwork.definitions.executor_settings import executor_schema as executor_schema
from plugwork.definitions.executor_settings import executor_settings as executor_settings
from plugwork.definitions.file_names import file_name as file_name
from plugwork.errors import Problem as Problem
from plugwork.execution.contexts import PlanOrchestrationContext as PlanOrchestrationContext
from plugwork.execution.step.step_runner import StepRunner as StepRunner
from plugwork.execution.worker import execute_run as execute_run
from plugwork.hookspecs import SCOPES as SCOPES
from plugwork.hookspecs import Scope as Scope
from plugwork.hookspecs import hookimpl as hookimpl
from plugwork.interruptible import Interruptible as Interruptible
from plugwork.journal.holder import current_holder as current_holder
from plugwork.journal.holder import is_alive as is_alive
from plugwork.journal.holder import is_gone as is_gone
from plugwork.plan import ActiveExecution as ActiveExecution
from plugwork.plan import ExecutionPlan as ExecutionPlan
from plugwork.plan import ExecutionStep as ExecutionStep

MODULES: dict[str, tuple[str, ...]]
