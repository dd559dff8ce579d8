"""What the function of a run status sensor sees."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.definitions.automation.context import EvaluationContext
from plugwork.errors import ParameterCheckError

if TYPE_CHECKING:
    from plugwork.definitions.automation.sensor_context import SensorEvaluationContext
    from plugwork.instance import Instance
    from plugwork.model import Event, Run

PARTITION_TAG = "plugwork/partition"


class RunStatusSensorContext(EvaluationContext):
    """One run that has come to the status; tests make one with
    :func:`build_run_status_sensor_context`.

    :param event: that brought the run to the status.
    :param context: of the evaluation.
    :param resource_defs: resources, or what makes them, by key.
    :param partition_key: the run's own when not given.
    """

    what = "run status sensor"

    def __init__(
        self,
        sensor_name: str,
        run: Run,
        event: Event,
        instance: Instance,
        context: SensorEvaluationContext | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        logger: logging.Logger | None = None,
        partition_key: str | None = None,
        repository_def: Any = None,
    ) -> None:
        from plugwork.model import Event, Run

        for name, value, kind in (("run", run, Run), ("event", event, Event)):
            if not isinstance(value, kind):
                raise ParameterCheckError(f"{name} must be a {kind.__name__}, got {value!r}")
        super().__init__(
            sensor_name,
            instance=instance,
            instance_ref=None,
            resources=resource_defs,
            log_key=None,
            repository_name=context.repository_name if context is not None else None,
            repository_def=repository_def,
        )
        self.sensor_name = sensor_name
        self.run = run
        self.event = event
        self.partition_key = partition_key or run.tags.get(PARTITION_TAG)
        self._evaluation = context
        self._logger = logger

    @property
    def log(self) -> logging.Logger:
        """The logger of the evaluation."""
        if self._logger is not None:
            return self._logger
        return self._evaluation.log if self._evaluation is not None else super().log

    def for_run_failure(self) -> RunFailureSensorContext:
        """Return the context as a run failure sensor gets it."""
        return RunFailureSensorContext(
            self.sensor_name,
            self.run,
            self.event,
            self.instance,
            self._evaluation,
            self._given_resources,
            self._logger,
            self.partition_key,
            self._repository_def,
        )


class RunFailureSensorContext(RunStatusSensorContext):
    """One run that has failed."""

    @property
    def failure_event(self) -> Event:
        """The event that ended the run."""
        return self.event

    def get_step_failure_events(self) -> list[Event]:
        """Return the events of the steps that failed, in their order."""
        from plugwork.model import EventType

        entries = self.instance.all_logs(self.run.run_id, EventType.STEP_FAILURE)
        return [entry.get_event() for entry in entries]


def build_run_status_sensor_context(
    sensor_name: str,
    event: Event,
    instance: Instance,
    run: Run,
    context: SensorEvaluationContext | None = None,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | None = None,
    *,
    repository_def: Any = None,
) -> RunStatusSensorContext:
    """Make the context of a run status sensor for a unit test.

    For a run failure sensor, call ``for_run_failure()`` on it.

    :param event: that brought the run to the status.
    :param resources: resources, or what makes them, by key.
    """
    return RunStatusSensorContext(
        sensor_name,
        run,
        event,
        instance,
        context,
        resources,
        partition_key=partition_key,
        repository_def=repository_def,
    )
