"""Resources that a job has without binding them: the instance provides them."""

from __future__ import annotations

from typing import Any

from plugwork.definitions.configured import checked_config
from plugwork.definitions.outputs import DEFAULT_IO_MANAGER_KEY
from plugwork.definitions.resource import InitResourceContext, ResourceDefinition
from plugwork.errors import EphemeralInstanceError


def _default_io_manager(context: InitResourceContext) -> Any:
    """Store outputs in files; in memory for an ephemeral instance, which outlives no process."""
    instance = context.instance
    if instance is None or instance.is_ephemeral:
        from plugwork.definitions.io_manager import InMemoryIOManager

        return InMemoryIOManager()
    from plugwork.registry.names import brought_name

    files: ResourceDefinition = brought_name("fs_io_manager")
    given = context.resource_config
    config = checked_config(files.config_field, {} if given is None else given, "io_manager")
    return files.open(context.with_config(config))


def _file_manager(context: InitResourceContext) -> Any:
    if context.instance is None:
        raise EphemeralInstanceError("the resource 'file_manager' needs an instance; bind one")
    return context.instance.file_manager


def stays_in_memory(key: str, definition: ResourceDefinition | None, is_persistent: bool) -> bool:
    """Tell whether an IO manager's values are gone with the process, as far as one knows.

    :param definition: what the job binds to the key; None: what the instance provides.
    :param is_persistent: of the instance.
    """
    if definition is None or definition is IMPLIED_RESOURCES.get(key):
        return not is_persistent
    return not getattr(definition, "shares_between_processes", True)


#: Key -> definition; what a job binds itself wins.
IMPLIED_RESOURCES: dict[str, ResourceDefinition] = {
    DEFAULT_IO_MANAGER_KEY: ResourceDefinition(
        _default_io_manager, description="Files under the home; memory for an ephemeral instance."
    ),
    "file_manager": ResourceDefinition(
        _file_manager, description="The file manager of the instance."
    ),
}
