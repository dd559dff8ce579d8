"""The public names of plugwork, for type checkers.

Made by core/tests/public_stub.py; the table is in plugwork/_public.py.
"""

# ruff: noqa: I001 - in the order of the alphabet

from __future__ import annotations

from typing import Any as _Any

from plugwork.abc import ComputeLogManager as ComputeLogManager
from plugwork.abc import ConfigurableClass as ConfigurableClass
from plugwork.abc import ConfigurableClassData as ConfigurableClassData
from plugwork.abc import EventLogStorage as EventLogStorage
from plugwork.abc import Executor as Executor
from plugwork.abc import ExecutorRequirement as ExecutorRequirement
from plugwork.abc import FileHandle as FileHandle
from plugwork.abc import FileManager as FileManager
from plugwork.abc import IOManager as IOManager
from plugwork.abc import InitExecutorContext as InitExecutorContext
from plugwork.abc import InputManager as InputManager
from plugwork.abc import RunCoordinator as RunCoordinator
from plugwork.abc import RunLauncher as RunLauncher
from plugwork.abc import RunStorage as RunStorage
from plugwork.abc import ScheduleStorage as ScheduleStorage
from plugwork.abc import Scheduler as Scheduler
from plugwork.abc import StepLauncher as StepLauncher
from plugwork.abc import Storage as Storage
from plugwork.abc import SubmitRunContext as SubmitRunContext
from plugwork.abc import (
    multiple_process_executor_requirements as multiple_process_executor_requirements,
)
from plugwork.boundary import raise_execution_interrupts as raise_execution_interrupts
from plugwork.boundary import user_code_error_boundary as user_code_error_boundary
from plugwork.code.collecting import (
    load_definitions_from_current_module as load_definitions_from_current_module,
)
from plugwork.code.collecting import load_definitions_from_module as load_definitions_from_module
from plugwork.code.collecting import load_definitions_from_modules as load_definitions_from_modules
from plugwork.code.collecting import (
    load_definitions_from_package_module as load_definitions_from_package_module,
)
from plugwork.code.collecting import (
    load_definitions_from_package_name as load_definitions_from_package_name,
)
from plugwork.code.reconstruct import reconstructable as reconstructable
from plugwork.code.targets import file_relative_path as file_relative_path
from plugwork.config import Array as Array
from plugwork.config import BoolSource as BoolSource
from plugwork.config import Config as Config
from plugwork.config import ConfigSchema as ConfigSchema
from plugwork.config import Enum as Enum
from plugwork.config import EnumValue as EnumValue
from plugwork.config import EnvVar as EnvVar
from plugwork.config import Field as Field
from plugwork.config import IntSource as IntSource
from plugwork.config import Map as Map
from plugwork.config import Noneable as Noneable
from plugwork.config import Permissive as Permissive
from plugwork.config import PermissiveConfig as PermissiveConfig
from plugwork.config import RunConfig as RunConfig
from plugwork.config import ScalarUnion as ScalarUnion
from plugwork.config import Selector as Selector
from plugwork.config import Shape as Shape
from plugwork.config import StringSource as StringSource
from plugwork.config import config_from_files as config_from_files
from plugwork.config import config_from_pkg_resources as config_from_pkg_resources
from plugwork.config import config_from_yaml_strings as config_from_yaml_strings
from plugwork.definitions.annotations import Dict as Dict
from plugwork.definitions.annotations import List as List
from plugwork.definitions.annotations import Optional as Optional
from plugwork.definitions.annotations import Set as Set
from plugwork.definitions.annotations import Tuple as Tuple
from plugwork.definitions.automation.asset_sensor import (
    AssetSensorDefinition as AssetSensorDefinition,
)
from plugwork.definitions.automation.asset_sensor import asset_sensor as asset_sensor
from plugwork.definitions.automation.results import SensorResult as SensorResult
from plugwork.definitions.automation.results import SkipReason as SkipReason
from plugwork.definitions.automation.run_status_context import (
    RunFailureSensorContext as RunFailureSensorContext,
)
from plugwork.definitions.automation.run_status_context import (
    RunStatusSensorContext as RunStatusSensorContext,
)
from plugwork.definitions.automation.run_status_context import (
    build_run_status_sensor_context as build_run_status_sensor_context,
)
from plugwork.definitions.automation.run_status_sensor import (
    RunStatusSensorDefinition as RunStatusSensorDefinition,
)
from plugwork.definitions.automation.run_status_sensor import (
    run_failure_sensor as run_failure_sensor,
)
from plugwork.definitions.automation.run_status_sensor import run_status_sensor as run_status_sensor
from plugwork.definitions.automation.schedule import ScheduleDefinition as ScheduleDefinition
from plugwork.definitions.automation.schedule import schedule as schedule
from plugwork.definitions.automation.schedule_context import (
    ScheduleEvaluationContext as ScheduleEvaluationContext,
)
from plugwork.definitions.automation.schedule_context import (
    build_schedule_context as build_schedule_context,
)
from plugwork.definitions.automation.selectors import CodeLocationSelector as CodeLocationSelector
from plugwork.definitions.automation.selectors import JobSelector as JobSelector
from plugwork.definitions.automation.selectors import RepositorySelector as RepositorySelector
from plugwork.definitions.automation.sensor import SensorDefinition as SensorDefinition
from plugwork.definitions.automation.sensor import sensor as sensor
from plugwork.definitions.automation.sensor_context import (
    SensorEvaluationContext as SensorEvaluationContext,
)
from plugwork.definitions.automation.sensor_context import (
    build_sensor_context as build_sensor_context,
)
from plugwork.definitions.automation.status import DefaultScheduleStatus as DefaultScheduleStatus
from plugwork.definitions.automation.status import DefaultSensorStatus as DefaultSensorStatus
from plugwork.definitions.body import graph as graph
from plugwork.definitions.config_mapping import ConfigMapping as ConfigMapping
from plugwork.definitions.config_mapping import config_mapping as config_mapping
from plugwork.definitions.configurable_io_manager import (
    ConfigurableIOManager as ConfigurableIOManager,
)
from plugwork.definitions.configurable_io_manager import (
    ConfigurableIOManagerFactory as ConfigurableIOManagerFactory,
)
from plugwork.definitions.configurable_resource import ConfigurableResource as ConfigurableResource
from plugwork.definitions.configurable_resource import ResourceDependency as ResourceDependency
from plugwork.definitions.configured import configured as configured
from plugwork.definitions.console_loggers import JsonLogFormatter as JsonLogFormatter
from plugwork.definitions.console_loggers import colored_console_logger as colored_console_logger
from plugwork.definitions.console_loggers import default_loggers as default_loggers
from plugwork.definitions.console_loggers import default_system_loggers as default_system_loggers
from plugwork.definitions.console_loggers import json_console_logger as json_console_logger
from plugwork.definitions.definitions import Definitions as Definitions
from plugwork.definitions.dependency import DependencyDefinition as DependencyDefinition
from plugwork.definitions.dependency import (
    DynamicCollectDependencyDefinition as DynamicCollectDependencyDefinition,
)
from plugwork.definitions.dependency import InputMapping as InputMapping
from plugwork.definitions.dependency import MultiDependencyDefinition as MultiDependencyDefinition
from plugwork.definitions.dependency import NodeInvocation as NodeInvocation
from plugwork.definitions.dependency import OutputMapping as OutputMapping
from plugwork.definitions.events import DynamicOutput as DynamicOutput
from plugwork.definitions.events import Failure as Failure
from plugwork.definitions.events import Output as Output
from plugwork.definitions.events import RetryRequested as RetryRequested
from plugwork.definitions.executor import ExecutorDefinition as ExecutorDefinition
from plugwork.definitions.executor import executor as executor
from plugwork.definitions.executor import (
    multi_or_in_process_executor as multi_or_in_process_executor,
)
from plugwork.definitions.graph import GraphDefinition as GraphDefinition
from plugwork.definitions.hook_context import HookContext as HookContext
from plugwork.definitions.hooks import HookDefinition as HookDefinition
from plugwork.definitions.hooks import HookExecutionResult as HookExecutionResult
from plugwork.definitions.hooks import event_list_hook as event_list_hook
from plugwork.definitions.hooks import failure_hook as failure_hook
from plugwork.definitions.hooks import success_hook as success_hook
from plugwork.definitions.inputs import GraphIn as GraphIn
from plugwork.definitions.inputs import In as In
from plugwork.definitions.io_manager import IOManagerDefinition as IOManagerDefinition
from plugwork.definitions.io_manager import InMemoryIOManager as InMemoryIOManager
from plugwork.definitions.io_manager import InputContext as InputContext
from plugwork.definitions.io_manager import InputManagerDefinition as InputManagerDefinition
from plugwork.definitions.io_manager import OutputContext as OutputContext
from plugwork.definitions.io_manager import input_manager as input_manager
from plugwork.definitions.io_manager import io_manager as io_manager
from plugwork.definitions.io_manager import mem_io_manager as mem_io_manager
from plugwork.definitions.job import JobDefinition as JobDefinition
from plugwork.definitions.job_body import job as job
from plugwork.definitions.logger import InitLoggerContext as InitLoggerContext
from plugwork.definitions.logger import LoggerDefinition as LoggerDefinition
from plugwork.definitions.logger import logger as logger
from plugwork.definitions.op import OpDefinition as OpDefinition
from plugwork.definitions.op import op as op
from plugwork.definitions.outputs import DynamicOut as DynamicOut
from plugwork.definitions.outputs import GraphOut as GraphOut
from plugwork.definitions.outputs import Out as Out
from plugwork.definitions.repository import RepositoryDefinition as RepositoryDefinition
from plugwork.definitions.repository import repository as repository
from plugwork.definitions.resource import InitResourceContext as InitResourceContext
from plugwork.definitions.resource import ResourceDefinition as ResourceDefinition
from plugwork.definitions.resource import resource as resource
from plugwork.definitions.resource_param import ResourceParam as ResourceParam
from plugwork.definitions.retry import Backoff as Backoff
from plugwork.definitions.retry import Jitter as Jitter
from plugwork.definitions.retry import RetryPolicy as RetryPolicy
from plugwork.definitions.run_config import validate_run_config as validate_run_config
from plugwork.definitions.type_loader import TypeLoader as TypeLoader
from plugwork.definitions.type_loader import type_loader as type_loader
from plugwork.definitions.types import Any as Any
from plugwork.definitions.types import Bool as Bool
from plugwork.definitions.types import Float as Float
from plugwork.definitions.types import Int as Int
from plugwork.definitions.types import Nothing as Nothing
from plugwork.definitions.types import PythonObjectType as PythonObjectType
from plugwork.definitions.types import String as String
from plugwork.definitions.types import Type as Type
from plugwork.definitions.types import TypeCheck as TypeCheck
from plugwork.definitions.upath_io_manager import UPathIOManager as UPathIOManager
from plugwork.definitions.usable_types import (
    make_python_type_usable_as_type as make_python_type_usable_as_type,
)
from plugwork.definitions.usable_types import usable_as_type as usable_as_type
from plugwork.definitions.values_resource import make_values_resource as make_values_resource
from plugwork.errors import ConfigMappingFunctionError as ConfigMappingFunctionError
from plugwork.errors import EventLogInvalidForRun as EventLogInvalidForRun
from plugwork.errors import ExecutionInterruptedError as ExecutionInterruptedError
from plugwork.errors import ExecutionStepNotFoundError as ExecutionStepNotFoundError
from plugwork.errors import FrameworkError as FrameworkError
from plugwork.errors import InvalidConfigDefinitionError as InvalidConfigDefinitionError
from plugwork.errors import InvalidConfigError as InvalidConfigError
from plugwork.errors import InvalidDefinitionError as InvalidDefinitionError
from plugwork.errors import InvalidInvocationError as InvalidInvocationError
from plugwork.errors import InvalidSubsetError as InvalidSubsetError
from plugwork.errors import InvariantViolationError as InvariantViolationError
from plugwork.errors import ResourceFunctionError as ResourceFunctionError
from plugwork.errors import RunNotFoundError as RunNotFoundError
from plugwork.errors import StepExecutionError as StepExecutionError
from plugwork.errors import StepOutputNotFoundError as StepOutputNotFoundError
from plugwork.errors import SubprocessError as SubprocessError
from plugwork.errors import TypeCheckDidNotPass as TypeCheckDidNotPass
from plugwork.errors import TypeCheckError as TypeCheckError
from plugwork.errors import UnknownPartitionError as UnknownPartitionError
from plugwork.errors import UnknownResourceError as UnknownResourceError
from plugwork.errors import UnmetExecutorRequirementsError as UnmetExecutorRequirementsError
from plugwork.errors import UserCodeExecutionError as UserCodeExecutionError
from plugwork.execution.execute_job import execute_job as execute_job
from plugwork.execution.log import LogManager as LogManager
from plugwork.execution.python_logger import get_logger as get_logger
from plugwork.execution.reexecution import ReexecutionOptions as ReexecutionOptions
from plugwork.execution.results.result import ExecuteInProcessResult as ExecuteInProcessResult
from plugwork.execution.results.result import JobExecutionResult as JobExecutionResult
from plugwork.execution.step.op_context import OpExecutionContext as OpExecutionContext
from plugwork.execution.step.step_context import StepExecutionContext as StepExecutionContext
from plugwork.execution.step.type_checks import TypeCheckContext as TypeCheckContext
from plugwork.execution.step.type_checks import TypeLoaderContext as TypeLoaderContext
from plugwork.execution.step.type_checks import check_type as check_type
from plugwork.execution.step_refs import StepRunRef as StepRunRef
from plugwork.execution.step_refs import (
    external_instance_from_step_run_ref as external_instance_from_step_run_ref,
)
from plugwork.execution.step_refs import run_step_from_ref as run_step_from_ref
from plugwork.execution.step_refs import (
    step_context_to_step_run_ref as step_context_to_step_run_ref,
)
from plugwork.execution.step_refs import (
    step_run_ref_to_step_context as step_run_ref_to_step_context,
)
from plugwork.execution.testing.build_hook_context import build_hook_context as build_hook_context
from plugwork.execution.testing.build_init_contexts import (
    build_init_logger_context as build_init_logger_context,
)
from plugwork.execution.testing.build_init_contexts import (
    build_init_resource_context as build_init_resource_context,
)
from plugwork.execution.testing.build_io_contexts import build_input_context as build_input_context
from plugwork.execution.testing.build_io_contexts import (
    build_output_context as build_output_context,
)
from plugwork.execution.testing.build_op_context import build_op_context as build_op_context
from plugwork.execution.testing.given_resources import build_resources as build_resources
from plugwork.instance import Instance as Instance
from plugwork.instance.for_test import instance_for_test as instance_for_test
from plugwork.instance.ref import InstanceRef as InstanceRef
from plugwork.model import AddDynamicPartitionsRequest as AddDynamicPartitionsRequest
from plugwork.model import AssetKey as AssetKey
from plugwork.model import AssetMaterialization as AssetMaterialization
from plugwork.model import AssetMetadataValue as AssetMetadataValue
from plugwork.model import AssetObservation as AssetObservation
from plugwork.model import AssetRecordsFilter as AssetRecordsFilter
from plugwork.model import BoolMetadataValue as BoolMetadataValue
from plugwork.model import DataVersion as DataVersion
from plugwork.model import DeleteDynamicPartitionsRequest as DeleteDynamicPartitionsRequest
from plugwork.model import Event as Event
from plugwork.model import EventLogEntry as EventLogEntry
from plugwork.model import EventLogRecord as EventLogRecord
from plugwork.model import EventRecordsFilter as EventRecordsFilter
from plugwork.model import EventRecordsResult as EventRecordsResult
from plugwork.model import EventType as EventType
from plugwork.model import FloatMetadataValue as FloatMetadataValue
from plugwork.model import IntMetadataValue as IntMetadataValue
from plugwork.model import JobMetadataValue as JobMetadataValue
from plugwork.model import JsonMetadataValue as JsonMetadataValue
from plugwork.model import MAX_RUNTIME_SECONDS_TAG as MAX_RUNTIME_SECONDS_TAG
from plugwork.model import MarkdownMetadataValue as MarkdownMetadataValue
from plugwork.model import MetadataValue as MetadataValue
from plugwork.model import NotebookMetadataValue as NotebookMetadataValue
from plugwork.model import NullMetadataValue as NullMetadataValue
from plugwork.model import PathMetadataValue as PathMetadataValue
from plugwork.model import PoolMetadataValue as PoolMetadataValue
from plugwork.model import PythonArtifactMetadataValue as PythonArtifactMetadataValue
from plugwork.model import Run as Run
from plugwork.model import RunMetadataValue as RunMetadataValue
from plugwork.model import RunRecord as RunRecord
from plugwork.model import RunRequest as RunRequest
from plugwork.model import RunShardedEventsCursor as RunShardedEventsCursor
from plugwork.model import RunStatus as RunStatus
from plugwork.model import RunStatusChangeRecordsFilter as RunStatusChangeRecordsFilter
from plugwork.model import RunsFilter as RunsFilter
from plugwork.model import TableColumn as TableColumn
from plugwork.model import TableColumnConstraints as TableColumnConstraints
from plugwork.model import TableColumnDep as TableColumnDep
from plugwork.model import TableColumnLineage as TableColumnLineage
from plugwork.model import TableColumnLineageMetadataValue as TableColumnLineageMetadataValue
from plugwork.model import TableConstraints as TableConstraints
from plugwork.model import TableMetadataValue as TableMetadataValue
from plugwork.model import TableRecord as TableRecord
from plugwork.model import TableSchema as TableSchema
from plugwork.model import TableSchemaMetadataValue as TableSchemaMetadataValue
from plugwork.model import TextMetadataValue as TextMetadataValue
from plugwork.model import TimestampMetadataValue as TimestampMetadataValue
from plugwork.model import UrlMetadataValue as UrlMetadataValue
from plugwork.model import deserialize_value as deserialize_value
from plugwork.model import serialize_value as serialize_value

__version__: str
# Brought by plugins.
FilesystemIOManager: _Any
LocalFileHandle: _Any
async_executor: _Any
fs_io_manager: _Any
in_process_executor: _Any
local_file_manager: _Any
multiprocess_executor: _Any
threads_executor: _Any
