"""Steps, summed up from their attempts."""

from __future__ import annotations

from collections.abc import Sequence

from plugwork.model import StepAttempt, StepStats, StepStatus


def group_attempts(run_id: str, attempts: Sequence[StepAttempt]) -> list[StepStats]:
    """Return one record a step, in the order of the first attempts given."""
    by_step: dict[str, list[StepAttempt]] = {}
    for attempt in attempts:
        by_step.setdefault(attempt.step_key, []).append(attempt)
    return [_stats(run_id, key, tries) for key, tries in by_step.items()]


def _stats(run_id: str, step_key: str, tries: list[StepAttempt]) -> StepStats:
    tries = sorted(tries, key=lambda attempt: attempt.attempt)
    last = tries[-1]
    # A step that waits for its next attempt is still under way.
    waiting = last.status is StepStatus.UP_FOR_RETRY
    return StepStats(
        run_id=run_id,
        step_key=step_key,
        status=StepStatus.IN_PROGRESS if waiting else last.status,
        start_time=tries[0].started,
        end_time=None if waiting else last.ended,
        attempts=0 if last.status is StepStatus.SKIPPED else last.attempt,
        attempts_list=tuple(tries),
    )
