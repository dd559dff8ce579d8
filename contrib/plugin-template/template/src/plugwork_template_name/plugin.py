"""Announces the file manager; imported whenever plugwork.yaml names it, so it stays light."""

from __future__ import annotations

from plugwork.plugin import FileManagerSpec, hookimpl


@hookimpl
def plugwork_file_managers() -> list[FileManagerSpec]:
    return [
        FileManagerSpec(
            name="template_name",
            factory="plugwork_template_name.file_manager:open_file_manager",
            settings="plugwork_template_name.settings:Settings",
            summary="Files in a folder.",
            api=1,
        )
    ]
