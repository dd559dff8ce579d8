"""IO manager that stores outputs as pickle files."""

from __future__ import annotations

import os
from typing import Any

from plugwork import (
    ConfigurableIOManager,
    Field,
    InitResourceContext,
    InputContext,
    OutputContext,
    StringSource,
    io_manager,
)
from plugwork.errors import InvariantViolationError
from plugwork_local.pickled_values import PickledValues


class FilesystemIOManager(ConfigurableIOManager):
    """Stores each output as a pickle: ``<base_dir>/<run>/<step>/<output>[/<mapping key>]``.

    Loading a pickle runs code that it names: whoever can write to the directory can run code in
    the runs that read it. The directories made here are closed to other users.
    """

    #: Where values are kept; the storage directory of the instance when not given.
    base_dir: str | None = None

    _values: PickledValues | None = None

    def setup_for_execution(self, context: InitResourceContext) -> None:
        root, instance = self.base_dir, context.instance
        if root is None:
            if instance is None:
                raise InvariantViolationError(
                    "where are outputs to be stored? Without an instance, give base_dir"
                )
            root = instance.storage_directory()
        synced = instance is not None and instance.config.durability == "full"
        # Fields are frozen; this is none.
        object.__setattr__(self, "_values", PickledValues(os.path.abspath(root), synced))

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        self._set_up().store(context.get_identifier(), obj)

    def load_input(self, context: InputContext) -> Any:
        return self._set_up().load(context.get_identifier())

    def _set_up(self) -> PickledValues:
        if self._values is None:
            raise InvariantViolationError("FilesystemIOManager is set up by the run that uses it")
        return self._values


@io_manager(
    config_schema={
        "base_dir": Field(
            StringSource,
            is_required=False,
            description="Where values are kept; the storage directory of the instance when not"
            " given.",
        )
    }
)
def fs_io_manager(context: InitResourceContext) -> FilesystemIOManager:
    """Store each output as a pickle file; see :class:`FilesystemIOManager`."""
    manager = FilesystemIOManager(base_dir=context.resource_config.get("base_dir"))
    manager.setup_for_execution(context)
    return manager
