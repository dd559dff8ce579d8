"""What a run gave."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from plugwork.errors import InvariantViolationError
from plugwork.execution.results.outputs_of_nodes import NodeOutputs
from plugwork.execution.results.result_events import ResultEvents

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition
    from plugwork.execution.results.stored_outputs import StoredOutputs
    from plugwork.execution.step.step_runner import Captured
    from plugwork.model import Event, Run

#: Step key, output name, mapping key.
OutputKey = tuple[str, str, "str | None"]


class ExecutionResult(ResultEvents, ABC):
    """The outcome of a run: success, events, and the values of outputs.

    :param event_list: of the run and its steps, in order.
    """

    def __init__(self, job_def: JobDefinition, event_list: Sequence[Event], run: Run) -> None:
        self._job_def = job_def
        self._events = event_list
        self._run = run

    @property
    def job_def(self) -> JobDefinition:
        return self._job_def

    @property
    def run(self) -> Run:
        """The run as stored at its end."""
        return self._run

    @property
    def run_id(self) -> str:
        return self._run.run_id

    @property
    def success(self) -> bool:
        return self._run.is_success

    @property
    def all_events(self) -> Sequence[Event]:
        """Every event of the run, in order."""
        return self._events

    def output_value(self, output_name: str = "result") -> Any:
        """Return the value of an output of the job itself.

        :raises InvariantViolationError: when the job has no such output, or the run did not give
            it.
        """
        return self._found(self._outputs.of_job(output_name), f"job {self.job_def.name!r}")

    def output_for_node(self, node_str: str, output_name: str = "result") -> Any:
        """Return the value of an output.

        :param node_str: the path of an op or graph in the job: ``add``, ``g.add``.
        :returns: for a dynamic output, or a step that is mapped, a dictionary by mapping key.
        :raises InvariantViolationError: when there is no such node, or it gave no such output.
        """
        return self._found(self._outputs.of_node(node_str, output_name), f"node {node_str!r}")

    @property
    def _outputs(self) -> NodeOutputs:
        return NodeOutputs(self._job_def.graph_def)

    def _found(self, source: tuple[str, str], what: str) -> Any:
        """Return the value of an op's output: one, or by mapping key."""
        path, output_name = source
        given = self._given()
        if (path, output_name, None) in given:
            return self._value(path, output_name, None)
        found = {}
        for step_key, name, mapping_key in given:
            key, _, mapped_over = step_key.partition("[")
            if name == output_name and key == path:
                value = self._value(step_key, name, mapping_key)
                found[mapping_key or mapped_over.rstrip("]")] = value
        if not found:
            raise InvariantViolationError(
                f"{what} gave no output {output_name!r} in run {self.run_id}"
            )
        return found

    @abstractmethod
    def _given(self) -> Collection[OutputKey]:
        """Return step key, output name and mapping key of every output that has a value."""

    @abstractmethod
    def _value(self, step_key: str, output_name: str, mapping_key: str | None) -> Any:
        """Return the value of an output that was given."""


class ExecuteInProcessResult(ExecutionResult):
    """The outcome of ``job.execute_in_process``.

    :param event_list: of the run and its steps, in order.
    :param output_capture: the values of all outputs.
    """

    def __init__(
        self,
        event_list: Sequence[Event],
        run: Run,
        output_capture: Captured,
        job_def: JobDefinition,
    ) -> None:
        super().__init__(job_def, event_list, run)
        self._captured = output_capture

    def _given(self) -> Collection[OutputKey]:
        return self._captured

    def _value(self, step_key: str, output_name: str, mapping_key: str | None) -> Any:
        return self._captured[step_key, output_name, mapping_key]


class JobExecutionResult(ExecutionResult):
    """The outcome of :func:`execute_job`.

    The values of outputs are loaded from where the run stored them, inside a ``with`` block only:
    the resources that load them live as long as it::

        with execute_job(reconstructable(nightly), instance) as result:
            result.output_for_node("add")

    :param reconstruct_context: loads what was stored; a context manager.
    :param event_list: of the run and its steps, in order.
    """

    def __init__(
        self,
        job_def: JobDefinition,
        reconstruct_context: StoredOutputs,
        event_list: Sequence[Event],
        run: Run,
    ) -> None:
        super().__init__(job_def, event_list, run)
        self._stored = reconstruct_context
        self._is_open = False

    def __enter__(self) -> Self:
        self._stored.__enter__()
        self._is_open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open = False
        self._stored.__exit__(kind, error, trace)

    def _given(self) -> Collection[OutputKey]:
        if not self._is_open:
            raise InvariantViolationError(
                "the values of stored outputs are loaded inside a 'with' block: "
                "with execute_job(...) as result: ..."
            )
        return self._stored.given(self._events)

    def _value(self, step_key: str, output_name: str, mapping_key: str | None) -> Any:
        return self._stored.load(step_key, output_name, mapping_key)
