"""What an op's function gets as ``context``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.execution.step.asset_access import AssetAccess

if TYPE_CHECKING:
    import pdb  # noqa: T100 - for an annotation

    from plugwork.definitions.job import JobDefinition
    from plugwork.definitions.op import OpDefinition
    from plugwork.execution.log import LogManager
    from plugwork.execution.resources import ScopedResources
    from plugwork.execution.step.step_context import StepExecutionContext
    from plugwork.instance import Instance
    from plugwork.model import AssetMaterialization, AssetObservation, Run


class OpExecutionContext(AssetAccess):
    """The run, the step and what they offer, for one attempt. Not to be kept after it.

    In a unit test, make one with :func:`plugwork.build_op_context`.
    """

    __slots__ = ()

    def __init__(self, step_execution_context: StepExecutionContext) -> None:
        self._step = step_execution_context

    def get_step_execution_context(self) -> StepExecutionContext:
        """Return what this context takes its answers from."""
        return self._step

    @property
    def log(self) -> LogManager:
        """A standard logger whose lines stand in the run's log, under this step."""
        return self._step.log

    @property
    def resources(self) -> ScopedResources:
        """The resources that the op requires, as attributes."""
        return self._step.resources

    @property
    def op_config(self) -> Any:
        """The op's config: plain values, or an object of its ``Config`` class."""
        return self._step.op_config

    @property
    def run(self) -> Run:
        return self._step.run

    @property
    def run_id(self) -> str:
        return self._step.run_id

    @property
    def run_config(self) -> Mapping[str, Any]:
        return self._step.run_config

    @property
    def run_tags(self) -> Mapping[str, str]:
        return self._step.run_tags

    @property
    def instance(self) -> Instance:
        return self._step.instance

    @property
    def job_def(self) -> JobDefinition:
        return self._step.job_def

    @property
    def job_name(self) -> str:
        return self._step.job_name

    @property
    def location_name(self) -> str | None:
        """The code location that the run was launched from; None for a run of this process."""
        return None

    @property
    def op_def(self) -> OpDefinition:
        return self._step.op_def

    @property
    def step_key(self) -> str:
        return self._step.step_key

    @property
    def retry_number(self) -> int:
        """How often the step was tried before: 0 in its first attempt."""
        return self._step.previous_attempt_count

    @property
    def selected_output_names(self) -> frozenset[str]:
        """The outputs that the step may give."""
        return self._step.selected_output_names

    @property
    def pdb(self) -> pdb.Pdb:
        """A debugger on the terminal, although the step's output is captured.

        ``context.pdb.set_trace()`` stops there; for runs in a process that has a terminal.
        """
        from plugwork.execution.step.debugger import TerminalDebugger

        return TerminalDebugger()

    def describe_op(self) -> str:
        """Name the op for a message, with the graphs around it."""
        return self._step.describe_op()

    def get_mapping_key(self) -> str | None:
        """The key of the dynamic output that this step is mapped over; None elsewhere."""
        return self._step.get_mapping_key()

    def has_tag(self, key: str) -> bool:
        return self._step.has_tag(key)

    def get_tag(self, key: str) -> str | None:
        return self._step.get_tag(key)

    def log_event(self, event: AssetMaterialization | AssetObservation) -> None:
        """Put an asset event into the run's log at once.

        :raises InvariantViolationError: for anything else.
        """
        self._step.log_event(event)

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
        self._step.add_output_metadata(metadata, output_name, mapping_key)
