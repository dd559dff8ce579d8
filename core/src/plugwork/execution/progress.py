"""Which steps of a run came to an end, noted from its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork.errors import InvariantViolationError
from plugwork.model.enums import EventType
from plugwork.model.payloads import StepFailureData

if TYPE_CHECKING:
    from plugwork.model import Event, SerializableErrorInfo
    from plugwork.plan import ExecutionPlan

_DONE = frozenset({EventType.STEP_SUCCESS, EventType.STEP_SKIPPED})


class Progress:
    """Follows a run's events, whichever executor they come from."""

    def __init__(self, plan: ExecutionPlan) -> None:
        self._plan = plan
        self._done: set[str] = set()
        #: Keys of the failed steps, in the order in which they failed.
        self.failed: list[str] = []
        self.first_error: SerializableErrorInfo | None = None

    def note(self, event: Event) -> None:
        """Take one event into account."""
        if event.step_key is None:
            return
        if event.event_type in _DONE:
            self._done.add(event.step_key)
        elif event.event_type is EventType.STEP_FAILURE:
            self.failed.append(event.step_key)
            data = event.event_specific_data
            if self.first_error is None and isinstance(data, StepFailureData):
                self.first_error = data.error

    def check_complete(self) -> None:
        """Check that the executor drove every step to its end.

        :raises InvariantViolationError: naming steps that it left out; after a failure, steps that
            depend on the failed one are left out rightly.
        """
        ended = self._done | self._lost()
        left = [step.key for step in self._plan.steps if step.is_resolved and step.key not in ended]
        if left:
            shown = ", ".join(left[:5]) + (f" and {len(left) - 5} more" if len(left) > 5 else "")
            raise InvariantViolationError(
                f"the executor finished without completing the plan; it left out: {shown}"
            )

    def _lost(self) -> set[str]:
        """Return the steps that failed, and those that wait for one of them for ever."""
        lost = set(self.failed)
        children: dict[str, list[str]] = {}
        for key, upstream in self._plan.deps.items() if lost else ():
            for one in upstream:
                children.setdefault(one, []).append(key)
        waiting = list(lost)
        while waiting:
            for child in children.get(waiting.pop(), ()):
                if child not in lost and child not in self._done:
                    lost.add(child)
                    waiting.append(child)
        return lost
