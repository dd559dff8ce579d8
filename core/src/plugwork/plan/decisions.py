"""What becomes of a step, once all steps before it have ended."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

from plugwork.plan.sources import FromMultipleSources, FromSkipped, FromStepOutput, Source

if TYPE_CHECKING:
    from plugwork.model.payloads import StepOutputHandle
    from plugwork.plan.step import ExecutionStep

#: Step key, output name, mapping key.
OutputKey = tuple[str, str, "str | None"]


class Decision(Enum):
    EXECUTE = "execute"
    #: An input will never come, although nothing failed.
    SKIP = "skip"
    #: A step before it failed.
    ABANDON = "abandon"


class Outcomes:
    """How the steps that have ended did, and which outputs exist."""

    __slots__ = ("abandoned", "failed", "outputs", "skipped", "success", "unclean", "unknown")

    def __init__(self, ready_outputs: Iterable[StepOutputHandle] = ()) -> None:
        self.success: dict[str, None] = {}
        self.failed: dict[str, None] = {}
        self.skipped: dict[str, None] = {}
        self.abandoned: dict[str, None] = {}
        self.unknown: dict[str, None] = {}
        #: Each with its place; only ever added to.
        self.outputs: dict[OutputKey, int] = {}
        for one in ready_outputs:
            self.add_output((one.step_key, one.output_name, one.mapping_key))
        #: Steps that did not succeed with all their outputs: only what depends on one of these
        #: needs a closer look.
        self.unclean: set[str] = set()

    def add_output(self, output: OutputKey) -> None:
        """Note that an output exists."""
        self.outputs.setdefault(output, len(self.outputs))

    def has_ended(self, key: str) -> bool:
        return key in self.success or key in self.unclean

    def is_broken(self, key: str) -> bool:
        return key in self.failed or key in self.abandoned or key in self.unknown

    def has_all_outputs(self, step: ExecutionStep) -> bool:
        key, outputs = step.key, self.outputs
        return all(out.is_dynamic or (key, out.name, None) in outputs for out in step.outputs)

    def has_inputs(self, step: ExecutionStep) -> bool:
        """Tell whether every output that a step needs exists."""
        return all(
            (one.step_key, one.output_name, one.mapping_key) in self.outputs
            for given in step.inputs
            for one in given.source.handles
        )

    def will_never_come(self, source: Source) -> bool:
        """Tell whether a source has no value although the steps that should give it did not fail.

        A list lacks only when all its members do.
        """
        if isinstance(source, FromStepOutput):
            one = source.handle
            if (one.step_key, one.output_name, one.mapping_key) in self.outputs:
                return False
            return one.step_key in self.success or one.step_key in self.skipped
        if isinstance(source, FromMultipleSources):
            members = source.sources
            return bool(members) and all(self.will_never_come(one) for one in members)
        return False


def decide(step: ExecutionStep, upstream: tuple[str, ...], outcomes: Outcomes) -> Decision:
    """Decide about a step whose upstream steps have all ended.

    Skipping comes before abandoning: a step that lacks an input is skipped, whatever failed. A
    template is no step yet: when the dynamic step that it waits for failed, there is none to skip.
    """
    lacks = any(isinstance(one.source, FromSkipped) for one in step.inputs)
    if not lacks and step.is_resolved and outcomes.unclean.isdisjoint(upstream):
        return Decision.EXECUTE
    is_broken = any(outcomes.is_broken(key) for key in upstream)
    if is_broken and not step.is_resolved:
        return Decision.ABANDON
    if lacks or any(outcomes.will_never_come(one.source) for one in step.inputs):
        return Decision.SKIP
    if is_broken:
        return Decision.ABANDON
    return Decision.EXECUTE
