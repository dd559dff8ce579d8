"""The scheduler of the steps of one run: what can run now, what never will."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
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
from plugwork.plan.progress import Progress

if TYPE_CHECKING:
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.model import Event
    from plugwork.model.tag_limits import TagLimit
    from plugwork.plan.gates import Gates, Lane, SlotClaims
    from plugwork.plan.known_state import KnownExecutionState
    from plugwork.plan.plan import ExecutionPlan
    from plugwork.plan.so_far import KnownSoFar
    from plugwork.plan.step import ExecutionStep

#: Events that only a step which was started has.
_SIGNS_OF_LIFE = frozenset(
    {
        EventType.STEP_START,
        EventType.STEP_RESTARTED,
        EventType.STEP_OUTPUT,
        EventType.STEP_SUCCESS,
        EventType.STEP_FAILURE,
        EventType.STEP_UP_FOR_RETRY,
    }
)
#: The level of a log line, as :mod:`logging` numbers it.
_ERROR = 40


class ActiveExecution:
    """Follows a plan through its events. Use it in a ``with`` block, from one thread.

    Each step is in one place: pending (it waits for others), executable, waiting to be tried
    again, in flight, or ended: succeeded, failed, skipped, abandoned, of unknown state.

    :param require_upstream_success: False starts a step as soon as the outputs that it needs
        exist, even if the steps that give them still run.
    :param max_concurrent: how many steps are in flight at a time; None: any number.
    :param tag_limits: how many of the steps with a tag are, as ``tag_concurrency_limits`` has it.
    :param claims: takes slots for steps of pools; None: no step has one, or they do not count.
    :param lane: what else limits steps: where they run.
    :param wake: called from any thread when :meth:`get_steps_to_execute` may have something new
        that no event of this run tells of: a slot was given back by another run of this process.
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
        max_concurrent: int | None = None,
        tag_limits: Iterable[TagLimit] = (),
        claims: SlotClaims | None = None,
        lane: Lane | None = None,
        wake: Callable[[], None] = lambda: None,
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
        self._max_concurrent = max_concurrent
        self._gates = self._make_gates(tag_limits, claims, lane, wake)
        self._known: KnownSoFar | None = None
        self._is_open = False
        self._interrupted = False

    def _make_gates(
        self,
        tag_limits: Iterable[TagLimit],
        claims: SlotClaims | None,
        lane: Lane | None,
        wake: Callable[[], None],
    ) -> Gates | None:
        """Return what limits steps; None when nothing does: a run without limits pays nothing."""
        limits = list(tag_limits)
        if not limits and claims is None and lane is None:
            return None
        from plugwork.model.tag_limits import TagCounts
        from plugwork.plan.gates import Gates

        return Gates(self._progress, self._clock, TagCounts(limits), claims, lane, wake)

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
        if self._gates is not None:
            self._gates.close()
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
        if self._max_concurrent is not None:
            room = self._max_concurrent - len(self._in_flight)
            limit = room if limit is None else min(limit, room)
        if self._gates is not None:
            return self._pass_gates(self._gates, limit)
        steps: list[ExecutionStep] = []
        while limit is None or len(steps) < limit:
            key = self._progress.pop_ready()
            if key is None:
                break
            self._in_flight[key] = None
            steps.append(self.plan.step(key))
        return steps

    def _pass_gates(self, gates: Gates, limit: int | None) -> list[ExecutionStep]:
        gates.look()
        steps: list[ExecutionStep] = []
        while limit is None or len(steps) < limit:
            entry = self._progress.pop_entry()
            if entry is None:
                break
            step = self.plan.step(entry[-1])
            if gates.pass_through(entry, step, self.previous_attempts(step.key) + 1):
                self._progress.ready_keys.discard(step.key)
                self._in_flight[step.key] = None
                steps.append(step)
        if not self._in_flight and not self._retry_at and (limit is None or limit > 0):
            gates.check_possible()
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
        elif kind is EventType.RESOURCE_INIT_FAILURE and key in self._in_flight:
            self._give_back(key)
        elif kind is EventType.STEP_SKIPPED and key not in self._outcomes.skipped:
            raise CheckError(f"step {key!r} was skipped from outside; only the plan skips steps")

    def mark_output(self, handle: StepOutputHandle) -> None:
        """Record that an output exists."""
        key, name, mapping_key = handle.step_key, handle.output_name, handle.mapping_key
        self._outcomes.add_output((key, name, mapping_key))
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
        if self._known is not None:
            self._known.note_retry()
        self._yielded.pop(step_key, None)
        if self._retry_mode is RetryMode.DEFERRED:
            self._progress.end(step_key, self._outcomes.abandoned)
        elif seconds_to_wait:
            self._retry_at[step_key] = self._clock.now() + seconds_to_wait
        else:
            self._progress.make_ready((step_key,))

    def mark_unknown_state(self, step_key: str) -> None:
        """Record that a step ended and nobody knows how; what depends on it is abandoned."""
        self._give_back(step_key)
        self._leave_flight(step_key)
        self._progress.end(step_key, self._outcomes.unknown)

    def mark_interrupted(self) -> None:
        """Record that the run was told to stop: leaving early is then no defect."""
        self._interrupted = True

    def verify_complete(self, plan_context: PlanOrchestrationContext, step_key: str) -> bool:
        """Check, when a step's events are over, that one of them ended it.

        When none did, the state of the step is unknown, what depends on it is abandoned, and the
        run's log tells so at level ERROR.

        :return: whether one did.
        """
        if step_key not in self._in_flight:
            return True
        self.mark_unknown_state(step_key)
        text = f'Step "{step_key}" ended without telling how; its state is unknown.'
        plan_context.emitter.line(_ERROR, text, step_key)
        return False

    def seconds_til_ready(self) -> float | None:
        """Return the seconds until something may become ready that no event tells of.

        That is a retry that is due, or the next claim of a slot; None when neither is awaited.
        """
        due: float | None = None
        if self._retry_at:
            due = max(0.0, min(self._retry_at.values()) - self._clock.now())
        check = self._gates.seconds_til_check() if self._gates is not None else None
        if check is None or (due is not None and due < check):
            return due
        return check

    def sleep_til_ready(self, wake: threading.Event | None = None) -> None:
        """Wait until the next retry or claim is due.

        :param wake: ends the wait when it is set: an interrupt.
        """
        seconds = self.seconds_til_ready()
        if seconds:
            self._clock.wait(wake or threading.Event(), seconds)

    def take_blocked(self) -> list[tuple[str, str]]:
        """Return steps that wait for a slot, each with its pool, that the log should tell of now.

        A pool is told of when it first keeps a step waiting, then every five minutes.
        """
        return self._gates.take_untold() if self._gates is not None else []

    def get_known_state(self) -> KnownExecutionState:
        """Return what another process must know to execute a part of the plan."""
        if self._known is None:
            from plugwork.plan.so_far import KnownSoFar  # for executors of other processes

            self._known = KnownSoFar(self.plan, self._attempts, self._outcomes.outputs)
        return self._known.take()

    def rebuild_from_events(self, events: Iterable[Event]) -> list[ExecutionStep]:
        """Follow what an earlier process of the same run told, before anything is handed out.

        Waits for another attempt begin anew, now.

        :param events: of the run's log, in its order.
        :returns: the steps that may still run somewhere: they were started, and nothing ended
            them. They are in flight.
        :raises CheckError: when the events are not of this plan, or steps were handed out.
        """
        self._check_open()
        if self._in_flight:
            raise CheckError("steps have been handed out; events are followed before that")
        for event in events:
            kind, key = event.event_type, event.step_key
            if key is None:
                continue
            if kind is EventType.STEP_SKIPPED:
                while self.get_steps_to_skip():
                    pass
            elif kind in _SIGNS_OF_LIFE and key not in self._in_flight:
                self._start_again(key)
            self.handle_event(event)
        return [self.plan.step(key) for key in self._in_flight]

    def _start_again(self, key: str) -> None:
        """Put a step in flight that an earlier process had started."""
        if self._retry_at.pop(key, None) is None and not self._progress.take_ready(key):
            raise CheckError(f"step {key!r} could not have been started; is the log of this plan?")
        self._in_flight[key] = None
        if self._gates is not None:
            self._gates.force(self.plan.step(key), self.previous_attempts(key) + 1)

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
        if self._gates is not None:
            self._gates.leave(self.plan.step(key))

    def _give_back(self, key: str) -> None:
        if self._gates is not None and key in self._in_flight:
            self._gates.give_back(self.plan.step(key))

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
