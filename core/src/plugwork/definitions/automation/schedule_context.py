"""What the function of a schedule sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plugwork.definitions.automation.context import EvaluationContext
from plugwork.errors import InvariantViolationError, ParameterCheckError

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.instance.ref import InstanceRef


class ScheduleEvaluationContext(EvaluationContext):
    """One evaluation of a schedule; tests make one with :func:`build_schedule_context`.

    :param scheduled_execution_time: the tick's time; a naive one is taken as UTC.
    :param log_key: under which the instance keeps the lines of ``context.log``.
    :param resources: resources, or what makes them, by key.
    """

    what = "schedule"

    def __init__(
        self,
        instance_ref: InstanceRef | None,
        scheduled_execution_time: datetime | None,
        log_key: Sequence[str] | None = None,
        repository_name: str | None = None,
        schedule_name: str | None = None,
        resources: Mapping[str, Any] | None = None,
        repository_def: Any = None,
        instance: Instance | None = None,
    ) -> None:
        super().__init__(
            schedule_name,
            instance=instance,
            instance_ref=instance_ref,
            resources=resources,
            log_key=log_key,
            repository_name=repository_name,
            repository_def=repository_def,
        )
        self._time = _aware(scheduled_execution_time)

    @property
    def schedule_name(self) -> str | None:
        return self._name

    @property
    def scheduled_execution_time(self) -> datetime:
        """The time of the tick, with a time zone.

        :raises InvariantViolationError: when the context was built without one.
        """
        if self._time is None:
            raise InvariantViolationError(
                "this context of a schedule has no time; build it with "
                "scheduled_execution_time=datetime(...)"
            )
        return self._time


def _aware(time: Any) -> datetime | None:
    if time is not None and not isinstance(time, datetime):
        raise ParameterCheckError(f"scheduled_execution_time must be a datetime, got {time!r}")
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def build_schedule_context(
    instance: Instance | None = None,
    scheduled_execution_time: datetime | None = None,
    resources: Mapping[str, Any] | None = None,
    repository_def: Any = None,
    instance_ref: InstanceRef | None = None,
) -> ScheduleEvaluationContext:
    """Make the context of a schedule for a unit test.

    :param scheduled_execution_time: a naive one is taken as UTC.
    :param resources: resources, or what makes them, by key. What makes them runs while the
        schedule is called; to use them outside, enter the context by ``with``.
    """
    return ScheduleEvaluationContext(
        instance_ref,
        scheduled_execution_time,
        resources=resources,
        repository_def=repository_def,
        instance=instance,
    )
