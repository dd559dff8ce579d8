"""IO manager: stores outputs of steps, and loads them as inputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork.definitions.io_manager import InputContext, OutputContext


class InputManager(ABC):
    """Loads inputs. Safe for threads, when an executor uses them."""

    @abstractmethod
    def load_input(self, context: InputContext) -> Any:
        """Return the value; what this raises fails the step, and its retry policy applies."""


class IOManager(InputManager):
    """Stores what a step gave and loads it for the next."""

    #: Whether another process can load what this one stored.
    shares_between_processes: bool = True

    @abstractmethod
    def handle_output(self, context: OutputContext, obj: Any) -> Any:
        """Store a value so that :meth:`load_input` finds it by the context's identifier.

        Must be whole or absent: a killed process leaves no part under the final name. May return
        metadata as a mapping.
        """
