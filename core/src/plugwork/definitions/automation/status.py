"""Whether schedules and sensors run before a user has said so."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

from plugwork.errors import InvalidDefinitionError

E = TypeVar("E", bound=Enum)


class DefaultScheduleStatus(Enum):
    """What a schedule does until a user starts or stops it."""

    RUNNING = "RUNNING"
    STOPPED = "STOPPED"


class DefaultSensorStatus(Enum):
    """What a sensor does until a user starts or stops it."""

    RUNNING = "RUNNING"
    STOPPED = "STOPPED"


def checked_status(value: Any, kind: type[E], owner: str) -> E:
    """Return the status.

    :raises InvalidDefinitionError: for what is none of this kind.
    """
    if isinstance(value, kind):
        return value
    raise InvalidDefinitionError(
        f"{owner}: default_status must be a {kind.__name__}, got {value!r}; say "
        f"{kind.__name__}.RUNNING"
    )
