"""One interface for each kind of component; the docstrings are the contract. Found lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork._lazy import lazily

if TYPE_CHECKING:
    from plugwork.abc.compute_logs import (
        CapturedLogContext as CapturedLogContext,
    )
    from plugwork.abc.compute_logs import (
        CapturedLogData as CapturedLogData,
    )
    from plugwork.abc.compute_logs import (
        CapturedLogMetadata as CapturedLogMetadata,
    )
    from plugwork.abc.compute_logs import (
        ComputeLogManager as ComputeLogManager,
    )
    from plugwork.abc.compute_logs import (
        IOType as IOType,
    )
    from plugwork.abc.compute_logs import (
        LogKey as LogKey,
    )
    from plugwork.abc.compute_logs import (
        check_log_key as check_log_key,
    )
    from plugwork.abc.compute_logs import (
        parse_log_cursor as parse_log_cursor,
    )
    from plugwork.abc.config_classes import (
        ConfigClass as ConfigClass,
    )
    from plugwork.abc.config_classes import (
        ConfigClasses as ConfigClasses,
    )
    from plugwork.abc.config_classes import (
        ConfigClassField as ConfigClassField,
    )
    from plugwork.abc.configurable import (
        ConfigurableClass as ConfigurableClass,
    )
    from plugwork.abc.configurable import (
        ConfigurableClassData as ConfigurableClassData,
    )
    from plugwork.abc.coordinator import (
        RunCoordinator as RunCoordinator,
    )
    from plugwork.abc.coordinator import (
        SubmitRunContext as SubmitRunContext,
    )
    from plugwork.abc.executor import (
        Executor as Executor,
    )
    from plugwork.abc.executor import (
        ExecutorRequirement as ExecutorRequirement,
    )
    from plugwork.abc.executor import (
        InitExecutorContext as InitExecutorContext,
    )
    from plugwork.abc.executor import (
        RetryMode as RetryMode,
    )
    from plugwork.abc.executor import (
        StepExecutor as StepExecutor,
    )
    from plugwork.abc.executor import (
        StepReport as StepReport,
    )
    from plugwork.abc.executor import (
        StepWorkers as StepWorkers,
    )
    from plugwork.abc.executor import (
        multiple_process_executor_requirements as multiple_process_executor_requirements,
    )
    from plugwork.abc.file_manager import (
        FileHandle as FileHandle,
    )
    from plugwork.abc.file_manager import (
        FileManager as FileManager,
    )
    from plugwork.abc.io_manager import (
        InputManager as InputManager,
    )
    from plugwork.abc.io_manager import (
        IOManager as IOManager,
    )
    from plugwork.abc.launcher import (
        LaunchRunContext as LaunchRunContext,
    )
    from plugwork.abc.launcher import (
        RunLauncher as RunLauncher,
    )
    from plugwork.abc.launcher import (
        WorkerHealth as WorkerHealth,
    )
    from plugwork.abc.launcher import (
        WorkerStatus as WorkerStatus,
    )
    from plugwork.abc.pools import (
        PoolStorage as PoolStorage,
    )
    from plugwork.abc.schedule_storage import (
        ScheduleStorage as ScheduleStorage,
    )
    from plugwork.abc.scheduler import (
        Scheduler as Scheduler,
    )
    from plugwork.abc.step_launcher import (
        StepLauncher as StepLauncher,
    )
    from plugwork.abc.storage import (
        EventLogStorage as EventLogStorage,
    )
    from plugwork.abc.storage import (
        RunStorage as RunStorage,
    )
    from plugwork.abc.storage import (
        Storage as Storage,
    )

__getattr__, __dir__, __all__ = lazily(
    globals(),
    {
        ".compute_logs": (
            "CapturedLogContext",
            "CapturedLogData",
            "CapturedLogMetadata",
            "ComputeLogManager",
            "IOType",
            "LogKey",
            "check_log_key",
            "parse_log_cursor",
        ),
        ".config_classes": (
            "ConfigClass",
            "ConfigClassField",
            "ConfigClasses",
        ),
        ".configurable": (
            "ConfigurableClass",
            "ConfigurableClassData",
        ),
        ".coordinator": (
            "RunCoordinator",
            "SubmitRunContext",
        ),
        ".executor": (
            "Executor",
            "ExecutorRequirement",
            "InitExecutorContext",
            "RetryMode",
            "StepExecutor",
            "StepReport",
            "StepWorkers",
            "multiple_process_executor_requirements",
        ),
        ".file_manager": (
            "FileHandle",
            "FileManager",
        ),
        ".io_manager": (
            "InputManager",
            "IOManager",
        ),
        ".launcher": (
            "LaunchRunContext",
            "RunLauncher",
            "WorkerHealth",
            "WorkerStatus",
        ),
        ".pools": ("PoolStorage",),
        ".schedule_storage": ("ScheduleStorage",),
        ".scheduler": ("Scheduler",),
        ".step_launcher": ("StepLauncher",),
        ".storage": (
            "EventLogStorage",
            "RunStorage",
            "Storage",
        ),
    },
)
