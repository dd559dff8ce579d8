"""What a run has come to so far, for other processes: made anew without copying it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import islice
from typing import TYPE_CHECKING, Any

from plugwork.model.payloads import StepOutputHandle
from plugwork.plan.known_state import DynamicMappings, KnownExecutionState

if TYPE_CHECKING:
    from plugwork.plan.decisions import OutputKey
    from plugwork.plan.plan import ExecutionPlan


class OutputsSoFar(Set[StepOutputHandle]):
    """The outputs that existed at one moment, although more have come since.

    :param outputs: output -> its place; only ever added to.
    """

    __slots__ = ("_count", "_outputs")

    def __init__(self, outputs: Mapping[OutputKey, int]) -> None:
        self._outputs = outputs
        self._count = len(outputs)

    def __contains__(self, handle: object) -> bool:
        if not isinstance(handle, StepOutputHandle):
            return False
        place = self._outputs.get((handle.step_key, handle.output_name, handle.mapping_key))
        return place is not None and place < self._count

    def __iter__(self) -> Iterator[StepOutputHandle]:
        return (StepOutputHandle(*one) for one in islice(self._outputs, self._count))

    def __len__(self) -> int:
        return self._count

    def __reduce__(self) -> tuple[Any, ...]:
        return frozenset, (list(self),)

    def __repr__(self) -> str:
        return f"<OutputsSoFar: {self._count}>"


class KnownSoFar:
    """Makes known states, each in a time that does not grow with the run.

    :param attempts: of the scheduler, which counts on.
    :param outputs: of the scheduler, which adds to them.
    """

    def __init__(
        self, plan: ExecutionPlan, attempts: Mapping[str, int], outputs: Mapping[OutputKey, int]
    ) -> None:
        self._plan = plan
        self._attempts = attempts
        self._outputs = outputs
        self._told_attempts: Mapping[str, int] | None = None
        self._told_mappings: DynamicMappings = {}
        self._mappings: object = None

    def note_retry(self) -> None:
        """Notice that the attempts have changed."""
        self._told_attempts = None

    def take(self) -> KnownExecutionState:
        """Return the state as it is now; what happens later does not change it."""
        known, mappings = self._plan.known_state, self._plan.dynamic_mappings
        if self._told_attempts is None:
            self._told_attempts = dict(self._attempts)
        if mappings is not self._mappings:
            self._mappings = mappings
            self._told_mappings = {**known.dynamic_mappings, **mappings}
        return KnownExecutionState(
            self._told_attempts,
            self._told_mappings,
            OutputsSoFar(self._outputs),
            known.parent_state,
        )
