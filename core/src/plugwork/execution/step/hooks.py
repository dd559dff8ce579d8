"""Call the hooks of a step when an attempt of it has ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from plugwork.boundary import user_code_error_boundary
from plugwork.definitions.hook_context import HookContext
from plugwork.errors import (
    ExecutionInterruptedError,
    HookExecutionError,
    InvariantViolationError,
    UserCodeExecutionError,
)
from plugwork.execution.resources import ScopedResources
from plugwork.model.enums import EventType
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.payloads import HookErroredData

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugwork.definitions.hooks import HookDefinition, HookExecutionResult
    from plugwork.execution.log import LogManager
    from plugwork.execution.step.attempt import Attempt
    from plugwork.instance import Instance
    from plugwork.plan import ExecutionStep


def run_hooks(attempt: Attempt) -> None:
    """Call each hook of the step in order, and tell what became of it; none changes the result.

    The attempt's end is committed before: a hook may tell the world of it. After a signal no
    further hook is called, as the run is to stop.
    """
    ended = EndedStep(attempt)
    events = tuple(attempt.events)
    for hook in attempt.step.hooks:
        try:
            with user_code_error_boundary(HookExecutionError, partial(_failed, hook, attempt)):
                result = hook.hook_fn(HookContext(ended, hook), events)
            _tell_result(attempt, hook, result)
        except (ExecutionInterruptedError, KeyboardInterrupt) as interrupt:
            attempt.runner.context.on_interrupt()
            attempt.interrupt = interrupt
            _tell_error(attempt, interrupt)
            break
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - told by an event, also an exit
            _tell_error(attempt, error)
    attempt.runner.emitter.flush()


def _tell_result(attempt: Attempt, hook: HookDefinition, result: HookExecutionResult) -> None:
    where = f'hook "{hook.name}" of step "{attempt.step.key}"'
    if not hasattr(result, "is_skipped"):
        raise InvariantViolationError(f"{where} returned {result!r}, not a HookExecutionResult")
    if result.is_skipped:
        attempt.tell(EventType.HOOK_SKIPPED, None, f"Skipped {where}.")
    else:
        attempt.tell(EventType.HOOK_COMPLETED, None, f"Called {where}.")


def _tell_error(attempt: Attempt, error: BaseException) -> None:
    data = HookErroredData(SerializableErrorInfo.from_exception(error))
    attempt.tell(EventType.HOOK_ERRORED, data)


def _failed(hook: HookDefinition, attempt: Attempt) -> str:
    return f'Error occurred while calling hook "{hook.name}" of step "{attempt.step.key}":'


class EndedStep:
    """A step whose attempt has ended, as its hooks see it."""

    __slots__ = ("_attempt",)

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    @property
    def job_name(self) -> str:
        return self._attempt.runner.job.name

    @property
    def run_id(self) -> str:
        return self._attempt.runner.run.run_id

    @property
    def step_key(self) -> str:
        return self._attempt.step.key

    @property
    def op(self) -> ExecutionStep:
        return self._attempt.step

    @property
    def op_config(self) -> Any:
        return self._attempt.step.config

    @property
    def instance(self) -> Instance:
        return self._attempt.runner.instance

    @property
    def log(self) -> LogManager:
        return self._attempt.log

    @property
    def op_exception(self) -> BaseException | None:
        error = self._attempt.error
        return error.user_exception if isinstance(error, UserCodeExecutionError) else error

    @property
    def op_output_values(self) -> Mapping[str, Any]:
        return self._given(0)

    @property
    def op_output_metadata(self) -> Mapping[str, Any]:
        return self._given(1)

    def resources_for_hook(self, hook_def: HookDefinition | None) -> ScopedResources:
        keys = hook_def.required_resource_keys if hook_def is not None else ()
        return ScopedResources(self._attempt.runner.resources, keys)

    def _given(self, part: int) -> dict[str, Any]:
        """Return values, or metadata, by output; of a dynamic output by mapping key."""
        found: dict[str, Any] = {}
        for (name, mapping_key), both in (self._attempt.kept or {}).items():
            if mapping_key is None:
                found[name] = both[part]
            else:
                found.setdefault(name, {})[mapping_key] = both[part]
        return found
