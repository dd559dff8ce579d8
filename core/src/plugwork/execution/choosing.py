"""Which executor drives a run, and whether it can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from plugwork.abc.executor import (
    Executor,
    ExecutorRequirement,
    InitExecutorContext,
    StepExecutor,
)
from plugwork.abc.specs import KINDS, ExecutorSpec, Kind
from plugwork.definitions.executor import ExecutorDefinition, multi_or_in_process_executor
from plugwork.definitions.implied import stays_in_memory
from plugwork.definitions.requirements import op_definitions
from plugwork.errors import UnmetExecutorRequirementsError

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition
    from plugwork.instance import Instance
    from plugwork.model import Run

IN_PROCESS = "in_process"
MULTIPROCESS = "multiprocess"
_BY_INSTANCE = "named by the instance"


@attrs.frozen
class Choice:
    """An executor, and why it was chosen."""

    executor: Executor
    name: str
    #: For people: ``named by the job``.
    reason: str


def choose_executor(
    instance: Instance,
    job: JobDefinition,
    run: Run,
    run_config: Mapping[str, Any],
    definition: ExecutorDefinition,
) -> Choice:
    """Make the executor of a run.

    The job's own comes first; then the one that the instance's configuration names; then
    ``multiprocess`` where it is installed and the run can be given to other processes; else
    ``in_process``. Its routes, and plugins, may name others for some of the steps.

    :raises UnmetExecutorRequirementsError: when the job or the instance lacks what it needs.
    :raises PluginError: when it is not installed, or broken.
    """
    # The run config speaks of the job's own executor, not of one that takes its place.
    own = definition is job.executor_def
    choice = _choose(instance, job, run, run_config, definition, own)
    return _routed(choice, instance, job, run) if own else choice


def _routed(choice: Choice, instance: Instance, job: JobDefinition, run: Run) -> Choice:
    """Let other executors run some of the steps, if settings or plugins may say so."""
    own, hooks = choice.executor, instance.hooks
    if not isinstance(own, StepExecutor):
        return choice
    if not hooks.selects_executors and not (own.settings is not None and own.settings.routes):
        return choice
    from plugwork.execution.routing import RoutedExecutor

    routed = RoutedExecutor(
        choice.name,
        own,
        instance.host.names(Kind.EXECUTOR),
        lambda name, settings: _from_plugin(instance, job, run, name, settings),
        hooks.select_executor,
    )
    return attrs.evolve(choice, executor=routed)


def _choose(
    instance: Instance,
    job: JobDefinition,
    run: Run,
    run_config: Mapping[str, Any],
    definition: ExecutorDefinition,
    own: bool,
) -> Choice:
    config = run_config.get("execution", {}).get("config") if own else None
    if definition is not multi_or_in_process_executor and definition.executor_creation_fn:
        _check(definition.get_requirements(config), definition.name, instance, job, run)
        context = InitExecutorContext(job, definition, config or {}, instance)
        made = definition.executor_creation_fn(context)
        return Choice(made, definition.name, "named by the job")
    name, reason = _named(instance, definition, run)
    named = instance.config.components.get(KINDS[Kind.EXECUTOR].key)
    if reason == _BY_INSTANCE and named is not None and named.class_data is not None:
        return Choice(named.class_data.rehydrate(Executor, instance.resolver), name, reason)
    return Choice(_from_plugin(instance, job, run, name, config), name, reason)


def _named(instance: Instance, definition: ExecutorDefinition, run: Run) -> tuple[str, str]:
    if definition is not multi_or_in_process_executor:
        return definition.name, "named by the job"
    configured = instance.configured_name(Kind.EXECUTOR)
    if configured is not None:
        return configured, _BY_INSTANCE
    can_leave = instance.is_persistent and run.job_code_origin is not None
    if can_leave and MULTIPROCESS in instance.host.names(Kind.EXECUTOR):
        return MULTIPROCESS, "the default for a job that other processes can load"
    return IN_PROCESS, "the default"


def _from_plugin(
    instance: Instance,
    job: JobDefinition,
    run: Run,
    name: str,
    config: Mapping[str, Any] | None,
) -> Executor:
    spec = instance.host.spec(Kind.EXECUTOR, name)
    if isinstance(spec, ExecutorSpec):
        _check(spec.requirements, name, instance, job, run)
    settings = instance.settings_of(Kind.EXECUTOR, name, config)
    definition = ExecutorDefinition(name)
    context = InitExecutorContext(job, definition, config or {}, instance)
    made: Executor = instance.host.create(Kind.EXECUTOR, name, settings, context)
    return made


def _check(
    requirements: list[ExecutorRequirement] | tuple[ExecutorRequirement, ...],
    name: str,
    instance: Instance,
    job: JobDefinition,
    run: Run,
) -> None:
    lacks = []
    if ExecutorRequirement.RECONSTRUCTABLE_JOB in requirements and run.job_code_origin is None:
        lacks.append("a job that other processes can load: run it from its file or module")
    if ExecutorRequirement.NON_EPHEMERAL_INSTANCE in requirements and not instance.is_persistent:
        lacks.append("an instance with a home directory: set PLUGWORK_HOME")
    if ExecutorRequirement.PERSISTENT_OUTPUTS in requirements:
        keys = _keys_in_memory(instance, job)
        if keys:
            lacks.append(f"outputs that other processes can read: bind another {keys[0]!r}")
    if lacks:
        raise UnmetExecutorRequirementsError(
            f"executor {name!r} needs {' and '.join(lacks)}; or choose the executor in_process"
        )


def _keys_in_memory(instance: Instance, job: JobDefinition) -> list[str]:
    """Return the keys of IO managers whose values no other process can read."""
    used = {out.io_manager_key for one in op_definitions(job.graph_def) for out in one.output_defs}
    resources, persistent = job.resource_defs, instance.is_persistent
    return [key for key in sorted(used) if stays_in_memory(key, resources.get(key), persistent)]
