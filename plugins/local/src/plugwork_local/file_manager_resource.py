"""The file manager on local disks, as a resource that a job binds itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from plugwork import Field, InitResourceContext, StringSource, resource
from plugwork.errors import InvariantViolationError
from plugwork_local.file_manager import LocalFileManager


@resource(
    config_schema={
        "base_dir": Field(
            StringSource,
            is_required=False,
            description="Where files are kept; file_manager in the storage directory of the"
            " instance when not given.",
        )
    }
)
def local_file_manager(context: InitResourceContext) -> Iterator[LocalFileManager]:
    """Keep files on local disks; temporary copies are deleted when the steps are done."""
    base_dir, instance = context.resource_config.get("base_dir"), context.instance
    if base_dir is None:
        if instance is None:
            raise InvariantViolationError(
                "where are files to be stored? Without an instance, give base_dir"
            )
        base_dir = Path(instance.storage_directory()) / "file_manager"
    durability = instance.config.durability if instance is not None else "normal"
    manager = LocalFileManager(base_dir, durability)
    try:
        yield manager
    finally:
        manager.delete_local_temp()
