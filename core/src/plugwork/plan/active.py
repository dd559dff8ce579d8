"""The scheduler of the steps of one run: what can run now, what never will."""

from __future__ import annotations

import threading
from collections.abc import Collection
from types import TracebackType
from typing import TYPE_CHECKING, Self

from plugwork.abc.executor import RetryMode
from plugwork.clock import SYSTEM_CLOCK, Clock
from plugwork.errors import (
    CheckError,
    ExecutionInterruptedError,
    InvariantViolationError,
    UnknownStepStateError,
)
from plugwork.model.enums import EventType
from plugwork.model.payloads import StepOutputHandle
from plugwork.plan.known_state import KnownExecutionState
from plugwork.plan.progress import Progress

if TYPE_CHECKING:
    from plugwork.model import Event
    from plugwork.plan.plan import ExecutionPlan
    from plugwork.plan.step import ExecutionStep


class ActiveExecution:
    """Follows a plan through its events. Use it in a ``with`` block, from one thread.

    Each step is in one place: pending (it waits for others), executable, waiting to be tried
    again, in flight, or ended: succeeded, failed, skipped, abandoned, of unknown state.

    :param require_upstream_success: False starts a step as soon as the outputs that it needs
        exist, even if the steps that give them still run.
    :raises InvariantViolationError: on leaving, when steps have not ended.
    :raises ExecutionInterruptedError: on leaving after :meth:`mark_interrupted`, if so.
    :raises UnknownStepStateError: on leaving, when a step ended nobody knows how.
    """

    def __init__(
        self,
        plan: ExecutionPlan,
        retry_mode: RetryMode,
        clock: Clock = SYSTEM_CLOCK,
        *,
        require_upstream_success: bool = True,
    ) -> None:
        self.plan = plan
        self._retry_mode = retry_mode
        self._clock = clock
        self._starts_early = not require_upstream_success
        self._attempts = dict(plan.known_state.previous_retry_attempts)
        self._progress = Progress(plan)
        self._outcomes = self._progress.outcomes
        #: step -> wall-clock time, in seconds.
        self._retry_at: dict[str, float] = {}
        self._in_flight: dict[str, None] = {}
        #: step -> dynamic output -> mapping keys, as they come.
        self._yielded: dict[str, dict[str, list[str]]] = {}
        self._is_open = False
        self._interrupted = False

    def __enter__(self) -> Self:
        self._is_open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._is_open = False
        if error is not None:
            return
        unknown = self._outcomes.unknown
        if self.is_complete and not unknown:
            return
        if self._interrupted:
            raise ExecutionInterruptedError("the run was interrupted before all its steps ended")
        if not self.is_complete:
            raise InvariantViolationError(
                f"execution finished without completing the plan: {self._describe()}"
            )
        raise UnknownStepStateError(f"nobody knows how these steps ended: {_list(unknown)}")

    @property
    def is_complete(self) -> bool:
        """Whether every step has ended."""
        progress = self._progress
        waiting = progress.pending or progress.ready_keys or self._retry_at or self._in_flight
        return not (waiting or progress.to_skip or progress.to_abandon)

    @property
    def in_flight(self) -> list[str]:
        """Keys of the steps that were handed out and have not ended."""
        return list(self._in_flight)

    @property
    def failed(self) -> list[str]:
        """Keys of the steps that failed, in the order in which they did."""
        return list(self._outcomes.failed)

    def previous_attempts(self, step_key: str) -> int:
        """Return how often a step was tried before."""
        return self._attempts.get(step_key, 0)

    def has_output(self, handle: StepOutputHandle) -> bool:
        """Tell whether an output exists."""
        key = (handle.step_key, handle.output_name, handle.mapping_key)
        return key in self._outcomes.outputs

    def get_steps_to_execute(self, limit: int | None = None) -> list[ExecutionStep]:
        """Hand out steps that can run now; they are in flight from here on.

        Higher priority first; then those that could run earlier; then plan order.

        :param limit: how many at most.
        """
        self._check_open()
        self._wake_retries()
        steps: list[ExecutionStep] = []
        while limit is None or len(steps) < limit:
            key = self._progress.pop_ready()
            if key is None:
                break
            self._in_flight[key] = None
            steps.append(self.plan.step(key))
        return steps

    def get_steps_to_skip(self) -> list[ExecutionStep]:
        """Return steps that lack an input which nothing will give; they count as skipped now.

        Call again until nothing comes: what is skipped may skip more.
        """
        self._check_open()
        return self._progress.take_skipped()

    def get_steps_to_abandon(self) -> list[ExecutionStep]:
        """Return steps that a failure keeps from running; they count as abandoned now.

        Call again until nothing comes: what is abandoned may abandon more.
        """
        self._check_open()
        return self._progress.take_abandoned()

    def broken_upstream(self, step: ExecutionStep) -> tuple[list[str], list[str]]:
        """Return the upstream steps of an abandoned step that failed, and that were abandoned."""
        outcomes, upstream = self._outcomes, step.upstream_keys
        failed = [key for key in upstream if key in outcomes.failed or key in outcomes.unknown]
        return failed, [key for key in upstream if key in outcomes.abandoned]

    def handle_event(self, event: Event) -> None:
        """Follow an event of a step.

        :raises CheckError: when the step is not in flight, or the event is not a step's own.
        """
        kind, key = event.event_type, event.step_key
        if key is None:
            return
        data = event.event_specific_data
        if kind is EventType.STEP_OUTPUT:
            self.mark_output(data.step_output_handle)  # type: ignore[union-attr]  # Event checks it
        elif kind is EventType.STEP_SUCCESS:
            self.mark_success(key)
        elif kind is EventType.STEP_FAILURE:
            self.mark_failed(key)
        elif kind is EventType.STEP_UP_FOR_RETRY:
            self.mark_up_for_retry(key, data.seconds_to_wait)  # type: ignore[union-attr]  # as above
        elif kind is EventType.STEP_SKIPPED and key not in self._outcomes.skipped:
            raise CheckError(f"step {key!r} was skipped from outside; only the plan skips steps")

    def mark_output(self, handle: StepOutputHandle) -> None:
        """Record that an output exists."""
        key, name, mapping_key = handle.step_key, handle.output_name, handle.mapping_key
        self._outcomes.outputs.add((key, name, mapping_key))
        if mapping_key is not None:
            self._yielded.setdefault(key, {}).setdefault(name, []).append(mapping_key)
        if self._starts_early:
            self._progress.start_early(key)

    def mark_success(self, step_key: str) -> None:
        """Record that a step succeeded; resolves what waits for its dynamic outputs."""
        self._leave_flight(step_key)
        mapping = self._mapping_of(step_key) if self.plan.is_origin(step_key) else None
        self._progress.end(step_key, self._outcomes.success, mapping)

    def mark_failed(self, step_key: str) -> None:
        """Record that a step failed for good."""
        self._leave_flight(step_key)
        self._progress.end(step_key, self._outcomes.failed)

    def mark_up_for_retry(self, step_key: str, seconds_to_wait: float | None = None) -> None:
        """Record that an attempt failed and another follows.

        :param seconds_to_wait: until then; None tries again at once.
        :raises CheckError: when retries are disabled.
        """
        if self._retry_mode is RetryMode.DISABLED:
            raise CheckError(f"step {step_key!r} asks for a retry, and retries are disabled")
        self._leave_flight(step_key)
        self._attempts[step_key] = self.previous_attempts(step_key) + 1
        self._yielded.pop(step_key, None)
        if self._retry_mode is RetryMode.DEFERRED:
            self._progress.end(step_key, self._outcomes.abandoned)
        elif seconds_to_wait:
            self._retry_at[step_key] = self._clock.now() + seconds_to_wait
        else:
            self._progress.make_ready((step_key,))

    def mark_unknown_state(self, step_key: str) -> None:
        """Record that a step ended and nobody knows how; what depends on it is abandoned."""
        self._leave_flight(step_key)
        self._progress.end(step_key, self._outcomes.unknown)

    def mark_interrupted(self) -> None:
        """Record that the run was told to stop: leaving early is then no defect."""
        self._interrupted = True

    def verify_complete(self, step_key: str) -> bool:
        """Check, when a step's events are over, that one of them ended it.

        :return: False when none did; the step's state is then unknown, and the caller tells so.
        """
        if step_key not in self._in_flight:
            return True
        self.mark_unknown_state(step_key)
        return False

    def seconds_til_ready(self) -> float | None:
        """Return the seconds until the next retry is due; None when none waits."""
        if not self._retry_at:
            return None
        return max(0.0, min(self._retry_at.values()) - self._clock.now())

    def sleep_til_ready(self, wake: threading.Event | None = None) -> None:
        """Wait until the next retry is due.

        :param wake: ends the wait when it is set: an interrupt.
        """
        seconds = self.seconds_til_ready()
        if seconds:
            self._clock.wait(wake or threading.Event(), seconds)

    def get_known_state(self) -> KnownExecutionState:
        """Return what another process must know to execute a part of the plan."""
        known = self.plan.known_state
        return KnownExecutionState(
            dict(self._attempts),
            {**known.dynamic_mappings, **self.plan.dynamic_mappings},
            frozenset(StepOutputHandle(*one) for one in self._outcomes.outputs),
            known.parent_state,
        )

    def _check_open(self) -> None:
        if not self._is_open:
            raise CheckError("an ActiveExecution is used in a 'with' block only")

    def _wake_retries(self) -> None:
        if not self._retry_at:
            return
        now = self._clock.now()
        due = [key for key, when in self._retry_at.items() if when <= now]
        for key in due:
            del self._retry_at[key]
        self._progress.make_ready(due)

    def _leave_flight(self, key: str) -> None:
        if key not in self._in_flight:
            raise CheckError(f"step {key!r} is not running")
        del self._in_flight[key]

    def _mapping_of(self, step_key: str) -> dict[str, list[str] | None]:
        yielded = self._yielded.get(step_key, {})
        return {
            out.name: yielded.get(out.name, [] if out.is_required else None)
            for out in self.plan.step(step_key).outputs
            if out.is_dynamic
        }

    def _describe(self) -> str:
        progress = self._progress
        places: dict[str, Collection[str]] = {
            "pending": progress.pending,
            "executable": progress.ready_keys,
            "to skip": progress.to_skip,
            "to abandon": progress.to_abandon,
            "waiting for a retry": self._retry_at,
            "in flight": self._in_flight,
        }
        return "; ".join(f"{name}: {_list(keys)}" for name, keys in places.items() if keys)


def _list(keys: Collection[str]) -> str:
    return ", ".join(sorted(keys))
