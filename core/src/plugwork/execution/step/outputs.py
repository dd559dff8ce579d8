"""Check an output's type, tell of it, and store it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from plugwork.boundary import user_code_error_boundary
from plugwork.definitions.io_context import EMPTY
from plugwork.definitions.output_context import OutputContext
from plugwork.errors import HandleOutputError, InvariantViolationError, TypeCheckDidNotPass
from plugwork.execution.step.type_checks import check_value
from plugwork.model.assets import AssetMaterialization
from plugwork.model.enums import EventType
from plugwork.model.payloads import HandledOutputData, StepOutputData, StepOutputHandle

if TYPE_CHECKING:
    from plugwork.definitions.outputs import OutputDefinition
    from plugwork.execution.step.attempt import Attempt
    from plugwork.model.data_version import DataVersion

#: Ends what an IO manager yields.
_END = object()


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
        config=attempt.step.manager_config.get(("outputs", out.name)),
        type=out.type,
        op_def=attempt.step.op_def,
        resource_config=runner.resource_config.get(out.io_manager_key),
        output_metadata=metadata,
        step_context=attempt,
        manager_key=out.io_manager_key,
    )
    manager = runner.resources[out.io_manager_key]
    with _boundary(attempt, out):
        returned = manager.handle_output(context, value)
    told = _told(attempt, out, returned) if returned is not None else EMPTY
    handled = typed_metadata(_joined(told, context.get_logged_metadata(), out, key))
    attempt.tell(
        EventType.HANDLED_OUTPUT,
        HandledOutputData(out.name, out.io_manager_key, handled),
        f'Stored output "{out.name}".',
    )


def _boundary(attempt: Attempt, out: OutputDefinition) -> AbstractContextManager[None]:
    return user_code_error_boundary(
        HandleOutputError, lambda: _failed(out), step_key=attempt.step.key, output_name=out.name
    )


def _told(attempt: Attempt, out: OutputDefinition, returned: Any) -> Mapping[str, Any]:
    """Read what an IO manager returned or yielded: metadata, and events of assets, told as such.

    :raises InvariantViolationError: for anything else.
    """
    items = iter(returned if isinstance(returned, (Iterator, list, tuple)) else (returned,))
    found: dict[str, Any] = {}
    while True:
        with _boundary(attempt, out):
            item = next(items, _END)
        if item is _END:
            return found
        if isinstance(item, AssetMaterialization):
            attempt.tell_asset_event(item)
        elif isinstance(item, Mapping):
            found.update(item)
        else:
            raise InvariantViolationError(
                f'the IO manager "{out.io_manager_key}" of output "{out.name}" of step '
                f'"{attempt.step.key}" gave {item!r}; handle_output returns or yields nothing, a '
                "mapping of metadata or an AssetMaterialization"
            )


def _joined(
    told: Mapping[str, Any], added: Mapping[str, Any], out: OutputDefinition, step_key: str
) -> Mapping[str, Any]:
    if told and added:
        raise InvariantViolationError(
            f'the IO manager "{out.io_manager_key}" of output "{out.name}" of step "{step_key}" '
            "gave metadata both by add_output_metadata() and from handle_output; give all of it in "
            "one of the two ways"
        )
    return told or added


def typed_metadata(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give metadata its typed form; the empty one costs nothing."""
    if not metadata:
        return metadata
    from plugwork.model.metadata import normalize_metadata  # thirty classes; few steps need them

    return normalize_metadata(metadata)


def _failed(out: OutputDefinition) -> str:
    return f'Error occurred while storing output "{out.name}":'
