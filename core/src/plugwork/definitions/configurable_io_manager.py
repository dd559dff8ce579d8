"""IO managers as classes: their fields are their config."""

from __future__ import annotations

from plugwork.abc.io_manager import IOManager
from plugwork.definitions.configurable_resource import ConfigurableResource
from plugwork.definitions.io_manager import IOManagerDefinition


class ConfigurableIOManager(ConfigurableResource, IOManager):
    """Base of IO managers that are classes; see :class:`ConfigurableResource`."""

    _definition_class = IOManagerDefinition
