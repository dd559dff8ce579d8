"""The steps of a run, and the nodes of the job that they belong to."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from plugwork.model import SerializableErrorInfo


class StepState(Enum):
    """Where a step stands; the value is its mark."""

    WAITING = "."
    RUNNING = ">"
    RETRYING = "~"
    OK = "v"
    FAILED = "x"
    #: An input has no value, although nothing failed.
    SKIPPED = "-"
    #: A step before it failed, or the run ended first.
    NOT_RUN = "_"


ENDED = frozenset({StepState.OK, StepState.FAILED, StepState.SKIPPED, StepState.NOT_RUN})


@attrs.define
class StepView:
    """One step."""

    key: str
    state: StepState = StepState.WAITING
    upstream: tuple[str, ...] = ()
    op: str | None = None
    #: Seconds since the epoch: of the first attempt, and of the last.
    started: float | None = None
    ended: float | None = None
    attempts: int = 0
    #: Of the last attempt that failed.
    error: SerializableErrorInfo | None = None
    #: What the event says of it.
    message: str = ""
    #: Whose code failed: a stored ``ErrorSource``.
    source: str | None = None

    @property
    def group(self) -> str:
        """The node of the job that the step stems from: ``g`` for ``g.add_2`` and ``g[k0]``."""
        return self.key.partition(".")[0].partition("[")[0]

    def of_template(self, template: str) -> bool:
        """Tell whether this is a step in the place of ``mul[?]``."""
        return self.key.startswith(template[:-2]) and self.key.endswith("]")

    def seconds(self, now: float) -> float | None:
        """Return how long it has run, all attempts together."""
        if self.started is None:
            return None
        return (self.ended if self.ended is not None else now) - self.started


@attrs.define
class GroupView:
    """The steps of one node of the job."""

    name: str
    steps: list[StepView] = attrs.field(factory=list)
    counts: Counter[StepState] = attrs.field(factory=Counter)
    #: More steps may come, when a dynamic output is known.
    has_templates: bool = False

    def add(self, step: StepView) -> None:
        self.steps.append(step)
        self.counts[step.state] += 1

    def move(self, step: StepView, state: StepState) -> None:
        self.counts[step.state] -= 1
        self.counts[state] += 1
        step.state = state

    @property
    def done(self) -> int:
        return sum(self.counts[state] for state in ENDED)

    @property
    def state(self) -> StepState:
        """What the steps together amount to."""
        counts = self.counts
        for state in (StepState.FAILED, StepState.RETRYING, StepState.RUNNING):
            if counts[state]:
                return state
        if self.steps and self.done == len(self.steps):
            for state in (StepState.NOT_RUN, StepState.SKIPPED):
                if counts[state] == len(self.steps):
                    return state
            return StepState.OK
        return StepState.RUNNING if self.done else StepState.WAITING

    def seconds(self, now: float) -> float | None:
        """Return the time from its first start to its last end."""
        starts = [step.started for step in self.steps if step.started is not None]
        if not starts:
            return None
        ends = [step.ended if step.ended is not None else now for step in self.steps]
        return max(ends) - min(starts)
