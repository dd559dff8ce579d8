"""What the scheduler of a run decides by itself: steps skipped, abandoned, kept waiting."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from plugwork.model.enums import EventType

if TYPE_CHECKING:
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.model import Event
    from plugwork.plan import ActiveExecution, ExecutionStep


def write_plan_events(context: PlanOrchestrationContext, active: ActiveExecution) -> list[Event]:
    """Write STEP_SKIPPED for steps that lack an input, and a line for those that lost an upstream.

    And an engine event for a pool that keeps steps waiting.

    Skips and abandonments cascade: what one of them decides for others is told in the same call.
    """
    emitter = context.emitter
    events: list[Event] = []
    while True:
        if steps := active.get_steps_to_skip():
            events += [_skip(context, step) for step in steps]
        elif steps := active.get_steps_to_abandon():
            for step in steps:
                _abandon(context, active, step)
        else:
            break
    for key, pool in active.take_blocked():
        text = f'Step "{key}" is blocked by limit for pool "{pool}": it waits for a slot.'
        events.append(emitter.engine(text, step_key=key, metadata={"pool": pool}))
    if events:
        emitter.flush()
    return events


def _skip(context: PlanOrchestrationContext, step: ExecutionStep) -> Event:
    emitter = context.emitter
    emitter.line(logging.INFO, f'Skipping step "{step.key}": an input has no value.', step.key)
    context.absent.add((step.key, None))
    return emitter.emit(EventType.STEP_SKIPPED, None, f'Skipped step "{step.key}".', step.key, 1)


def _abandon(
    context: PlanOrchestrationContext, active: ActiveExecution, step: ExecutionStep
) -> None:
    failed, abandoned = active.broken_upstream(step)
    why = f"{', '.join(failed)} failed" if failed else f"{', '.join(abandoned)} did not run"
    context.emitter.line(logging.ERROR, f'Not running step "{step.key}": {why}.', step.key)
