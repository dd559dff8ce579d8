"""The schedule or sensor that a command line means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugwork.definitions.automation.schedule import ScheduleDefinition
    from plugwork.definitions.automation.sensor import SensorDefinition
    from plugwork.definitions.definitions import Definitions


def find_automation(definitions: Definitions, name: str) -> ScheduleDefinition | SensorDefinition:
    """Return a schedule or sensor by its name, with the resources of the collection.

    :raises AutomationNotFoundError: when there is none of this name.
    """
    from plugwork.config.walk import closest
    from plugwork.errors import AutomationNotFoundError

    schedules = [one.name for one in definitions.schedules]
    sensors = [one.name for one in definitions.sensors]
    if name in schedules:
        return definitions.get_schedule_def(name)
    if name in sensors:
        return definitions.get_sensor_def(name)
    known = sorted([*schedules, *sensors])
    close = closest(name, known)
    better = f"; did you mean {close!r}?" if close else ""
    listed = f" (known: {', '.join(known)})" if known else ""
    raise AutomationNotFoundError(f"there is no schedule or sensor {name!r}{better}{listed}")
