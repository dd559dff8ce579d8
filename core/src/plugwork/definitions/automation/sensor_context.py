"""What the function of a sensor sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.definitions.automation.context import EvaluationContext
from plugwork.errors import ParameterCheckError

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.instance.ref import InstanceRef
    from plugwork.model.code_ref import CodeRef


class SensorEvaluationContext(EvaluationContext):
    """One evaluation of a sensor; tests make one with :func:`build_sensor_context`.

    :param last_tick_completion_time: when the evaluation before ended; seconds since the epoch.
    :param last_run_key: of the last run that the sensor requested.
    :param cursor: what the evaluation before left.
    :param last_sensor_start_time: when the sensor was switched on; seconds since the epoch.
    :param code_location_origin: where the sensor's code is; run status sensors heed it.
    :param log_key: under which the instance keeps the lines of ``context.log``.
    :param resources: resources, or what makes them, by key.
    """

    what = "sensor"

    def __init__(
        self,
        instance_ref: InstanceRef | None,
        last_tick_completion_time: float | None = None,
        last_run_key: str | None = None,
        cursor: str | None = None,
        log_key: Sequence[str] | None = None,
        repository_name: str | None = None,
        repository_def: Any = None,
        instance: Instance | None = None,
        sensor_name: str | None = None,
        resources: Mapping[str, Any] | None = None,
        definitions: Any = None,
        last_sensor_start_time: float | None = None,
        code_location_origin: CodeRef | None = None,
    ) -> None:
        super().__init__(
            sensor_name,
            instance=instance,
            instance_ref=instance_ref,
            resources=resources,
            log_key=log_key,
            repository_name=repository_name,
            repository_def=repository_def if repository_def is not None else definitions,
        )
        self.last_tick_completion_time = last_tick_completion_time
        self.last_run_key = last_run_key
        self.last_sensor_start_time = last_sensor_start_time
        self.code_location_origin = code_location_origin
        self._cursor = _cursor(cursor)
        self.cursor_updated = False

    @property
    def sensor_name(self) -> str | None:
        return self._name

    @property
    def cursor(self) -> str | None:
        """What the evaluation before left, or :meth:`update_cursor` set; None at first."""
        return self._cursor

    def update_cursor(self, cursor: str | None) -> None:
        """Set the cursor with which the next evaluation begins, if this one does not fail.

        :raises ParameterCheckError: when it is no text.
        """
        self._cursor = _cursor(cursor)
        self.cursor_updated = True

    @property
    def is_first_tick_since_sensor_start(self) -> bool:
        """Whether no evaluation has ended since the sensor was switched on."""
        if self.last_tick_completion_time is None:
            return True
        started = self.last_sensor_start_time
        return started is not None and self.last_tick_completion_time < started


def _cursor(cursor: Any) -> str | None:
    if cursor is not None and not isinstance(cursor, str):
        raise ParameterCheckError(
            f"a sensor's cursor is text, got {cursor!r}; make text of it: str(...), json.dumps(...)"
        )
    return cursor


def build_sensor_context(
    instance: Instance | None = None,
    cursor: str | None = None,
    repository_name: str | None = None,
    repository_def: Any = None,
    sensor_name: str | None = None,
    resources: Mapping[str, Any] | None = None,
    definitions: Any = None,
    instance_ref: InstanceRef | None = None,
    last_sensor_start_time: float | None = None,
) -> SensorEvaluationContext:
    """Make the context of a sensor for a unit test.

    :param resources: resources, or what makes them, by key. What makes them runs while the sensor
        is called; to use them outside, enter the context by ``with``.
    """
    return SensorEvaluationContext(
        instance_ref,
        cursor=cursor,
        repository_name=repository_name,
        repository_def=repository_def,
        instance=instance,
        sensor_name=sensor_name,
        resources=resources,
        definitions=definitions,
        last_sensor_start_time=last_sensor_start_time,
    )
