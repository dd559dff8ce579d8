"""Which steps of an earlier run are executed again, and what is known of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from plugwork.definitions.selection import Clause, checked_clauses, select_keys
from plugwork.errors import InvalidSubsetError
from plugwork.model.payloads import StepOutputHandle
from plugwork.plan.known_state import KnownExecutionState, PastExecutionState
from plugwork.plan.sources import template_key

if TYPE_CHECKING:
    from plugwork.plan.past import PastRun
    from plugwork.plan.plan import ExecutionPlan
    from plugwork.plan.step import ExecutionStep

#: step -> dynamic output -> its mapping keys; None: skipped.
Mappings = dict[str, dict[str, "list[str] | None"]]
#: Chooses steps of a plan whose dynamic outputs are known.
Choose = Callable[["ExecutionPlan"], "set[str]"]


def steps_from_failure(plan: ExecutionPlan, past: PastRun) -> set[str]:
    """Return the steps that failed, ended nobody knows how or never ran, and what follows them.

    Steps that the earlier run was not to execute are left out.
    """
    again: set[str] = set()
    for step in plan.steps:
        if not past.meant(step.key):
            continue
        if not past.has_settled(step.key) or not again.isdisjoint(step.upstream_keys):
            again.add(step.key)
    return again


def selected_steps(plan: ExecutionPlan, clauses: Sequence[str]) -> set[str]:
    """Return the steps that a selection names: ``a``, ``*a``, ``a+``.

    :raises ExecutionStepNotFoundError: for a step that the job does not have.
    :raises InvalidSubsetError: for text that is no clause.
    """
    upstream = {step.key: step.upstream_keys for step in plan.steps}
    named = [Clause(text).key for text in checked_clauses(clauses) if text != "*"]
    unknown = [key for key in named if key not in upstream]
    if unknown:
        raise plan.unknown(unknown)
    return select_keys(clauses, upstream)


class Continuation:
    """A part of the steps of a job, executed again on what earlier runs left.

    :param make_plan: makes the whole plan of the job, anew with each call.
    :param past: the run that is continued.
    :param choose: tells the steps; a selection may differ when a dynamic step is among them, for
        the steps mapped over its outputs are not known then.
    :raises InvalidSubsetError: when a step reads an output that no earlier run holds.
    """

    def __init__(
        self, make_plan: Callable[[], ExecutionPlan], past: PastRun, choose: Choose
    ) -> None:
        self._past = past
        mappings = _past_mappings(make_plan(), past)
        while True:
            self._plan = make_plan()
            for key, made in mappings.items():
                self._plan.resolve(key, made)
            chosen = choose(self._plan)
            done_again = chosen & mappings.keys()
            if not done_again:
                break
            for key in done_again:
                del mappings[key]
        self._mappings = mappings
        #: In plan order.
        self.step_keys = sorted(chosen, key=self._plan.order_of)
        self.known_state = self._known_state(chosen)

    def why(self) -> dict[str, str]:
        """Return, for people, why each step is executed again or not, in plan order."""
        chosen = set(self.step_keys)
        return {step.key: self._why(step, chosen) for step in self._plan.steps}

    def _why(self, step: ExecutionStep, chosen: Collection[str]) -> str:
        key, past = step.key, self._past
        last = past.last_meant(key)
        if key not in chosen:
            return _why_not(key, last)
        if not past.meant(key):
            return "selected"
        if key in past.failed:
            return "failed before"
        redone = [each for each in step.upstream_keys if each in chosen]
        if redone and key not in past.started:
            return f"not run before; after {redone[0]}"
        if redone:
            return f"downstream of {redone[0]}"
        if key in past.succeeded or key in past.skipped:
            return "selected"
        return "not finished before" if key in past.started else "not run before"

    def _known_state(self, chosen: Collection[str]) -> KnownExecutionState:
        held = _outputs_held(self._past, chosen)
        state: PastExecutionState | None = None
        for run_id, outputs in reversed(held):
            state = PastExecutionState(run_id, outputs, state)
        ready = frozenset().union(*(outputs for _, outputs in held))
        ready |= self._settled_order(chosen, ready)
        return KnownExecutionState({}, self._mappings, ready, state)

    def _settled_order(
        self, chosen: Collection[str], ready: frozenset[StepOutputHandle]
    ) -> set[StepOutputHandle]:
        """Check that what the steps read is there; return what only orders them.

        An output that its step rightly did not give is left to the scheduler: it skips.
        """
        ordering: set[StepOutputHandle] = set()
        for step in (self._plan.step(key) for key in chosen):
            for one in step.inputs:
                for handle in one.source.handles:
                    if handle in ready or handle.step_key in chosen:
                        continue
                    last = self._past.last_meant(handle.step_key)
                    if last is not None and last.has_settled(handle.step_key):
                        continue
                    if not one.is_nothing:
                        raise InvalidSubsetError(_not_held(step.key, handle, self._past, last))
                    ordering.add(handle)
        return ordering


def _past_mappings(plan: ExecutionPlan, past: PastRun) -> Mappings:
    """Return the mapping keys of the dynamic steps that need not run again."""
    found: Mappings = {}
    for step in plan.all_steps:
        if not plan.is_origin(step.key):
            continue
        last = past.last_meant(step.key)
        if last is None or not last.has_settled(step.key):
            continue
        found[step.key] = {
            out.name: _mapping_keys(last, step.key, out.name, out.is_required)
            for out in step.outputs
            if out.is_dynamic
        }
    return found


def _mapping_keys(run: PastRun, key: str, output_name: str, is_required: bool) -> list[str] | None:
    if key in run.skipped:
        return None
    given = [one.mapping_key for one in run.outputs.get(key, ()) if one.output_name == output_name]
    keys = [one for one in given if one is not None]
    return keys if keys or is_required else None


def _outputs_held(
    past: PastRun, chosen: Collection[str]
) -> list[tuple[str, frozenset[StepOutputHandle]]]:
    """Return the outputs that each run of the line holds, the latest run first.

    What a later run was to make anew is not taken from an earlier one.
    """
    found = []
    later: list[PastRun] = []
    for run in past.line():
        keys = [
            key
            for key in run.succeeded
            if key not in chosen
            and template_key(key) not in chosen
            and not any(one.meant(key) for one in later)
        ]
        found.append(
            (run.run_id, frozenset(one for key in keys for one in run.outputs.get(key, ())))
        )
        later.append(run)
    return found


def _why_not(key: str, last: PastRun | None) -> str:
    if last is None:
        return "not asked for"
    if key in last.succeeded:
        return f"kept from run {last.run_id[:8]}"
    return f"skipped in run {last.run_id[:8]}" if key in last.skipped else "not selected"


def _not_held(key: str, handle: StepOutputHandle, past: PastRun, last: PastRun | None) -> str:
    what = f"output {handle.output_name!r} of step {handle.step_key!r}"
    if last is None:
        why = f"no run that {past.run_id} continues was to execute that step, or it was deleted"
    elif handle.step_key in last.failed:
        why = f"that step failed in run {last.run_id}"
    else:
        why = f"that step did not finish in run {last.run_id}"
    return f"step {key!r} reads the {what}, which is not there: {why}; select it too"
