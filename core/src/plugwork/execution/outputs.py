"""Check an output's type, tell of it, and store it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from plugwork.boundary import user_code_error_boundary
from plugwork.definitions.io_manager import OutputContext
from plugwork.errors import HandleOutputError, InvariantViolationError, TypeCheckDidNotPass
from plugwork.execution.type_checks import check_value
from plugwork.model.enums import EventType
from plugwork.model.payloads import HandledOutputData, StepOutputData, StepOutputHandle

if TYPE_CHECKING:
    from plugwork.definitions.outputs import OutputDefinition
    from plugwork.execution.attempt import Attempt
    from plugwork.model.data_version import DataVersion


def give_output(
    attempt: Attempt,
    out: OutputDefinition,
    value: Any,
    mapping_key: str | None,
    metadata: Mapping[str, Any],
    tags: Mapping[str, str] | None,
    version: DataVersion | None = None,
) -> None:
    """Check, tell and store one output.

    :raises TypeCheckDidNotPass: when the value is not of the output's type; it is not stored.
    :raises HandleOutputError: when it could not be stored.
    """
    key = attempt.step.key
    check = check_value(attempt, out.type, value, f'output "{out.name}"')
    typed = typed_metadata(metadata)
    handle = StepOutputHandle(key, out.name, mapping_key)
    data = StepOutputData(handle, check, typed, tags, version.value if version else None)
    attempt.tell(EventType.STEP_OUTPUT, data, f'Gave output "{out.name}".')
    if not check.success:
        raise TypeCheckDidNotPass(
            f'output "{out.name}" of step "{key}": {check.description}', check.metadata, out.type
        )
    if attempt.runner.captured is not None:
        attempt.runner.captured[key, out.name, mapping_key] = value
    if attempt.kept is not None:
        attempt.kept[out.name, mapping_key] = value, typed
    if not out.type.is_nothing:
        _store(attempt, out, value, mapping_key, typed)


def _store(
    attempt: Attempt,
    out: OutputDefinition,
    value: Any,
    mapping_key: str | None,
    metadata: Mapping[str, Any],
) -> None:
    runner, key = attempt.runner, attempt.step.key
    context = OutputContext(
        step_key=key,
        name=out.name,
        job_name=runner.job.name,
        run_id=runner.run.run_id,
        definition_metadata=out.metadata,
        mapping_key=mapping_key,
        type=out.type,
        op_def=attempt.step.op_def,
        resource_config=runner.resource_config.get(out.io_manager_key),
        output_metadata=metadata,
        step_context=attempt,
        manager_key=out.io_manager_key,
    )
    manager = runner.resources[out.io_manager_key]
    with user_code_error_boundary(
        HandleOutputError, lambda: _failed(out), step_key=key, output_name=out.name
    ):
        returned = manager.handle_output(context, value)
        told = _told(returned) if returned is not None else {}
    handled = typed_metadata({**told, **context.consume_metadata()})
    attempt.tell(
        EventType.HANDLED_OUTPUT,
        HandledOutputData(out.name, out.io_manager_key, handled),
        f'Stored output "{out.name}".',
    )


def _told(returned: Any) -> dict[str, Any]:
    """Read what an IO manager returned or yielded: mappings of metadata."""
    items = returned if isinstance(returned, Iterable) else (returned,)
    items = (returned,) if isinstance(returned, Mapping) else items
    found: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, Mapping):
            raise InvariantViolationError(
                f"handle_output gave {item!r}; it returns nothing, or a mapping of metadata"
            )
        found.update(item)
    return found


def typed_metadata(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give metadata its typed form; the empty one costs nothing."""
    if not metadata:
        return metadata
    from plugwork.model.metadata import normalize_metadata  # thirty classes; few steps need them

    return normalize_metadata(metadata)


def _failed(out: OutputDefinition) -> str:
    return f'Error occurred while storing output "{out.name}":'
