"""The schedules and sensors of one collection of definitions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from plugwork.config.walk import closest
from plugwork.definitions.automation.automation_definition import AutomationDefinition
from plugwork.definitions.automation.schedule import ScheduleDefinition
from plugwork.definitions.automation.sensor import SensorDefinition
from plugwork.definitions.job import JobDefinition
from plugwork.definitions.place import caller
from plugwork.definitions.resource_binding import bind_resources
from plugwork.errors import AutomationNotFoundError, InvalidDefinitionError

D = TypeVar("D", bound=AutomationDefinition)


class Automations:
    """The schedules and sensors, found by name; names are checked when they are looked up.

    :raises InvalidDefinitionError: for a member of another kind.
    """

    def __init__(self, schedules: Iterable[Any], sensors: Iterable[Any]) -> None:
        self.schedules = _all(schedules, "schedules", ScheduleDefinition)
        self.sensors = _all(sensors, "sensors", SensorDefinition)

    def target_jobs(self) -> Iterator[JobDefinition]:
        """Yield the jobs that were given to them as objects."""
        for one in (*self.schedules, *self.sensors):
            yield from one.known_jobs()

    def named(self) -> dict[str, AutomationDefinition]:
        """Return all, by name.

        :raises InvalidDefinitionError: when two have one name.
        """
        found: dict[str, AutomationDefinition] = {}
        for one in (*self.schedules, *self.sensors):
            other = found.setdefault(one.name, one)
            if other is not one:
                raise InvalidDefinitionError(f"{other.owner} and {one.owner} have the same name")
        return found

    def get(self, kind: type[D], name: str, resources: Mapping[str, Any]) -> D:
        """Return one, with the resources of the collection.

        :raises AutomationNotFoundError: when there is none of this kind and name.
        """
        named = self.named()
        found = named.get(name)
        if isinstance(found, kind):
            return found.with_resources(bind_resources(resources))
        known = sorted(key for key, one in named.items() if isinstance(one, kind))
        close = closest(name, known)
        better = f"; did you mean {close!r}?" if close else ""
        listed = f" ({kind.what}s: {', '.join(known)})" if known else ""
        raise AutomationNotFoundError(f"there is no {kind.what} {name!r}{better}{listed}")

    def check(
        self, definition: AutomationDefinition, job_names: Collection[str], resources: Any
    ) -> None:
        """Check what one of them needs of the collection.

        :raises InvalidDefinitionError: for another of its name, and for a target or a resource
            that is not there.
        """
        self.named()
        definition.check_resources(bind_resources(resources))
        for name in definition.targets.names:
            if name not in job_names:
                close = closest(name, job_names)
                better = f"; did you mean {close!r}?" if close else ""
                known = ", ".join(sorted(job_names)) or "none"
                raise InvalidDefinitionError(
                    f"{definition.owner}: its target {name!r} is no job of the definitions "
                    f"(jobs: {known}){better}"
                )


def _all(given: Iterable[Any], name: str, kind: type[D]) -> list[D]:
    found = list(given)
    for one in found:
        if not isinstance(one, kind):
            raise InvalidDefinitionError(
                f"Definitions({name}=...) holds {one!r}, which is no {kind.what}; make one with "
                f"@{kind.what} ({caller()})"
            )
    return list(dict.fromkeys(found))
