"""Load a step's inputs, and check their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.boundary import user_code_error_boundary
from plugwork.definitions.io_manager import InputContext, OutputContext
from plugwork.errors import (
    InvariantViolationError,
    LoadInputError,
    TypeCheckDidNotPass,
    TypeLoadingError,
)
from plugwork.execution.step.outputs import typed_metadata
from plugwork.execution.step.type_checks import check_value, loader_context
from plugwork.model.enums import EventType
from plugwork.model.payloads import LoadedInputData, StepInputData
from plugwork.plan.sources import (
    FromConfig,
    FromDefaultValue,
    FromInputManager,
    FromMultipleSources,
    FromStepOutput,
    Source,
)

if TYPE_CHECKING:
    from plugwork.execution.step.attempt import Attempt
    from plugwork.plan import StepInput

#: Stands for a source without value, which a fan-in leaves out.
_ABSENT = object()


def load_inputs(attempt: Attempt) -> dict[str, Any]:
    """Return the values of a step's inputs by name; those of type Nothing are left out.

    :raises LoadInputError: when a value could not be loaded.
    :raises TypeCheckDidNotPass: when a value is not of the input's type.
    """
    values: dict[str, Any] = {}
    for one in attempt.step.inputs:
        if not one.is_nothing:
            values[one.name] = _load(attempt, one, one.source)
    for one in attempt.step.inputs:
        if one.name in values:
            _check(attempt, one, values[one.name])
    return values


def _load(attempt: Attempt, one: StepInput, source: Source) -> Any:
    if isinstance(source, FromStepOutput):
        return _load_output(attempt, one, source)
    if isinstance(source, FromMultipleSources):
        loaded = [_load_member(attempt, one, member) for member in source.sources]
        return [value for value in loaded if value is not _ABSENT]
    if isinstance(source, FromDefaultValue):
        return source.value
    if isinstance(source, FromConfig):
        return _load_config(attempt, one, source)
    if isinstance(source, FromInputManager):
        return _call_manager(attempt, one, source.manager_key, None)
    raise InvariantViolationError(f"input {one.name!r} of {attempt.step.key!r} is not resolved")


def _load_config(attempt: Attempt, one: StepInput, source: FromConfig) -> Any:
    context = loader_context(attempt, one.type)
    with user_code_error_boundary(TypeLoadingError, lambda: _failed(one)):
        return source.load(context)


def _load_member(attempt: Attempt, one: StepInput, member: Source) -> Any:
    """Load one member of a fan-in, if the step that feeds it gave a value."""
    missing = isinstance(member, FromStepOutput) and not attempt.runner.has_output(member.handle)
    return _ABSENT if missing else _load(attempt, one, member)


def _load_output(attempt: Attempt, one: StepInput, source: FromStepOutput) -> Any:
    runner, handle = attempt.runner, source.handle
    upstream = runner.plan.step(handle.step_key)
    out = upstream.op_def.output_dict[handle.output_name]
    context = OutputContext(
        step_key=handle.step_key,
        name=handle.output_name,
        job_name=runner.job.name,
        run_id=runner.producing_run_id(handle),
        definition_metadata=out.metadata,
        mapping_key=handle.mapping_key,
        config=upstream.manager_config.get(("outputs", handle.output_name)),
        type=out.type,
        op_def=upstream.op_def,
        resource_config=runner.resource_config.get(source.manager_key),
        step_context=attempt,
        manager_key=source.manager_key,
    )
    key = one.definition.input_manager_key or source.manager_key
    return _call_manager(attempt, one, key, context)


def _call_manager(
    attempt: Attempt, one: StepInput, manager_key: str, upstream: OutputContext | None
) -> Any:
    runner = attempt.runner
    context = InputContext(
        name=one.name,
        job_name=runner.job.name,
        op_def=attempt.step.op_def,
        config=attempt.step.manager_config.get(("inputs", one.name)),
        definition_metadata=one.definition.metadata,
        upstream_output=upstream,
        type=one.type,
        resource_config=runner.resource_config.get(manager_key),
        step_context=attempt,
        manager_key=manager_key,
    )
    manager = runner.resources[manager_key]
    with user_code_error_boundary(LoadInputError, lambda: _failed(one), **_names(attempt, one)):
        value = manager.load_input(context)
    attempt.tell(
        EventType.LOADED_INPUT,
        LoadedInputData(
            one.name,
            manager_key,
            upstream.name if upstream is not None else None,
            upstream.step_key if upstream is not None else None,
            typed_metadata(context.get_logged_metadata()),
        ),
        f'Loaded input "{one.name}".',
    )
    return value


def _check(attempt: Attempt, one: StepInput, value: Any) -> None:
    check = check_value(attempt, one.type, value, f'input "{one.name}"')
    attempt.tell(EventType.STEP_INPUT, StepInputData(one.name, check), f'Got input "{one.name}".')
    if not check.success:
        raise TypeCheckDidNotPass(
            f'input "{one.name}" of step "{attempt.step.key}": {check.description}',
            check.metadata,
            one.type,
        )


def _failed(one: StepInput) -> str:
    return f'Error occurred while loading input "{one.name}":'


def _names(attempt: Attempt, one: StepInput) -> dict[str, Any]:
    return {"step_key": attempt.step.key, "input_name": one.name}
