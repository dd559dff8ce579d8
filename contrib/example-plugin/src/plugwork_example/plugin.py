"""Announces the components; imports nothing but the door for authors."""

from __future__ import annotations

from plugwork.plugin import ExecutorSpec, FileManagerSpec, hookimpl


@hookimpl
def plugwork_executors() -> list[ExecutorSpec]:
    paced = ExecutorSpec(
        name="paced",
        factory="plugwork_example.executor:make_executor",
        settings="plugwork_example.executor:PacedSettings",
        summary="Starts at most so many steps a second, one after another.",
        api=1,
    )
    return [paced]


@hookimpl
def plugwork_file_managers() -> list[FileManagerSpec]:
    dated = FileManagerSpec(
        name="dated",
        factory="plugwork_example.file_manager:open_file_manager",
        settings="plugwork_example.file_manager:DatedSettings",
        summary="Files in folders by the day they were written.",
        api=1,
    )
    return [dated]
