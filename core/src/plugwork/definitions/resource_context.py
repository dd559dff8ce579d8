"""What a resource is made from."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from plugwork.definitions.resource import ResourceDefinition
    from plugwork.instance import Instance
    from plugwork.model import Run


class InitResourceContext:
    """What a resource is made from. In a unit test: :func:`plugwork.build_init_resource_context`.

    :param resource_config: validated, references resolved.
    :param resources: has the resources that this one requires, as attributes.
    :param all_resource_defs: of the job, by key.
    :param instance: or what opens one when it is asked for.
    :param run: None outside a run.
    :param log_manager: the run's logger; a standard one when not given.
    :param event_loop: on which async user code runs, if it was given.
    """

    __slots__ = (
        "_instance",
        "_log",
        "all_resource_defs",
        "event_loop",
        "resource_config",
        "resource_def",
        "resources",
        "run",
    )

    def __init__(
        self,
        resource_config: Any,
        resources: Any,
        resource_def: ResourceDefinition | None = None,
        all_resource_defs: Mapping[str, ResourceDefinition] | None = None,
        instance: Instance | Callable[[], Instance] | None = None,
        run: Run | None = None,
        log_manager: Any = None,
        event_loop: Any = None,
    ) -> None:
        self.resource_config = resource_config
        self.resources = resources
        self.resource_def = resource_def
        self.all_resource_defs = all_resource_defs or {}
        self._instance = instance
        self.run = run
        self.event_loop = event_loop
        self._log = log_manager

    def with_config(self, resource_config: Any) -> Self:
        """Return a context like this one, with other config."""
        made = copy.copy(self)
        made.resource_config = resource_config
        return made

    @property
    def instance(self) -> Instance | None:
        """None outside a run, unless one was given."""
        if callable(self._instance):
            self._instance = self._instance()
        return self._instance

    @property
    def run_id(self) -> str | None:
        return self.run.run_id if self.run is not None else None

    @property
    def log(self) -> Any:
        """A standard logger; while a run uses the resource, its lines stand in the run's log."""
        if self._log is None:
            import logging

            self._log = logging.getLogger("plugwork")
        return self._log

    @property
    def log_manager(self) -> Any:
        """The same as :attr:`log`."""
        return self.log
