"""What an op's function gets as ``context``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.errors import InvariantViolationError
from plugwork.execution.resources import ScopedResources
from plugwork.model.assets import AssetMaterialization, AssetObservation

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition
    from plugwork.definitions.op import OpDefinition
    from plugwork.execution.attempt import Attempt
    from plugwork.execution.log import LogManager
    from plugwork.instance import Instance
    from plugwork.model import Run


class OpExecutionContext:
    """The run, the step and what they offer, for one attempt. Not to be kept after it."""

    __slots__ = ("_added", "_attempt", "_log", "_resources")

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._log: LogManager | None = None
        self._resources: ScopedResources | None = None
        self._added: dict[tuple[str, str | None], dict[str, Any]] = {}

    @property
    def log(self) -> LogManager:
        """A standard logger whose lines stand in the run's log, under this step."""
        if self._log is None:
            attempt = self._attempt
            self._log = attempt.runner.log(attempt.step.key, attempt.number)
        return self._log

    @property
    def resources(self) -> ScopedResources:
        """The resources that the op requires, as attributes."""
        if self._resources is None:
            attempt = self._attempt
            self._resources = ScopedResources(
                attempt.runner.resources, attempt.step.op_def.required_resource_keys
            )
        return self._resources

    @property
    def op_config(self) -> Any:
        """The op's config: plain values, or an object of its ``Config`` class."""
        return self._attempt.step.config

    @property
    def run(self) -> Run:
        return self._attempt.runner.run

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def run_config(self) -> Mapping[str, Any]:
        return self.run.run_config

    @property
    def instance(self) -> Instance:
        return self._attempt.runner.instance

    @property
    def job_def(self) -> JobDefinition:
        return self._attempt.runner.job

    @property
    def job_name(self) -> str:
        return self.run.job_name

    @property
    def op_def(self) -> OpDefinition:
        return self._attempt.step.op_def

    @property
    def step_key(self) -> str:
        return self._attempt.step.key

    @property
    def retry_number(self) -> int:
        """How often the step was tried before: 0 in its first attempt."""
        return self._attempt.number - 1

    def get_mapping_key(self) -> str | None:
        """The key of the dynamic output that this step is mapped over; None elsewhere."""
        return self._attempt.step.mapping_key

    def has_tag(self, key: str) -> bool:
        return key in self.run.tags

    def get_tag(self, key: str) -> str | None:
        return self.run.tags.get(key)

    def log_event(self, event: AssetMaterialization | AssetObservation) -> None:
        """Put an asset event into the run's log at once.

        :raises InvariantViolationError: for anything else.
        """
        if not isinstance(event, AssetMaterialization | AssetObservation):
            raise InvariantViolationError(
                f"log_event takes an AssetMaterialization or AssetObservation, got {event!r}"
            )
        self._attempt.tell_asset_event(event)

    def add_output_metadata(
        self,
        metadata: Mapping[str, Any],
        output_name: str | None = None,
        mapping_key: str | None = None,
    ) -> None:
        """Tell more about an output that is given after this call.

        :param output_name: which output; may be left out when the op has one.
        :raises InvariantViolationError: when it is not clear which, or there is none such.
        """
        outs = self.op_def.output_dict
        if output_name is None and len(outs) == 1:
            output_name = next(iter(outs))
        if output_name not in outs:
            raise InvariantViolationError(
                f"op {self.op_def.name!r} has no output {output_name!r}; it has: {', '.join(outs)}"
            )
        if self._attempt.has_given(output_name, mapping_key):
            raise InvariantViolationError(
                f"output {output_name!r} of op {self.op_def.name!r} was given already; add its "
                "metadata before, or give it with the Output"
            )
        self._added.setdefault((output_name, mapping_key), {}).update(metadata)

    def take_metadata(self, output_name: str, mapping_key: str | None) -> dict[str, Any]:
        """Return what was added for an output, once."""
        return self._added.pop((output_name, mapping_key), {}) if self._added else {}
