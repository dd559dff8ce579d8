"""What the parts of an instance stand on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugwork.abc import EventLogStorage, RunStorage, Storage
    from plugwork.clock import Clock
    from plugwork.config.instance_config import InstanceConfig
    from plugwork.instance.notices import Notices


class InstancePart(ABC):
    """Base of the groups of methods that make up an :class:`Instance`."""

    config: InstanceConfig
    clock: Clock

    @property
    @abstractmethod
    def storage(self) -> Storage:
        """Everything that is stored."""

    @property
    @abstractmethod
    def notices(self) -> Notices:
        """Who is told of what was committed."""

    @property
    def run_storage(self) -> RunStorage:
        return self.storage.run_storage

    @property
    def event_log_storage(self) -> EventLogStorage:
        return self.storage.event_log_storage
