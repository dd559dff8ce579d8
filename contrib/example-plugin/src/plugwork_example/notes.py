"""A life-cycle plugin: notes each change of a run's status as a line of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from plugwork.plugin import hookimpl

if TYPE_CHECKING:
    from plugwork.model import Run, RunStatus
    from plugwork.plugin import PluginConfig


@attrs.frozen(kw_only=True)
class NotesSettings:
    """The block ``plugins: {enable: [{example_notes: ...}]}``."""

    path: str = attrs.field(
        default="notes.txt", metadata={"help": "The file; relative to the home directory."}
    )


#: The kernel looks for this name.
plugwork_settings = NotesSettings

_path: Path | None = None


@hookimpl
def plugwork_configure(config: PluginConfig) -> None:
    global _path
    settings = config.settings["example_notes"]
    _path = (config.home or Path.cwd()) / Path(settings.path).expanduser()


@hookimpl
def plugwork_run_status_changed(run: Run, previous: RunStatus | None, current: RunStatus) -> None:
    """Called after the change was committed, on a thread of the plugin's own."""
    if _path is not None:
        before = previous.value if previous else "-"
        with _path.open("a", encoding="utf-8") as notes:
            notes.write(f"{run.run_id} {run.job_name} {before} {current.value}\n")
