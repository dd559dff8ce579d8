"""What a process must know of the rest of a run to execute a part of its plan."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import attrs

from plugwork.model.payloads import StepOutputHandle

#: step -> output -> mapping keys in the order in which they were yielded; None: skipped.
DynamicMappings = Mapping[str, Mapping[str, "list[str] | None"]]


@attrs.frozen
class PastExecutionState:
    """Which outputs an ancestor run holds."""

    run_id: str
    produced_outputs: frozenset[StepOutputHandle]
    parent_state: PastExecutionState | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "run_id": self.run_id,
            "produced_outputs": _pack(self.produced_outputs),
            "parent_state": self.parent_state.to_dict() if self.parent_state else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PastExecutionState:
        """Read what :meth:`to_dict` returned."""
        parent = data["parent_state"]
        return cls(
            data["run_id"],
            _unpack(data["produced_outputs"]),
            cls.from_dict(parent) if parent else None,
        )


@attrs.frozen
class KnownExecutionState:
    """What has happened in the run so far, and in the runs that it continues."""

    #: step -> attempts that failed.
    previous_retry_attempts: Mapping[str, int] = attrs.field(factory=dict)
    dynamic_mappings: DynamicMappings = attrs.field(factory=dict)
    #: Outputs that exist already.
    ready_outputs: Set[StepOutputHandle] = frozenset()
    parent_state: PastExecutionState | None = None
    #: Versions of outputs, where a step tells them.
    step_output_versions: Mapping[StepOutputHandle, str] = attrs.field(factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "previous_retry_attempts": dict(self.previous_retry_attempts),
            "dynamic_mappings": {key: dict(made) for key, made in self.dynamic_mappings.items()},
            "step_output_versions": [
                [*_parts(one), version] for one, version in self.step_output_versions.items()
            ],
            "ready_outputs": _pack(self.ready_outputs),
            "parent_state": self.parent_state.to_dict() if self.parent_state else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> KnownExecutionState:
        """Read what :meth:`to_dict` returned."""
        parent = data["parent_state"]
        return cls(
            data["previous_retry_attempts"],
            data["dynamic_mappings"],
            _unpack(data["ready_outputs"]),
            PastExecutionState.from_dict(parent) if parent else None,
            {StepOutputHandle(*parts): version for *parts, version in data["step_output_versions"]},
        )


def _pack(handles: Set[StepOutputHandle]) -> list[list[str | None]]:
    return sorted((_parts(one) for one in handles), key=repr)


def _parts(one: StepOutputHandle) -> list[str | None]:
    return [one.step_key, one.output_name, one.mapping_key]


def _unpack(packed: list[list[Any]]) -> frozenset[StepOutputHandle]:
    return frozenset(StepOutputHandle(*parts) for parts in packed)
