"""Making a plan: walking the graph of a job, depth first, and turning each op into a step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.hook_binding import joined_hooks
from plugwork.definitions.inputs import InputDefinition
from plugwork.definitions.loaders import input_config
from plugwork.definitions.manager_config import manager_config, manager_fields
from plugwork.definitions.node import Collect, Dependency, GraphInput, Node, NodeOutput
from plugwork.definitions.op import OpDefinition
from plugwork.definitions.outputs import OutputDefinition
from plugwork.definitions.run_config import resolve_run_config, validate_run_config
from plugwork.errors import InvalidDefinitionError
from plugwork.model.payloads import StepOutputHandle
from plugwork.plan.known_state import KnownExecutionState
from plugwork.plan.plan import ExecutionPlan
from plugwork.plan.sources import (
    FromConfig,
    FromDefaultValue,
    FromDynamicCollect,
    FromInputManager,
    FromMultipleSources,
    FromPendingDynamic,
    FromStepOutput,
    Source,
    unresolved_of,
)
from plugwork.plan.step import ExecutionStep, StepInput, StepKind

if TYPE_CHECKING:
    from plugwork.config.places import Positions
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.job import JobDefinition


def create_plan(
    job: JobDefinition,
    run_config: Mapping[str, Any] | None = None,
    step_keys_to_execute: Collection[str] | None = None,
    known_state: KnownExecutionState | None = None,
    tags: Mapping[str, str] | None = None,
    positions: Positions | None = None,
) -> ExecutionPlan:
    """Make the plan of a job.

    :param run_config: laid over the job's own.
    :param step_keys_to_execute: a part of the steps; None for all.
    :param known_state: what earlier attempts, processes or runs have made.
    :param tags: of the run.
    :param positions: tells where each value of the run config stands, when it came from a file.
    :raises InvalidConfigError: with every problem of the run config.
    :raises InvalidDefinitionError: when a resource is missing.
    :raises ExecutionStepNotFoundError: for step keys that the job does not have.
    """
    job.check_resources()
    checked = validate_run_config(job, run_config, positions)
    resolved = resolve_run_config(job, checked, positions)
    if job.config_mapping is not None or job.graph_def.maps_config:
        from plugwork.definitions.mapped_config import without_mappings

        resolved = without_mappings(job, checked, resolved)
    return ExecutionPlan(
        job,
        _Walker(job).steps(resolved),
        checked,
        resolved,
        step_keys_to_execute,
        known_state,
        tags,
    )


class _Point:
    """An output of a node, as an output of a step.

    :param origin: the dynamic output that it is, or is mapped over.
    """

    __slots__ = ("definition", "origin", "step_key")

    def __init__(
        self, step_key: str, definition: OutputDefinition, origin: tuple[str, str] | None
    ) -> None:
        self.step_key = step_key
        self.definition = definition
        self.origin = origin

    def source(self) -> Source:
        out = self.definition
        if self.origin is None:
            handle = StepOutputHandle(self.step_key, out.name)
            return FromStepOutput(handle, out.io_manager_key, out.is_required)
        return FromPendingDynamic(
            self.origin, self.step_key, out.name, out.io_manager_key, out.is_required
        )

    def collected(self) -> Source:
        out = self.definition
        if self.origin is None:  # A selection left out the dynamic output above it.
            return FromMultipleSources((self.source(),))
        return FromDynamicCollect(
            self.origin, self.step_key, out.name, out.io_manager_key, out.is_required
        )


class _Scope:
    """One graph during the walk.

    :param path: names of the nodes down to the graph.
    :param hooks: of the nodes down to the graph and of the job, the innermost first.
    :param given: what feeds the graph's own inputs.
    :param config: of the graph's nodes.
    """

    __slots__ = ("config", "given", "graph", "hooks", "path", "points")

    def __init__(
        self,
        graph: GraphDefinition,
        path: tuple[str, ...],
        hooks: tuple[HookDefinition, ...],
        given: Mapping[str, Source],
        config: Mapping[str, Any],
    ) -> None:
        self.graph = graph
        self.path = path
        self.hooks = hooks
        self.given = given
        self.config = config
        self.points: dict[tuple[str, str], _Point] = {}

    def hooks_of(self, node: Node) -> tuple[HookDefinition, ...]:
        """Return the hooks that run for the steps of a node."""
        return joined_hooks(node.hooks, self.hooks) if node.hooks else self.hooks

    def source(self, dependency: Dependency) -> Source | None:
        """Return what feeds an input; None for a graph input that nothing feeds."""
        if isinstance(dependency, NodeOutput):
            return self.points[dependency.node, dependency.output].source()
        if isinstance(dependency, GraphInput):
            return self.given.get(dependency.name)
        if isinstance(dependency, Collect):
            point = self.points[dependency.source.node, dependency.source.output]
            return point.collected()
        members = [self.source(one) for one in dependency.sources]
        return FromMultipleSources(tuple(one for one in members if one is not None))


class _Walker:
    """Walks a job's graph."""

    def __init__(self, job: JobDefinition) -> None:
        self._job = job
        self._managers = manager_fields(job.resource_defs)

    def steps(self, config: Mapping[str, Any]) -> Iterator[ExecutionStep]:
        job = self._job
        values = {name: FromDefaultValue(value) for name, value in job.input_values.items()}
        unfed = [one for one in job.graph_def.input_defs if one.name not in values]
        given = {**values, **self._unfed(unfed, config.get("inputs", {}))}
        yield from self._graph(
            _Scope(job.graph_def, (), job.hook_defs, given, config.get("ops", {}))
        )

    def _graph(self, scope: _Scope) -> Iterator[ExecutionStep]:
        for node in scope.graph.nodes.values():
            config = scope.config.get(node.name, {})
            sources = self._sources(scope, node, config)
            if isinstance(node.definition, GraphDefinition):
                yield from self._inner(scope, node, node.definition, sources, config)
            elif isinstance(node.definition, OpDefinition):
                yield self._step(scope, node, node.definition, sources, config)

    def _sources(self, scope: _Scope, node: Node, config: Mapping[str, Any]) -> dict[str, Source]:
        found: dict[str, Source] = {}
        unfed: list[InputDefinition] = []
        for one in node.definition.input_defs:
            dependency = node.inputs.get(one.name)
            if dependency is None:
                unfed.append(one)
                continue
            source = scope.source(dependency)
            if source is not None:
                found[one.name] = source
        return {**found, **self._unfed(unfed, config.get("inputs", {}))} if unfed else found

    def _unfed(
        self, inputs: Collection[InputDefinition], config: Mapping[str, Any]
    ) -> dict[str, Source]:
        """Return the sources of inputs that no step feeds."""
        found: dict[str, Source] = {}
        for one in inputs:
            key = one.input_manager_key
            # What config gives to such an input is for its manager.
            managed = key is not None and key in self._managers.get("inputs", {})
            schema = input_config(one.type) if one.name in config and not managed else None
            if schema is not None:
                found[one.name] = FromConfig(schema, config[one.name])
            elif key is not None:
                found[one.name] = FromInputManager(key)
            elif one.has_default_value:
                found[one.name] = FromDefaultValue(one.default_value)
        return found

    def _inner(
        self,
        scope: _Scope,
        node: Node,
        graph: GraphDefinition,
        sources: Mapping[str, Source],
        config: Mapping[str, Any],
    ) -> Iterator[ExecutionStep]:
        path = (*scope.path, node.name)
        inner = _Scope(graph, path, scope.hooks_of(node), sources, config.get("ops", {}))
        yield from self._graph(inner)
        for name, source in graph.output_sources.items():
            scope.points[node.name, name] = inner.points[source.node, source.output]

    def _step(
        self,
        scope: _Scope,
        node: Node,
        definition: OpDefinition,
        sources: Mapping[str, Source],
        config: Mapping[str, Any],
    ) -> ExecutionStep:
        path = (*scope.path, node.name)
        key = ".".join(path) if scope.path else node.name
        kind, origin = _kind(sources.values(), key)
        if origin is not None:
            key = f"{key}[?]"
        for out in definition.output_defs:
            dynamic = (key, out.name) if out.is_dynamic else origin
            scope.points[node.name, out.name] = _Point(key, out, dynamic)
        policy = node.retry_policy or definition.retry_policy or self._job.op_retry_policy
        tags = {**definition.tags, **node.tags} if node.tags else definition.tags
        inputs = tuple(
            StepInput(one, sources[one.name])
            for one in definition.input_defs
            if one.name in sources
        )
        own = _op_config(definition, config)
        hooks = scope.hooks_of(node)
        managed = manager_config(definition, config, self._managers) if self._managers else {}
        return ExecutionStep(
            key,
            path,
            definition,
            inputs,
            tags,
            hooks,
            policy,
            own,
            kind,
            manager_config=managed,
        )


def _op_config(definition: OpDefinition, config: Mapping[str, Any]) -> Any:
    if definition.config_field is None or "config" not in config:
        return None
    return definition.config_field.config_type.construct(config["config"])


def _kind(sources: Collection[Source], key: str) -> tuple[StepKind, tuple[str, str] | None]:
    """Tell the kind of a step, and over which dynamic output it is mapped."""
    unresolved = [
        inner
        for source in sources
        if not isinstance(source, FromStepOutput)
        for inner in unresolved_of(source)
    ]
    if not unresolved:
        return StepKind.COMPUTE, None
    over = {one.origin for one in unresolved if isinstance(one, FromPendingDynamic)}
    if not over:
        return StepKind.UNRESOLVED_COLLECT, None
    if len(over) > 1 or any(isinstance(one, FromDynamicCollect) for one in unresolved):
        raise InvalidDefinitionError(
            f"step {key!r} is mapped over one dynamic output and depends on another mapping too; "
            "collect() that one in a step before"
        )
    return StepKind.UNRESOLVED_MAPPED, next(iter(over))
