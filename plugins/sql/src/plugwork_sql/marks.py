"""Which events an index finds by their type."""

from __future__ import annotations

from plugwork.model import EventType

#: What every step writes. A log is dense in them, and an index of them would cost more than the
#: rest of the row. Changing this set needs a migration: the mark stands in the rows.
ORDINARY = frozenset(
    {
        EventType.STEP_START,
        EventType.LOADED_INPUT,
        EventType.STEP_INPUT,
        EventType.STEP_OUTPUT,
        EventType.HANDLED_OUTPUT,
        EventType.STEP_SUCCESS,
        EventType.LOGS_CAPTURED,
        EventType.STEP_WORKER_STARTING,
        EventType.STEP_WORKER_STARTED,
        EventType.RESOURCE_INIT_STARTED,
        EventType.RESOURCE_INIT_SUCCESS,
        EventType.HOOK_COMPLETED,
        EventType.HOOK_SKIPPED,
    }
)
#: Event type -> its mark in the table; types that are not here have none.
MARKS: dict[str | None, int] = {kind.value: 1 for kind in EventType if kind not in ORDINARY}
