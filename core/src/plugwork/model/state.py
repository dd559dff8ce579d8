"""The state machine of a run."""

from __future__ import annotations

from collections.abc import Mapping

from plugwork.model.enums import NOT_FINISHED_STATUSES, EventType, RunStatus

_S = RunStatus
_OPEN = NOT_FINISHED_STATUSES | {_S.MANAGED}

#: What an event makes of a run, and from which statuses it may.
TRANSITIONS: Mapping[EventType, tuple[RunStatus, frozenset[RunStatus]]] = {
    EventType.RUN_ENQUEUED: (_S.QUEUED, frozenset({_S.NOT_STARTED, _S.STARTING})),
    EventType.RUN_STARTING: (_S.STARTING, frozenset({_S.NOT_STARTED, _S.QUEUED})),
    EventType.RUN_START: (
        _S.STARTED,
        frozenset({_S.NOT_STARTED, _S.STARTING, _S.MANAGED}),
    ),
    EventType.RUN_RESUMED: (_S.STARTED, frozenset({_S.STARTING, _S.STARTED, _S.SUSPENDED})),
    EventType.RUN_SUSPENDED: (_S.SUSPENDED, frozenset({_S.STARTED})),
    EventType.RUN_CANCELING: (_S.CANCELING, _OPEN - {_S.CANCELING}),
    EventType.RUN_CANCELED: (_S.CANCELED, _OPEN),
    EventType.RUN_SUCCESS: (_S.SUCCESS, frozenset({_S.STARTED, _S.CANCELING, _S.MANAGED})),
    EventType.RUN_FAILURE: (_S.FAILURE, _OPEN),
}


def next_status(current: RunStatus, event_type: EventType | None) -> RunStatus | None:
    """Return the status that an event leads to.

    :returns: ``current`` for an event that changes no status; None for one that is not allowed
        here and must be ignored. Terminal statuses allow none.
    """
    transition = TRANSITIONS.get(event_type) if event_type is not None else None
    if transition is None:
        return current
    target, allowed = transition
    return target if current in allowed else None
