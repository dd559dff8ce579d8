"""Scheduler: starts, stops and resets schedules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork.instance import Instance


class Scheduler(ABC):
    """Keeps the state of schedules. One object an instance; safe for threads."""

    @abstractmethod
    def start_schedule(self, instance: Instance, schedule: Any) -> Any:
        """Let a schedule run from now; one that runs is returned unchanged."""

    @abstractmethod
    def stop_schedule(self, instance: Instance, selector_id: str) -> Any:
        """Stop a schedule; one that is stopped is returned unchanged."""

    @abstractmethod
    def reset_schedule(self, instance: Instance, schedule: Any) -> Any:
        """Let the schedule follow its default in code again."""

    @abstractmethod
    def debug_info(self) -> str:
        """Return what an operator should know, as text."""

    def dispose(self) -> None:  # noqa: B027 - optional to override
        """Let go of everything."""
