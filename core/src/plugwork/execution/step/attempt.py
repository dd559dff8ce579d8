"""One attempt of one step: load, check, compute, store, tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.boundary import user_code_error_boundary
from plugwork.definitions.events import DynamicOutput, Output
from plugwork.definitions.signature import FunctionKind
from plugwork.errors import (
    ExecutionInterruptedError,
    StepExecutionError,
    StepOutputNotFoundError,
)
from plugwork.execution.running import RUNNING
from plugwork.execution.step.compute import (
    Phases,
    Result,
    checked_item,
    declared_output,
    results_of,
)
from plugwork.execution.step.failing import Verdict, judge
from plugwork.execution.step.inputs import load_inputs
from plugwork.execution.step.op_context import OpExecutionContext
from plugwork.execution.step.outputs import give_output
from plugwork.execution.step.step_context import StepExecutionContext
from plugwork.model.asset_payloads import AssetObservationData, StepMaterializationData
from plugwork.model.assets import AssetMaterialization, AssetObservation
from plugwork.model.enums import EventType
from plugwork.model.payloads import (
    LogRange,
    StepFailureData,
    StepRetryData,
    StepSuccessData,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping

    from plugwork.definitions.outputs import OutputDefinition
    from plugwork.execution.step.step_runner import StepRunner
    from plugwork.model import Event, Record
    from plugwork.plan import ExecutionStep

_INTERRUPTS = (ExecutionInterruptedError, KeyboardInterrupt)

#: What an async generator that has ended gives.
_NO_MORE = object()


async def _next_of(items: AsyncGenerator[Any]) -> Any:
    return await anext(items, _NO_MORE)


async def _closed(items: AsyncGenerator[Any]) -> None:
    await items.aclose()


class Attempt(StepExecutionContext):
    """Runs a step once. Its events stand in :attr:`events`; those of hooks follow the one that
    ends the attempt.

    :param runner: what the steps of this process share.
    :param number: from 1.
    """

    __slots__ = (
        "_context",
        "_emitted",
        "error",
        "events",
        "interrupt",
        "kept",
    )

    def __init__(self, runner: StepRunner, step: ExecutionStep, number: int) -> None:
        super().__init__(runner, step, number)
        self.events: list[Event] = []
        #: What to raise after the events: an interrupt, or the user's error on request.
        self.interrupt: BaseException | None = None
        #: What the attempt raised.
        self.error: BaseException | None = None
        #: (output name, mapping key) -> value and metadata; for the hooks of a step that has some.
        self.kept: dict[tuple[str, str | None], tuple[Any, Mapping[str, Any]]] | None = (
            {} if step.hooks else None
        )
        self._emitted: set[tuple[str, str | None]] = set()
        self._context: OpExecutionContext | None = None

    @property
    def context(self) -> OpExecutionContext:
        """What the op's function gets."""
        if self._context is None:
            self._context = OpExecutionContext(self)
        return self._context

    def perform(self) -> None:
        """Run the attempt to its end in this thread; what fails is told by an event, not raised."""
        self.runner.run_phases(self.phases())

    def phases(self) -> Phases:
        """Run the attempt piece by piece, as :meth:`perform` does.

        What it yields is user code to be awaited, on whatever loop; its outcome is sent back, or
        what it raised thrown in. The pieces between are no coroutine's: they may block.
        """
        runner = self.runner
        started = runner.clock.monotonic()
        key = self.step.key
        logs = runner.capture.begin(key, self.number)
        RUNNING.set(self)
        try:
            if self.number == 1:
                self.tell(EventType.STEP_START, None, f'Started step "{key}".')
            else:
                self.tell(
                    EventType.STEP_RESTARTED, None, f'Started attempt {self.number} of "{key}".'
                )
            try:
                yield from self._work()
            except BaseException as error:  # noqa: BLE001 - told by the attempt's last event
                self._end(error, runner.capture.range_since(logs))
            else:
                took = (runner.clock.monotonic() - started) * 1000
                data = StepSuccessData(round(took, 3), runner.capture.range_since(logs))
                self.tell(EventType.STEP_SUCCESS, data, f'Finished step "{key}" in {took:.0f} ms.')
            runner.emitter.flush()
            if self.step.hooks and not isinstance(self.interrupt, _INTERRUPTS):
                from plugwork.execution.step.hooks import run_hooks  # few steps have hooks

                run_hooks(self)
        finally:
            RUNNING.set(None)

    def tell(
        self, event_type: EventType, payload: Record | None = None, message: str | None = None
    ) -> Event:
        """Write an event of this attempt."""
        event = self.runner.emitter.emit(event_type, payload, message, self.step.key, self.number)
        self.events.append(event)
        return event

    def has_given(self, output_name: str, mapping_key: str | None) -> bool:
        """Whether an output was given in this attempt."""
        return (output_name, mapping_key) in self._emitted

    def tell_asset_event(self, told: AssetMaterialization | AssetObservation) -> None:
        """Write what the op tells of an asset."""
        if isinstance(told, AssetMaterialization):
            self.tell(EventType.ASSET_MATERIALIZATION, StepMaterializationData(told))
        else:
            self.tell(EventType.ASSET_OBSERVATION, AssetObservationData(told))

    def _work(self) -> Phases:
        inputs = load_inputs(self)
        definition = self.step.op_def
        returned = self._call(inputs)
        kind = definition.signature.kind
        if kind is FunctionKind.ASYNC_GENERATOR:
            yield from self._drain(returned)
        elif kind is FunctionKind.ASYNC:
            with self._user_code():
                returned = yield returned
            self._take(results_of(definition, returned))
        else:
            self._take(results_of(definition, returned))
        for out in definition.output_defs:
            if not out.is_dynamic and (out.name, None) not in self._emitted:
                self._missing(out)

    def _take(self, results: Generator[Result]) -> None:
        """Handle results until there are none."""
        try:
            while (result := self._next(results)) is not None:
                self._handle(result)
        except BaseException:
            self._close(results)
            raise

    def _drain(self, items: AsyncGenerator[Any]) -> Phases:
        """Handle what an async generator yields until it ends; it is closed whatever happens."""
        try:
            while True:
                with self._user_code():
                    item = yield _next_of(items)
                if item is _NO_MORE:
                    return
                self._handle(checked_item(self.step.op_def, item))
        except BaseException:
            with self._user_code():
                yield _closed(items)
            raise

    def _call(self, inputs: Mapping[str, Any]) -> Any:
        signature = self.step.op_def.signature
        with self._user_code():
            if signature.is_plain and not signature.takes_context:
                return signature.fn(**inputs)
            return signature.call(self.context, inputs, self.step.config, self.resources)

    def _next(self, results: Generator[Result]) -> Result | None:
        """Ask the user's code for its next output."""
        with self._user_code():
            return next(results, None)

    def _close(self, results: Generator[Result]) -> None:
        """Let a generator whose output was refused come to its ``finally`` blocks now."""
        with self._user_code():
            results.close()

    def _user_code(self) -> user_code_error_boundary:
        return user_code_error_boundary(StepExecutionError, self._what_failed, **self._names())

    def _what_failed(self) -> str:
        return f'Error occurred while executing op "{self.step.op_def.name}":'

    def _names(self) -> dict[str, Any]:
        step = self.step
        return {
            "step_key": step.key,
            "op_name": step.name,
            "op_def_name": step.op_def.name,
        }

    def _handle(self, result: Result) -> None:
        if isinstance(result, AssetMaterialization | AssetObservation):
            self.tell_asset_event(result)
        else:
            self._output(result)

    def _output(self, result: Output[Any] | DynamicOutput[Any]) -> None:
        out, mapping_key = declared_output(self.step.op_def, result, self._emitted)
        self._emitted.add((out.name, mapping_key))
        added = self.take_metadata(out.name, mapping_key)
        metadata = {**(result.metadata or {}), **added}
        tags = version = None
        if isinstance(result, Output):
            tags, version = result.tags, result.data_version
        give_output(self, out, result.value, mapping_key, metadata, tags, version)
        if self.runner.report is not None:
            self.runner.report_outputs(self)

    def _missing(self, out: OutputDefinition) -> None:
        if out.type.is_nothing:
            self._output(Output(None, out.name))
        elif out.is_required:
            raise StepOutputNotFoundError(step_key=self.step.key, output_name=out.name)
        else:
            self.runner.context.absent.add((self.step.key, out.name))

    def _judge(self, error: BaseException) -> Verdict:
        runner = self.runner
        try:
            return judge(error, self.step, self.number, runner.retry_mode, runner.random)
        except Exception as wrong:  # noqa: BLE001 - what the error carries cannot be told; this can
            return judge(wrong, self.step, self.number, runner.retry_mode, runner.random)

    def _end(self, error: BaseException, logs: LogRange | None) -> None:
        """Tell how the attempt failed, and what follows."""
        self.error = error
        if isinstance(error, _INTERRUPTS):
            self.runner.context.on_interrupt()
            self.interrupt = error
        verdict = self._judge(error)
        if verdict.wait is not None:
            data = StepRetryData(verdict.error, verdict.wait or None, logs)
            self.tell(EventType.STEP_UP_FOR_RETRY, data, verdict.message)
            return
        failure = StepFailureData(verdict.error, verdict.user_failure, verdict.source, logs)
        self.tell(EventType.STEP_FAILURE, failure, verdict.message)
        if self.interrupt is None and self.runner.raise_on_error:
            self.interrupt = verdict.to_raise
