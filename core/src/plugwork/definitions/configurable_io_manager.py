"""IO managers as classes: their fields are their config."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from plugwork.abc.io_manager import IOManager
from plugwork.config.schema import Field
from plugwork.definitions.configurable_resource import ConfigurableResource
from plugwork.definitions.io_manager import IOManagerDefinition

if TYPE_CHECKING:
    from plugwork.definitions.resource_context import InitResourceContext


class _MakesIOManager(ConfigurableResource):
    """What is bound where an IO manager is needed."""

    @classmethod
    def _make_definition(
        cls, fn: Callable[..., Any], field: Field, required: set[str]
    ) -> IOManagerDefinition:
        made = IOManagerDefinition(fn, field, cls.__doc__, required)
        made.shares_between_processes = getattr(cls, "shares_between_processes", True)
        return made


class ConfigurableIOManager(_MakesIOManager, IOManager):
    """Base of IO managers that are classes; see :class:`ConfigurableResource`.

    With ``shares_between_processes = False`` a class says that other processes cannot load what it
    stores.
    """


class ConfigurableIOManagerFactory(_MakesIOManager):
    """Base of classes whose fields are the config of an IO manager that they make.

    For an IO manager that is no :class:`ConfigurableResource` itself.
    """

    @abstractmethod
    def create_io_manager(self, context: InitResourceContext) -> IOManager:
        """Make the IO manager; runs once in each process that needs it."""

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Any]:
        """Set up, hand out what :meth:`create_io_manager` returns, tear down."""
        self.setup_for_execution(context)
        try:
            yield self.create_io_manager(context)
        finally:
            self.teardown_after_execution(context)
