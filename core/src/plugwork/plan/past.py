"""What the log of an earlier run tells of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plugwork.model.enums import EventType
from plugwork.model.payloads import StepOutputHandle
from plugwork.plan.sources import template_key

if TYPE_CHECKING:
    from plugwork.model import Event

#: The events that :class:`PastRun` reads; others need not be asked for.
TOLD_BY = frozenset(
    {
        EventType.STEP_START,
        EventType.STEP_RESTARTED,
        EventType.STEP_OUTPUT,
        EventType.STEP_SUCCESS,
        EventType.STEP_FAILURE,
        EventType.STEP_SKIPPED,
        EventType.RESOURCE_INIT_FAILURE,
    }
)


class PastRun:
    """The steps of a run that is continued or done again, by what became of them.

    :param step_keys: the steps that it was to execute; None for all of its job.
    :param events: of the run's steps, in order.
    :param parent: the run that this one continued, when it executed a part of the steps.
    """

    __slots__ = (
        "_templates",
        "failed",
        "outputs",
        "parent",
        "run_id",
        "skipped",
        "started",
        "step_keys",
        "succeeded",
    )

    def __init__(
        self,
        run_id: str,
        step_keys: Iterable[str] | None,
        events: Iterable[Event],
        parent: PastRun | None = None,
    ) -> None:
        self.run_id = run_id
        self.step_keys = None if step_keys is None else frozenset(step_keys)
        self.parent = parent
        self.started: set[str] = set()
        self.succeeded: set[str] = set()
        self.failed: set[str] = set()
        self.skipped: set[str] = set()
        #: step -> what its last attempt gave, in order.
        self.outputs: dict[str, list[StepOutputHandle]] = {}
        self._templates = {template_key(key) for key in self.step_keys or ()}
        for event in events:
            self._note(event)

    def _note(self, event: Event) -> None:
        kind, key = event.event_type, event.step_key
        if key is None:
            return
        if kind in (EventType.STEP_START, EventType.STEP_RESTARTED):
            self.started.add(key)
            self.outputs.pop(key, None)
        elif kind is EventType.STEP_OUTPUT:
            data = event.event_specific_data
            self.outputs.setdefault(key, []).append(data.step_output_handle)  # type: ignore[union-attr]  # Event checks it
        elif kind is EventType.STEP_SUCCESS:
            self.succeeded.add(key)
        elif kind is EventType.STEP_SKIPPED:
            self.skipped.add(key)
        elif kind in (EventType.STEP_FAILURE, EventType.RESOURCE_INIT_FAILURE):
            self.failed.add(key)

    def meant(self, key: str) -> bool:
        """Tell whether the run was to execute a step, or the template that stands for it."""
        chosen = self.step_keys
        return (
            chosen is None or key in chosen or template_key(key) in chosen or key in self._templates
        )

    def has_settled(self, key: str) -> bool:
        """Tell whether a step needs no other try: it succeeded, or was rightly left out."""
        return key in self.succeeded or key in self.skipped

    def line(self) -> Iterator[PastRun]:
        """Yield the run and those that it continued, the latest first."""
        one: PastRun | None = self
        while one is not None:
            yield one
            one = one.parent

    def last_meant(self, key: str) -> PastRun | None:
        """Return the latest run that was to execute a step."""
        return next((one for one in self.line() if one.meant(key)), None)
