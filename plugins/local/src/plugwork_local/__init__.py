"""Components for one machine: immediate coordinator, subprocess launcher, local files and logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork_local.compute_logs import LocalComputeLogManager as LocalComputeLogManager
    from plugwork_local.coordinator import DefaultRunCoordinator as DefaultRunCoordinator
    from plugwork_local.coordinator import ImmediateRunCoordinator as ImmediateRunCoordinator
    from plugwork_local.file_manager import LocalFileHandle as LocalFileHandle
    from plugwork_local.file_manager import LocalFileManager as LocalFileManager
    from plugwork_local.file_manager_resource import local_file_manager as local_file_manager
    from plugwork_local.in_process_launcher import InProcessRunLauncher as InProcessRunLauncher
    from plugwork_local.io_manager import FilesystemIOManager as FilesystemIOManager
    from plugwork_local.io_manager import fs_io_manager as fs_io_manager
    from plugwork_local.launcher import SubprocessRunLauncher as SubprocessRunLauncher
    from plugwork_local.no_compute_logs import NoOpComputeLogManager as NoOpComputeLogManager

#: Public name -> the module of this package that holds it.
_HOMES = {
    "DefaultRunCoordinator": "coordinator",
    "FilesystemIOManager": "io_manager",
    "ImmediateRunCoordinator": "coordinator",
    "InProcessRunLauncher": "in_process_launcher",
    "LocalComputeLogManager": "compute_logs",
    "LocalFileHandle": "file_manager",
    "LocalFileManager": "file_manager",
    "NoOpComputeLogManager": "no_compute_logs",
    "SubprocessRunLauncher": "launcher",
    "fs_io_manager": "io_manager",
    "local_file_manager": "file_manager_resource",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
