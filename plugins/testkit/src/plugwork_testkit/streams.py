"""The events of a run in short words, to compare them with what is expected."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import attrs

from plugwork import EventLogEntry, Instance, Run
from plugwork.model import EventType

#: How events are written in expectations; others stand by their type.
WORDS = {
    EventType.STEP_START: "START",
    EventType.STEP_RESTARTED: "RESTARTED",
    EventType.STEP_UP_FOR_RETRY: "UP_FOR_RETRY",
    EventType.LOADED_INPUT: "LOADED",
    EventType.STEP_INPUT: "INPUT",
    EventType.STEP_OUTPUT: "OUTPUT",
    EventType.HANDLED_OUTPUT: "HANDLED",
    EventType.STEP_SUCCESS: "SUCCESS",
    EventType.STEP_FAILURE: "FAILURE",
    EventType.STEP_SKIPPED: "SKIPPED",
}
#: Words of expectations that stand for two.
PAIRS = {"IN": ("LOADED", "INPUT"), "OUT": ("OUTPUT", "HANDLED")}
#: What executors may tell beside the life of the steps.
MARKERS = frozenset(
    {
        EventType.ENGINE_EVENT,
        EventType.LOGS_CAPTURED,
        EventType.RESOURCE_INIT_STARTED,
        EventType.RESOURCE_INIT_SUCCESS,
        EventType.RESOURCE_INIT_FAILURE,
        EventType.STEP_WORKER_STARTING,
        EventType.STEP_WORKER_STARTED,
    }
)


def expected(*lines: str) -> list[str]:
    """Read lines such as ``"b: START IN OUT SUCCESS"``: one word an event, ``"b:START"``."""
    found = []
    for line in lines:
        step, _, words = line.partition(": ")
        for word in words.split():
            found += [f"{step}:{each}" for each in PAIRS.get(word, (word,))]
    return found


@attrs.frozen
class Told:
    """What the log of a run tells."""

    run: Run
    entries: Sequence[EventLogEntry]

    @classmethod
    def of(cls, instance: Instance, run_id: str) -> Told:
        return cls(instance.require_run(run_id), instance.all_logs(run_id))

    @property
    def types(self) -> list[str]:
        """The types of all events, in order."""
        return [str(entry.event_type) for entry in self.entries if entry.event_type]

    @property
    def steps(self) -> list[str]:
        """The life of all steps, in order: ``"b:START"``."""
        return [
            f"{entry.step_key}:{WORDS.get(entry.event_type, str(entry.event_type))}"
            for entry in self.entries
            if entry.event_type and entry.step_key and entry.event_type not in MARKERS
        ]

    def life_of(self, step_key: str) -> list[EventLogEntry]:
        """Return the events of one step, without those of its process."""
        return [
            entry
            for entry in self.entries
            if entry.step_key == step_key and entry.event_type and entry.event_type not in MARKERS
        ]

    @property
    def abandoned(self) -> set[str]:
        """The steps of which a plain line says that they do not run."""
        return {
            entry.step_key or ""
            for entry in self.entries
            if entry.event_type is None and entry.level == logging.ERROR
        }

    def of_type(self, event_type: EventType) -> list[EventLogEntry]:
        return [entry for entry in self.entries if entry.event_type is event_type]


def by_step(words: Sequence[str]) -> dict[str, list[str]]:
    """Tell the lives of steps apart, whichever ran beside which."""
    found: dict[str, list[str]] = {}
    for word in words:
        step, _, what = word.partition(":")
        found.setdefault(step, []).append(what)
    return found
