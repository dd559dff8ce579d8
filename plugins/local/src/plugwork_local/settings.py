"""Settings of the local components, and the directories that they mean."""

from __future__ import annotations

from pathlib import Path

import attrs

from plugwork.abc.specs import ComponentContext


@attrs.frozen(kw_only=True)
class FileManagerSettings:
    """The block ``file_manager: {local: ...}``."""

    base_dir: str | None = attrs.field(
        default=None,
        metadata={"help": "Where files are kept; <home>/storage/file_manager when not given."},
    )


@attrs.frozen(kw_only=True)
class ComputeLogSettings:
    """The block ``compute_logs: {local: ...}``."""

    base_dir: str | None = attrs.field(
        default=None, metadata={"help": "Where logs are kept; <home>/storage when not given."}
    )
    polling_timeout: float = attrs.field(
        default=2.5,
        metadata={"help": "Seconds between two looks for what a subscriber has not seen yet."},
    )


@attrs.frozen(kw_only=True)
class SubprocessSettings:
    """The block ``run_launcher: {subprocess: ...}``."""

    environment: list[str] = attrs.field(
        factory=list,
        metadata={
            "help": "Names of further environment variables that run workers get; * stands for any"
            " characters. What configuration refers to is passed without being named."
        },
    )
    grace: float = attrs.field(
        default=20.0,
        metadata={"help": "Seconds for a canceled run to stop, after which it is killed."},
    )


def directory(given: str | None, default: Path, context: ComponentContext) -> Path:
    """Return the directory that a setting means; a relative one begins at the home directory."""
    if given is None:
        return default
    return (context.home or Path.cwd()) / Path(given).expanduser()
