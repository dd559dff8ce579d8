"""A process made ready to run steps: resources, captured output, and a runner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from plugwork.execution.capture import Capture
from plugwork.execution.resources import ResourceSet
from plugwork.execution.step.step_runner import StepRunner
from plugwork.model.enums import EventType
from plugwork.model.error_info import SerializableErrorInfo

if TYPE_CHECKING:
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.model import Event
    from plugwork.plan import ExecutionStep


@contextmanager
def open_steps(
    context: PlanOrchestrationContext,
    step_keys: Sequence[str] | None = None,
    side_by_side: bool = False,
) -> Iterator[StepRunner]:
    """Make resources, capture output, give a runner; undo it all in reverse."""
    plan = context.plan
    steps = plan.steps if step_keys is None else [plan.step(key) for key in step_keys]
    keys = frozenset().union(*{step.resource_keys for step in steps})
    # A process that runs one step says so on the events of its resources.
    only = steps[0].key if len(steps) == 1 else None
    told: list[Event] = []
    with ExitStack() as stack:
        resources = _resources(context, only)
        if keys:
            stack.callback(resources.close)
            told += _open_resources(context, resources, keys, only)
        capture = stack.enter_context(_capture(context, steps, side_by_side))
        told += capture.events
        yield _runner(context, resources, capture, told)


def _capture(
    context: PlanOrchestrationContext, steps: Sequence[ExecutionStep], side_by_side: bool
) -> Capture:
    keys = [step.key for step in steps]
    if not side_by_side:
        return Capture(context, keys)
    from plugwork.execution.routed_output import RoutedCapture  # for few executors

    # Read here to be made once: two threads that need them first would both make them.
    _ = context.job_loggers
    return RoutedCapture(context, keys)


def _resources(context: PlanOrchestrationContext, only: str | None) -> ResourceSet:
    def on_error(key: str, error: Exception) -> None:
        info = SerializableErrorInfo.from_exception(error)
        context.emitter.engine(f'Teardown of resource "{key}" failed.', info, only)

    return ResourceSet(
        context.resource_defs,
        _resource_config(context),
        context.instance,
        context.run,
        lambda: context.log,
        on_error,
        clock=context.clock,
    )


def _resource_config(context: PlanOrchestrationContext) -> dict[str, Any]:
    section = context.run_config.get("resources", {})
    return {key: holder.get("config") for key, holder in section.items()}


def _open_resources(
    context: PlanOrchestrationContext,
    resources: ResourceSet,
    keys: frozenset[str],
    only: str | None,
) -> list[Event]:
    emitter, names = context.emitter, ", ".join(sorted(keys))
    started = emitter.engine(
        f"Making resources [{names}].",
        step_key=only,
        event_type=EventType.RESOURCE_INIT_STARTED,
        marker_start="resources",
    )
    try:
        resources.open(keys)
    except BaseException as error:
        emitter.engine(
            f"Making resources [{names}] failed.",
            SerializableErrorInfo.from_exception(error),
            only,
            event_type=EventType.RESOURCE_INIT_FAILURE,
            marker_end="resources",
        )
        raise
    ended = emitter.engine(
        f"Made resources [{names}].",
        step_key=only,
        metadata=_made(resources),
        event_type=EventType.RESOURCE_INIT_SUCCESS,
        marker_end="resources",
    )
    return [started, ended]


def _made(resources: ResourceSet) -> dict[str, object]:
    """Tell the class of each resource, and how long it took to make it."""
    found: dict[str, object] = {}
    for key, seconds in resources.init_times.items():
        found[key] = type(resources.values[key]).__name__
        found[f"{key}:init_time"] = f"{seconds * 1000:.3f} ms"
    return found


def _runner(
    context: PlanOrchestrationContext,
    resources: ResourceSet,
    capture: Capture,
    told: list[Event],
) -> StepRunner:
    return StepRunner(context, resources.values, _resource_config(context), capture, told)
