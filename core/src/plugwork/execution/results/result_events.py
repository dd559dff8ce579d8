"""Asking the events of a run that has ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from plugwork.errors import InvariantViolationError
from plugwork.model.asset_payloads import AssetObservationData, StepMaterializationData
from plugwork.model.enums import EventType

if TYPE_CHECKING:
    from plugwork.model import AssetMaterialization, AssetObservation, Event


class ResultEvents(ABC):
    """The part of a result that answers from its events. Nodes are named by path: ``g.add``."""

    @property
    @abstractmethod
    def all_events(self) -> Sequence[Event]:
        """Every event of the run, in order."""

    @property
    def all_node_events(self) -> Sequence[Event]:
        """The events of steps, in order."""
        return self.filter_events(lambda event: event.is_step_event)

    def filter_events(self, event_filter: Callable[[Event], bool]) -> Sequence[Event]:
        """Return the events for which a function returns true."""
        return [event for event in self.all_events if event_filter(event)]

    def events_for_node(self, node_name: str) -> Sequence[Event]:
        """Return the events of a node's steps: of all mapped ones; of a graph's, those inside."""
        return self.filter_events(lambda event: event.is_step_event and _is_of(event, node_name))

    def get_job_failure_event(self) -> Event:
        """Return the event that tells why the run failed.

        :raises InvariantViolationError: when it did not.
        """
        return self._only(EventType.RUN_FAILURE, "the run did not fail")

    def get_job_success_event(self) -> Event:
        """Return the event that ended the run well.

        :raises InvariantViolationError: when it did not end so.
        """
        return self._only(EventType.RUN_SUCCESS, "the run did not succeed")

    def get_step_success_events(self) -> Sequence[Event]:
        return self._of_type(EventType.STEP_SUCCESS)

    def get_step_failure_events(self) -> Sequence[Event]:
        return self._of_type(EventType.STEP_FAILURE)

    def get_step_skipped_events(self) -> Sequence[Event]:
        return self._of_type(EventType.STEP_SKIPPED)

    def get_failed_step_keys(self) -> set[str]:
        return {event.step_key or "" for event in self.get_step_failure_events()}

    def is_node_success(self, node_str: str) -> bool:
        """Tell whether steps of a node succeeded, and none failed."""
        kinds = self._kinds(node_str)
        return EventType.STEP_SUCCESS in kinds and EventType.STEP_FAILURE not in kinds

    def is_node_failed(self, node_str: str) -> bool:
        """Tell whether a step of a node failed."""
        return EventType.STEP_FAILURE in self._kinds(node_str)

    def is_node_skipped(self, node_str: str) -> bool:
        """Tell whether a step of a node was skipped, and none ran."""
        kinds = self._kinds(node_str)
        return EventType.STEP_SKIPPED in kinds and EventType.STEP_START not in kinds

    def is_node_untouched(self, node_str: str) -> bool:
        """Tell whether the run has no event of a node."""
        return not self._kinds(node_str)

    def retry_attempts_for_node(self, node_str: str) -> int:
        """Return how often the steps of a node were tried again."""
        events = self.events_for_node(node_str)
        return sum(event.event_type is EventType.STEP_RESTARTED for event in events)

    def get_asset_materialization_events(self) -> Sequence[Event]:
        return self._of_type(EventType.ASSET_MATERIALIZATION)

    def get_asset_observation_events(self) -> Sequence[Event]:
        return self._of_type(EventType.ASSET_OBSERVATION)

    def asset_materializations_for_node(self, node_name: str) -> Sequence[AssetMaterialization]:
        """Return what a node told of assets that it made."""
        found = [event.event_specific_data for event in self.events_for_node(node_name)]
        return [data.materialization for data in found if isinstance(data, StepMaterializationData)]

    def asset_observations_for_node(self, node_name: str) -> Sequence[AssetObservation]:
        """Return what a node told of assets that it looked at."""
        found = [event.event_specific_data for event in self.events_for_node(node_name)]
        return [data.observation for data in found if isinstance(data, AssetObservationData)]

    def _of_type(self, event_type: EventType) -> Sequence[Event]:
        return self.filter_events(lambda event: event.event_type is event_type)

    def _kinds(self, node_str: str) -> set[EventType]:
        return {event.event_type for event in self.events_for_node(node_str)}

    def _only(self, event_type: EventType, otherwise: str) -> Event:
        for event in self._of_type(event_type):
            return event
        raise InvariantViolationError(otherwise)


def _is_of(event: Event, node: str) -> bool:
    key = (event.step_key or "").partition("[")[0]
    return key == node or key.startswith(f"{node}.")
