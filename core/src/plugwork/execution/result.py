"""What a run gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plugwork.errors import InvariantViolationError
from plugwork.model.enums import EventType

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition
    from plugwork.execution.step_runner import Captured
    from plugwork.model import Event, Run


class ExecuteInProcessResult:
    """The outcome of ``job.execute_in_process``: success, events, and the values of outputs.

    :param event_list: of the run and its steps, in order.
    """

    def __init__(
        self,
        event_list: Sequence[Event],
        run: Run,
        output_capture: Captured,
        job_def: JobDefinition,
    ) -> None:
        self._events = event_list
        self._run = run
        self._captured = output_capture
        self._job_def = job_def

    @property
    def job_def(self) -> JobDefinition:
        return self._job_def

    @property
    def run(self) -> Run:
        """The run as stored at its end."""
        return self._run

    @property
    def run_id(self) -> str:
        return self._run.run_id

    @property
    def success(self) -> bool:
        return self._run.is_success

    @property
    def all_events(self) -> Sequence[Event]:
        """Every event of the run, in order."""
        return self._events

    @property
    def all_node_events(self) -> Sequence[Event]:
        """The events of steps, in order."""
        return [event for event in self._events if event.is_step_event]

    def events_for_node(self, node_name: str) -> Sequence[Event]:
        """Return the events of the steps of a node: of all its mapped steps too."""
        return [
            event
            for event in self._events
            if event.is_step_event and _node_of(event.step_key or "") == node_name
        ]

    def get_failed_step_keys(self) -> set[str]:
        return {event.step_key or "" for event in self._events if event.is_step_failure}

    def get_step_skipped_events(self) -> Sequence[Event]:
        return [event for event in self._events if event.event_type is EventType.STEP_SKIPPED]

    def output_for_node(self, node_str: str, output_name: str = "result") -> Any:
        """Return the value of an output.

        :param node_str: the node's path, ``g.add``.
        :returns: for a dynamic output, or a step that is mapped, a dictionary by mapping key.
        :raises InvariantViolationError: when the node gave no such output.
        """
        single = (node_str, output_name, None)
        if single in self._captured:
            return self._captured[single]
        found = {}
        for (step_key, name, mapping_key), value in self._captured.items():
            if name == output_name and _node_of(step_key) == node_str:
                found[mapping_key or step_key.partition("[")[2].rstrip("]")] = value
        if not found:
            raise InvariantViolationError(
                f"node {node_str!r} gave no output {output_name!r} in run {self.run_id}"
            )
        return found


def _node_of(step_key: str) -> str:
    return step_key.partition("[")[0]
