"""What this distribution brings; imports nothing heavy."""

from __future__ import annotations

from plugwork.plugin import (
    ComputeLogManagerSpec,
    CoordinatorSpec,
    FileManagerSpec,
    LauncherSpec,
    hookimpl,
)


@hookimpl
def plugwork_file_managers() -> list[FileManagerSpec]:
    return [
        FileManagerSpec(
            name="local",
            factory="plugwork_local.file_manager:open_file_manager",
            settings="plugwork_local.settings:FileManagerSettings",
            summary="Files in a directory of this machine, or of a shared file system.",
            api=1,
        )
    ]


@hookimpl
def plugwork_compute_log_managers() -> list[ComputeLogManagerSpec]:
    return [
        ComputeLogManagerSpec(
            name="local",
            factory="plugwork_local.compute_logs:open_compute_logs",
            settings="plugwork_local.settings:ComputeLogSettings",
            summary="The output of runs in files of this machine.",
            api=1,
        ),
        ComputeLogManagerSpec(
            name="none",
            factory="plugwork_local.no_compute_logs:open_no_compute_logs",
            summary="The output of runs is not kept.",
            api=1,
        ),
    ]


@hookimpl
def plugwork_launchers() -> list[LauncherSpec]:
    return [
        LauncherSpec(
            name="subprocess",
            factory="plugwork_local.launcher:open_subprocess_launcher",
            settings="plugwork_local.settings:SubprocessSettings",
            summary="A process of its own for each run, on this machine.",
            api=1,
        ),
        LauncherSpec(
            name="in_process",
            factory="plugwork_local.in_process_launcher:open_in_process_launcher",
            summary="Runs go on in the process and thread that launch them; for tests.",
            api=1,
        ),
    ]


@hookimpl
def plugwork_coordinators() -> list[CoordinatorSpec]:
    return [
        CoordinatorSpec(
            name="immediate",
            factory="plugwork_local.coordinator:open_immediate_coordinator",
            summary="Launches each run as it is submitted.",
            api=1,
        )
    ]
