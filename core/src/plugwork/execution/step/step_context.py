"""What is known of one attempt of a step, for contexts and for code that runs steps elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.errors import InvariantViolationError
from plugwork.execution.resources import ScopedResources
from plugwork.model.assets import AssetMaterialization, AssetObservation

if TYPE_CHECKING:
    from plugwork.abc.executor import RetryMode
    from plugwork.definitions.job import JobDefinition
    from plugwork.definitions.op import OpDefinition
    from plugwork.definitions.retry import RetryPolicy
    from plugwork.execution.log import LogManager
    from plugwork.execution.step.step_runner import StepRunner
    from plugwork.instance import Instance
    from plugwork.model import Run
    from plugwork.plan import ExecutionStep, KnownExecutionState

#: Tag of a run: the partition that it makes.
PARTITION_TAG = "plugwork/partition"


class StepExecutionContext:
    """One attempt of one step, where its code can run. Not to be kept after it.

    :param runner: what the steps of this process share.
    :param number: the attempt, from 1.
    """

    __slots__ = ("_added", "_log", "_resources", "number", "runner", "step")

    def __init__(self, runner: StepRunner, step: ExecutionStep, number: int = 1) -> None:
        self.runner = runner
        self.step = step
        self.number = number
        self._log: Any = None
        self._resources: Any = None
        self._added: dict[tuple[str, str | None], dict[str, Any]] | None = None

    @property
    def run(self) -> Run:
        return self.runner.run

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def run_config(self) -> Mapping[str, Any]:
        return self.run.run_config

    @property
    def run_tags(self) -> Mapping[str, str]:
        return self.run.tags

    @property
    def job_def(self) -> JobDefinition:
        return self.runner.job

    @property
    def job_name(self) -> str:
        return self.run.job_name

    @property
    def instance(self) -> Instance:
        return self.runner.instance

    @property
    def op_def(self) -> OpDefinition:
        return self.step.op_def

    @property
    def op_config(self) -> Any:
        """The op's config: plain values, or an object of its ``Config`` class."""
        return self.step.config

    @property
    def op_retry_policy(self) -> RetryPolicy | None:
        """When a failed attempt is followed by another; None: never."""
        return self.step.retry_policy

    @property
    def step_key(self) -> str:
        return self.step.key

    @property
    def node_handle(self) -> tuple[str, ...]:
        """The names of the nodes from the job down to the op."""
        return self.step.path

    @property
    def log(self) -> LogManager:
        """A standard logger whose lines stand in the run's log, under this step."""
        if self._log is None:
            self._log = self.runner.log(self.step.key, self.number)
        return self._log  # type: ignore[no-any-return]  # only ever a LogManager

    @property
    def resources(self) -> ScopedResources:
        """The resources that the op requires, as attributes."""
        if self._resources is None:
            keys = self.step.op_def.required_resource_keys
            self._resources = ScopedResources(self.runner.resources, keys)
        return self._resources  # type: ignore[no-any-return]  # only ever ScopedResources

    def resources_for(self, manager_key: str) -> ScopedResources:
        """Return the resources that an IO manager requires."""
        definition = self.runner.context.resource_defs[manager_key]
        return ScopedResources(self.runner.resources, definition.required_resource_keys)

    @property
    def resource_values(self) -> Mapping[str, Any]:
        """Every resource that is open in this process, by key."""
        return self.runner.resources

    @property
    def retry_mode(self) -> RetryMode:
        return self.runner.retry_mode

    @property
    def raise_on_error(self) -> bool:
        return self.runner.raise_on_error

    @property
    def previous_attempt_count(self) -> int:
        """How often the step was tried before: 0 in its first attempt."""
        return self.number - 1

    @property
    def selected_output_names(self) -> frozenset[str]:
        """The outputs that the step may give."""
        return frozenset(self.op_def.output_dict)

    @property
    def has_partition_key(self) -> bool:
        """Whether the run makes one partition."""
        return PARTITION_TAG in self.run_tags

    @property
    def partition_key(self) -> str:
        """The partition that the run makes.

        :raises InvariantViolationError: when it makes none.
        """
        try:
            return self.run_tags[PARTITION_TAG]
        except KeyError:
            raise InvariantViolationError(
                f"{self.describe_op()} asks for the partition key of a run without partition; "
                "ask has_partition_key before"
            ) from None

    def has_tag(self, key: str) -> bool:
        return key in self.run_tags

    def get_tag(self, key: str) -> str | None:
        return self.run_tags.get(key)

    def get_mapping_key(self) -> str | None:
        """The key of the dynamic output that this step is mapped over; None elsewhere."""
        return self.step.mapping_key

    def get_known_state(self) -> KnownExecutionState | None:
        """Return what earlier attempts, processes or runs have made."""
        return self.runner.plan.known_state

    def describe_op(self) -> str:
        """Name the op for a message, with the graphs around it."""
        return f'op "{".".join(self.node_handle)}"'

    def log_event(self, event: AssetMaterialization | AssetObservation) -> None:
        """Put an asset event into the run's log at once.

        :raises InvariantViolationError: for anything else.
        """
        if not isinstance(event, AssetMaterialization | AssetObservation):
            raise InvariantViolationError(
                f"log_event takes an AssetMaterialization or AssetObservation, got {event!r}"
            )
        self.tell_asset_event(event)

    def tell_asset_event(self, told: AssetMaterialization | AssetObservation) -> None:
        """Write what the op tells of an asset."""
        raise InvariantViolationError("events are told only while an attempt runs")

    def has_given(self, output_name: str, mapping_key: str | None) -> bool:
        """Whether an output was given in this attempt."""
        return False

    def add_output_metadata(
        self,
        metadata: Mapping[str, Any],
        output_name: str | None = None,
        mapping_key: str | None = None,
    ) -> None:
        """Tell more about an output that is given after this call.

        :param output_name: which output; may be left out when the op has one.
        :param mapping_key: which value of a dynamic output.
        :raises InvariantViolationError: when it is not clear which, when there is none such, or
            when it was given already.
        """
        outs, named = self.op_def.output_dict, f"op {self.op_def.name!r}"
        if output_name is None and len(outs) == 1:
            output_name = next(iter(outs))
        if output_name not in outs:
            raise InvariantViolationError(
                f"{named} has no output {output_name!r}; it has: {', '.join(outs)}"
            )
        if outs[output_name].is_dynamic != (mapping_key is not None):
            need = "give" if mapping_key is None else "is not dynamic, so do not give"
            raise InvariantViolationError(f"output {output_name!r} of {named}: {need} mapping_key")
        if self.has_given(output_name, mapping_key):
            raise InvariantViolationError(
                f"output {output_name!r} of {named} was given already; add its metadata before, "
                "or give it with the Output"
            )
        if self._added is None:
            self._added = {}
        self._added.setdefault((output_name, mapping_key), {}).update(metadata)

    def take_metadata(self, output_name: str, mapping_key: str | None) -> dict[str, Any]:
        """Return what was added for an output, once."""
        return self._added.pop((output_name, mapping_key), {}) if self._added else {}
