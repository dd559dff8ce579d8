"""The attempt whose code runs here, for what user code reaches without a context."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugwork.execution.step.attempt import Attempt

RUNNING: ContextVar[Attempt | None] = ContextVar("plugwork_running", default=None)
