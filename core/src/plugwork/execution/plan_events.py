"""What the scheduler of a run decides by itself: steps skipped, abandoned, kept waiting."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from plugwork.model.enums import EventType

if TYPE_CHECKING:
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.model import Event
    from plugwork.plan import ActiveExecution


def write_plan_events(context: PlanOrchestrationContext, active: ActiveExecution) -> list[Event]:
    """Write STEP_SKIPPED for steps that lack an input, and a line for those that lost an upstream.

    And an engine event for a pool that keeps steps waiting.

    Skips cascade: what a skipped step feeds is decided in the same call.
    """
    emitter = context.emitter
    events: list[Event] = []
    while steps := active.get_steps_to_skip():
        for step in steps:
            text = f'Skipping step "{step.key}": an input has no value.'
            emitter.line(logging.INFO, text, step.key)
            event = emitter.emit(
                EventType.STEP_SKIPPED, None, f'Skipped step "{step.key}".', step.key, 1
            )
            context.absent.add((step.key, None))
            events.append(event)
    while steps := active.get_steps_to_abandon():
        for step in steps:
            failed, abandoned = active.broken_upstream(step)
            why = f"{', '.join(failed)} failed" if failed else f"{', '.join(abandoned)} did not run"
            text = f'Not running step "{step.key}": {why}.'
            emitter.line(logging.ERROR, text, step.key)
    for key, pool in active.take_blocked():
        text = f'Step "{key}" is blocked by limit for pool "{pool}": it waits for a slot.'
        events.append(emitter.engine(text, step_key=key, metadata={"pool": pool}))
    if events:
        emitter.flush()
    return events
