"""What is known of a run, folded from its events as they come."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from plugwork.cli.progress.steps import ENDED, GroupView, StepState, StepView
from plugwork.model import EventLogRecord, EventType, RunStatus
from plugwork.model.payloads import (
    EngineEventData,
    StepFailureData,
    StepOutputData,
    StepRetryData,
)
from plugwork.model.run_payloads import RunFailureData
from plugwork.model.state import next_status

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.model import EventLogEntry, Run, SerializableErrorInfo

_T = EventType
_STATES = {
    _T.STEP_START: StepState.RUNNING,
    _T.STEP_RESTARTED: StepState.RUNNING,
    _T.STEP_UP_FOR_RETRY: StepState.RETRYING,
    _T.STEP_SUCCESS: StepState.OK,
    _T.STEP_FAILURE: StepState.FAILED,
    _T.STEP_SKIPPED: StepState.SKIPPED,
}
_TERMINAL = frozenset({_T.RUN_SUCCESS, _T.RUN_FAILURE, _T.RUN_CANCELED})


class RunView:
    """A run and its steps. Not thread-safe: who shares it locks around it.

    :param plan: the snapshot of the run's plan; None: steps are known when they start.
    """

    def __init__(self, run: Run, plan: Mapping[str, Any] | None = None) -> None:
        self.run_id = run.run_id
        self.job_name = run.job_name
        self.status = RunStatus.NOT_STARTED
        #: Seconds since the epoch.
        self.started: float | None = None
        self.ended: float | None = None
        #: What the first engine event says: executor, and why this one.
        self.engine = ""
        #: Of the run itself; also set when a step is to blame.
        self.error: SerializableErrorInfo | None = None
        self.message = ""
        #: Somebody whose events are seen here asked the run to stop.
        self.was_asked_to_stop = False
        self.retries = 0
        self.counts: Counter[StepState] = Counter()
        self.steps: dict[str, StepView] = {}
        #: By the name of the job's node, in plan order.
        self.groups: dict[str, GroupView] = {}
        #: Templates of steps that depend on dynamic outputs, by key.
        self._templates: dict[str, StepView] = {}
        executed = {key: n for n, key in enumerate((plan or {}).get("executed", ()))}
        planned = [step for step in (plan or {}).get("steps", ()) if step["key"] in executed]
        for step in sorted(planned, key=lambda step: executed[step["key"]]):
            self._plan_step(step)

    def _plan_step(self, step: Mapping[str, Any]) -> None:
        view = StepView(step["key"], upstream=tuple(step["upstream"]), op=step["op"])
        if view.key.endswith("[?]"):
            self._templates[view.key] = view
            self.groups.setdefault(view.group, GroupView(view.group)).has_templates = True
        else:
            self._add(view)

    def _add(self, step: StepView) -> StepView:
        self.steps[step.key] = step
        self.counts[step.state] += 1
        self.groups.setdefault(step.group, GroupView(step.group)).add(step)
        return step

    def _move(self, step: StepView, state: StepState) -> None:
        self.counts[step.state] -= 1
        self.counts[state] += 1
        self.groups[step.group].move(step, state)

    @property
    def is_over(self) -> bool:
        return self.ended is not None

    @property
    def done(self) -> int:
        """How many steps have ended."""
        return sum(self.counts[state] for state in ENDED)

    @property
    def total(self) -> int:
        """How many steps are known."""
        return len(self.steps)

    def in_state(self, state: StepState) -> list[StepView]:
        """Return the steps in a state, in plan order."""
        return [step for step in self.steps.values() if step.state is state]

    def first_failure_before(self, step: StepView) -> str | None:
        """Return the failed step that a step depends on, directly or not."""
        seen: set[str] = set()
        waiting = [*step.upstream]
        while waiting:
            key = waiting.pop()
            found = self.steps.get(key) or self._templates.get(key)
            if found is None or key in seen:
                continue
            if found.state is StepState.FAILED:
                return key
            seen.add(key)
            waiting += found.upstream
            waiting += [each.key for each in self._mapped_from(found)]
        return None

    def _mapped_from(self, view: StepView) -> Iterator[StepView]:
        if view.key in self._templates:
            yield from (s for s in self.groups[view.group].steps if s.of_template(view.key))

    def note(self, record: EventLogRecord) -> StepView | None:
        """Take one entry into account; return the step whose state it changed."""
        entry = record.event_log_entry
        kind = entry.event_type
        if kind is None or entry.event is None:
            return None
        self.status = next_status(self.status, kind) or self.status
        if kind in _STATES and entry.step_key is not None:
            return self._note_step(_STATES[kind], entry.step_key, entry)
        data = entry.event.event_specific_data
        if kind is _T.RUN_START:
            self.started = entry.timestamp
        elif kind is _T.RUN_CANCELING:
            self.was_asked_to_stop = True
        elif kind in _TERMINAL:
            self._note_end(entry, data)
        elif isinstance(data, StepOutputData):
            self._note_output(data)
        elif kind is _T.ENGINE_EVENT and isinstance(data, EngineEventData) and not self.engine:
            self.engine = entry.message
        return None

    def _note_step(self, state: StepState, key: str, entry: EventLogEntry) -> StepView:
        step = self.steps.get(key) or self._appeared(key)
        self._move(step, state)
        if state is StepState.RUNNING:
            step.started = entry.timestamp if step.started is None else step.started
            step.ended = None
            step.attempts = max(step.attempts, entry.attempt or 1)
            return step
        step.ended = entry.timestamp
        data = entry.get_event().event_specific_data
        if isinstance(data, StepFailureData | StepRetryData):
            step.error, step.message = data.error, entry.message
            self.retries += isinstance(data, StepRetryData)
        if isinstance(data, StepFailureData) and data.error_source is not None:
            step.source = data.error_source.value
        return step

    def _appeared(self, key: str) -> StepView:
        """Add a step that the plan knows as a template, or not at all."""
        step = StepView(key)
        for template in self._templates.values():
            if step.of_template(template.key):
                step.upstream, step.op = template.upstream, template.op
        return self._add(step)

    def _note_output(self, data: StepOutputData) -> None:
        """A mapping key was given: the steps mapped over it are known from now on."""
        if data.mapping_key is None or not data.type_check_data.success:
            return
        for template in self._templates.values():
            key = f"{template.key[:-2]}{data.mapping_key}]"
            if self._origin(template) == data.step_output_handle.step_key and key not in self.steps:
                self._appeared(key)

    def _origin(self, template: StepView) -> str | None:
        """Return the step whose dynamic output a template waits for; None if there are several."""
        found: set[str] = set()
        waiting = [*template.upstream]
        while waiting:
            key = waiting.pop()
            if key in self._templates:
                waiting += self._templates[key].upstream
            elif key in self.steps:
                found.add(key)
        return found.pop() if len(found) == 1 else None

    def _note_end(self, entry: EventLogEntry, data: object) -> None:
        self.ended = entry.timestamp
        self.message = entry.message
        if isinstance(data, RunFailureData):
            self.error = data.error
        for step in self.steps.values():
            if step.state not in ENDED:
                self._move(step, StepState.NOT_RUN)


def view_of(instance: Instance, run: Run) -> RunView:
    """Return the view of a stored run, before its events."""
    plan_id = run.execution_plan_snapshot_id
    body = instance.run_storage.get_snapshot(plan_id) if plan_id else None
    return RunView(run, json.loads(body) if body else None)
